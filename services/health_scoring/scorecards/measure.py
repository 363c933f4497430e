"""The form of a measure in a card's file. What its fields mean together: measure_meaning.py.

Points are written 0 to 100, as people say them; the domain counts hundredths of a point.
"""

from typing import Annotated, Literal

from pydantic import Field

from services.health_scoring.scorecards.fields import UNKNOWN, CurvePoint, PointsOrUnknown, Sentence, Text
from shared.contracts.upstream import Severity, SurveyKind
from shared.yaml_files.fields import Name, Part, Whole

USAGE_WINDOW = 120  # days
WINDOW = 400  # days, of other events and with their baseline: a year and some weeks
ANY = "*"

Event = Literal[
    "UsageRecorded", "TicketOpened", "TicketEscalated", "TicketResolved", "TicketReopened", "SurveyAnswered",
    "MeetingHeld", "MeetingMissed", "InvoiceOverdue", "InvoicePaid", "ContactLeft",
]  # fmt: skip
Days = Annotated[int, Whole(1, WINDOW)]
_UNKNOWN = Field(default=UNKNOWN, validate_default=True)


class Where(Part):
    """Which values events must have to be looked at; a field that is left out may have any."""

    severity: Annotated[list[Severity], Field(min_length=1, max_length=4)] = Field(default_factory=list)
    kind: Annotated[list[SurveyKind], Field(min_length=1, max_length=3)] = Field(default_factory=list)
    by: Annotated[list[Literal["customer", "us"]], Field(min_length=1, max_length=2)] = Field(default_factory=list)


class Source(Part):
    """Which events are looked at. metric: of usage; "*" is every metric there is."""

    events: Annotated[list[Event], Field(min_length=1, max_length=10)]
    metric: Text = ANY
    where: Where = Where()


class Amount(Part):
    """How much, how often, on how many days, by how many users, or of how many metrics, in the last `days` days."""

    kind: Literal["sum", "count", "active_days", "distinct_users", "distinct_metrics"]
    days: Days
    per_seat: bool = False


class DaysSinceLast(Part):
    """How many days ago the latest of the events was."""

    kind: Literal["days_since_last"]


class OpenLoad(Part):
    """What is open now: tickets, each counted by its severity and times `escalated`; or invoices."""

    class Load(Part):
        """What an open ticket of each severity counts."""

        low: Annotated[int, Whole(0, 100)]
        normal: Annotated[int, Whole(0, 100)]
        high: Annotated[int, Whole(0, 100)]
        urgent: Annotated[int, Whole(0, 100)]

    kind: Literal["open_load"]
    load: Load | None = None
    escalated: Annotated[int, Whole(1, 10)] = 1


class OldestOpenDays(Part):
    """For how many days the oldest open ticket has been open, or the oldest unpaid invoice overdue; 0 if none is."""

    kind: Literal["oldest_open_days"]


class HoursToResolve(Part):
    """The hours from opening to resolving, of the tickets resolved in the last `days` days, at a percentile."""

    kind: Literal["hours_to_resolve"]
    days: Days
    percentile: Annotated[int, Whole(1, 100)] = 50


class Share(Part):
    """The events of the source, as a share (0 to 1) of them and of those `among`, in the last `days` days."""

    kind: Literal["share"]
    days: Days
    among: Annotated[list[Event], Field(min_length=2, max_length=10)]


class Score(Part):
    """The mean, or the latest, of the scores of one kind of survey in the last `days` days."""

    kind: Literal["mean", "latest"]
    days: Days


class OnboardingOverdueDays(Part):
    """By how many days the implementation is past its norm. Needs no source: the customer's master data say it."""

    kind: Literal["onboarding_overdue_days"]


Aggregate = Annotated[
    Amount
    | DaysSinceLast
    | OpenLoad
    | OldestOpenDays
    | HoursToResolve
    | Share
    | Score
    | OnboardingOverdueDays,
    Field(discriminator="kind"),
]  # fmt: skip


class Normalise(Part):
    """How the number becomes points.

    curve: [number, points], by rising numbers; straight between two of them (with `step` as the lower one).
    baseline_days: the number is first divided by the customer's own median over so many days before the window.
    baseline_blocks: how many whole windows of them must be known.
    """

    curve: Annotated[list[CurvePoint], Field(min_length=2, max_length=50)]
    step: bool = False
    baseline_days: Annotated[int, Whole(1, WINDOW)] | None = None
    baseline_blocks: Annotated[int, Whole(1, 60)] = 1


class Measure(Part):
    """One measure. weight: against the others of its group. says: a sentence that can be said aloud.

    missing: points where there is nothing to measure. stale: points where nothing is newer than `stale_days`.
    half_life_days: the weight halves with every so many days of age of the newest event.
    """

    name: Name
    weight: Annotated[int, Whole(1, 1000)]
    source: Source | None = None
    aggregate: Aggregate
    normalise: Normalise
    says: Sentence
    missing: PointsOrUnknown = _UNKNOWN
    stale_days: Days | None = None
    stale: PointsOrUnknown = _UNKNOWN
    half_life_days: Annotated[int, Whole(1, 3650)] | None = None
