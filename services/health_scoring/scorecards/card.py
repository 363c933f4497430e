"""The form of a card's file: field by field, with what each may hold. What they mean together: card_meaning.py."""

from typing import Annotated, Literal

from pydantic import Field

from services.health_scoring.domain.course import FALL_DAYS
from services.health_scoring.scorecards.fields import Points, Sentence, Text
from services.health_scoring.scorecards.measure import USAGE_WINDOW, Measure
from shared.contracts.upstream import Severity
from shared.yaml_files.fields import Name, Part, Whole
from shared.yaml_files.form import Form

Role = Literal["main", "executive", "sponsor", "user"]


class Group(Part):
    """Measures that belong together; weights of groups are of 100."""

    name: Name
    weight: Annotated[int, Whole(1, 100)]
    measures: Annotated[list[Measure], Field(min_length=1, max_length=50)]


class Thresholds(Part):
    """From how many points on a customer of so many months is green, or yellow; below it is red."""

    from_months: Annotated[int, Whole(0, 600)]
    green: Points
    yellow: Points


class Hold(Part):
    """How many hours a worse band must hold before it counts; and a better one, by how many points."""

    worse_hours: Annotated[int, Whole(0, 720)] = 24
    better_by: Points = Field(default=5, validate_default=True)
    better_hours: Annotated[int, Whole(0, 720)] = 168


class _Rule(Part):
    name: Name
    band: Literal["yellow", "red"]
    severity: Literal["watch", "risk"]
    says: Sentence


class Fall(_Rule):
    """The score has fallen by at least `points` within `days` days."""

    kind: Literal["fall"]
    points: Points
    days: Annotated[int, Whole(*FALL_DAYS)]


class ContactLeft(_Rule):
    """A contact in one of the `roles` has left within `days` days."""

    kind: Literal["contact_left"]
    roles: Annotated[list[Role], Field(min_length=1, max_length=4)]
    days: Annotated[int, Whole(1, 365)]


class OpenTickets(_Rule):
    """At least `count` tickets of these severities are open."""

    kind: Literal["open_tickets"]
    count: Annotated[int, Whole(1, 1000)]
    severities: Annotated[list[Severity], Field(min_length=1, max_length=4)]


class Silence(_Rule):
    """Nothing has been used for `days` days, by a customer who had used something."""

    kind: Literal["silence"]
    days: Annotated[int, Whole(1, USAGE_WINDOW)]


class OnboardingOverdue(_Rule):
    """The implementation is past its norm by at least `days` days."""

    kind: Literal["onboarding_overdue"]
    days: Annotated[int, Whole(1, 3650)]


Rule = Annotated[Fall | ContactLeft | OpenTickets | Silence | OnboardingOverdue, Field(discriminator="kind")]


class Scorecard(Part):
    """A card of health: what is measured, how much it counts, and from where on a customer is green, yellow or red.

    version: raised with every change. segments: of which customers; "*" is everybody whom no other card names.
    known_from: percent of the weight that must be known; below it the band is unknown.
    """

    name: Name
    version: Annotated[int, Whole(1, 10_000)]
    segments: Annotated[list[Text], Field(min_length=1, max_length=50)]
    known_from: Annotated[int, Whole(1, 100)] = 60
    hold: Hold = Field(default={}, validate_default=True)
    thresholds: Annotated[list[Thresholds], Field(min_length=1, max_length=20)]
    rules: Annotated[list[Rule], Field(max_length=50)] = Field(default_factory=list)
    groups: Annotated[list[Group], Field(min_length=1, max_length=20)]


FORM = Form(Scorecard, "card", "docs/architecture/scorecards.md", pair="[number, points]")
