"""What health_scoring publishes: the few facts of a customer (health.v1) and its frequent scores (scores.v1)."""

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.event import Contract, DomainEvent, Snapshot
from shared.contracts.fields import Id, Line, Moment, PersonalLine

Band = Literal["green", "yellow", "red", "unknown"]
RiskSeverity = Literal["watch", "risk"]
Points = Annotated[str, Field(pattern=r"^[0-9]{1,3}\.[0-9]{2}$", strict=True)]
Percentage = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False, strict=True)]


class Contribution(Contract):
    """What one measure adds to the score: points out of 100; the points of all measures sum exactly to the score."""

    measure: Id
    points: Points
    weight: Percentage
    value: Percentage
    explanation: Line


class HealthScored(Snapshot):
    """A customer's score now, explained. `score` is absent while the band is unknown for want of any data."""

    type: Literal["HealthScored"] = "HealthScored"
    score: Points | None = None
    band: Band
    confidence: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, strict=True)]
    contributions: tuple[Contribution, ...]


class HealthBandChanged(DomainEvent):
    """The customer's band is another one."""

    type: Literal["HealthBandChanged"] = "HealthBandChanged"
    before: Band
    after: Band
    score: Points | None = None


class Reason(Contract):
    """Why the customer is at risk, in words that a CSM can say aloud; by hand they are a person's own words."""

    code: Id
    text: PersonalLine


class RiskDetected(DomainEvent):
    """An episode of risk opened. `since`: event time of the newest evidence."""

    type: Literal["RiskDetected"] = "RiskDetected"
    episode_id: Id
    severity: RiskSeverity
    reasons: tuple[Reason, ...]
    since: Moment


class RiskUpdated(DomainEvent):
    """The open episode has other reasons or another severity."""

    type: Literal["RiskUpdated"] = "RiskUpdated"
    episode_id: Id
    severity: RiskSeverity
    reasons: tuple[Reason, ...]
    since: Moment


class RiskCleared(DomainEvent):
    """The episode is over: the band is green and no risk rule holds."""

    type: Literal["RiskCleared"] = "RiskCleared"
    episode_id: Id
