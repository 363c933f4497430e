"""The form of a review policy's file: field by field, with what each may hold."""

from typing import Annotated

from pydantic import Field

from services.transition_review.domain.parts import PartName
from services.transition_review.domain.policy import Reason
from shared.yaml_files.fields import Name, Part, Whole
from shared.yaml_files.form import Form

Days = Annotated[int, Whole(1, 60)]
Money = Annotated[int, Whole(0, 10**12)]


class Team(Part):
    """A team that reviews if any reason holds. parts: those whose change resets it; days: working days that it has."""

    team: Name
    when: Annotated[list[Reason], Field(min_length=1, max_length=6)]
    parts: Annotated[list[PartName], Field(min_length=1, max_length=6)]
    days: Days


class RefundLimit(Part):
    """Up to this recurring revenue a year, refunds over the limit need a look; up_to null: the rest."""

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    up_to: Money | None
    limit: Money


class Policy(Part):
    """Who reviews. remind_days: working days before a team's deadline; escalate_days: after it, to its managers."""

    name: Name
    version: Annotated[int, Whole(1, 10_000)]
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    remind_days: Days
    escalate_days: Days
    teams: Annotated[list[Team], Field(min_length=2, max_length=30)]
    refund_limits: Annotated[list[RefundLimit], Field(max_length=100)]


FORM = Form(Policy, "policy", "docs/architecture/transition-review.md")
