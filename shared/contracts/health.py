"""What health_scoring publishes: the few facts of a customer (health.v1) and its frequent scores (scores.v1)."""

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.event import Contract, DomainEvent, Snapshot
from shared.contracts.fields import Id, Line, Moment, PersonalLine

Band = Literal["green", "yellow", "red", "unknown"]
KnownBand = Literal["green", "yellow", "red"]
RiskSeverity = Literal["watch", "risk"]
Points = Annotated[str, Field(pattern=r"^[0-9]{1,3}\.[0-9]{2}$", strict=True)]
Difference = Annotated[str, Field(pattern=r"^-?[0-9]{1,3}\.[0-9]{2}$", strict=True)]
Percentage = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False, strict=True)]
Measured = Annotated[float, Field(allow_inf_nan=False, strict=True)]


class Contribution(Contract):
    """What one measure adds to the score: points out of 100; the points of all measures sum exactly to the score.

    weight: its part of the whole, in percent. value: how good the measure is by itself, 0 to 100; absent where nothing
    is known, and `missing` says why. measured: the number behind it; usual: the customer's own baseline.
    """

    measure: Id
    points: Points
    weight: Percentage
    value: Percentage | None = None
    measured: Measured | None = None
    usual: Measured | None = None
    missing: Literal["missing", "stale", "stopped"] | None = None
    explanation: Line


class Trend(Contract):
    """By how many points the score is above (or below) what it usually was 7, 30 and 90 days ago, as far as known."""

    days_7: Difference | None = None
    days_30: Difference | None = None
    days_90: Difference | None = None


class CardVersion(Contract):
    """The scorecard that was used."""

    card: Id
    version: Annotated[int, Field(ge=1, strict=True)]


class Override(Contract):
    """What a person says instead, for a while: shown beside the score, and never in its place."""

    override_id: Id
    band: KnownBand
    by: Id
    expires_at: Moment


class HealthScored(Snapshot):
    """A customer's score now, explained. `score` is absent while nothing is known; the band is then unknown.

    `band_since` is by event time; a band of all the last 35 days, which are looked at, has their beginning.
    """

    type: Literal["HealthScored"] = "HealthScored"
    score: Points | None = None
    band: Band
    band_since: Moment
    confidence: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, strict=True)]
    contributions: tuple[Contribution, ...]
    trend: Trend
    card: CardVersion
    override: Override | None = None


class HealthBandChanged(DomainEvent):
    """The customer's band is another one, `since` by event time."""

    type: Literal["HealthBandChanged"] = "HealthBandChanged"
    before: Band
    after: Band
    since: Moment
    score: Points | None = None


class Evidence(Contract):
    """What a reason stands on: the number, the customer's own baseline, and the newest events behind it by id."""

    value: Measured | None = None
    usual: Measured | None = None
    event_ids: Annotated[tuple[Id, ...], Field(max_length=10)] = ()


class Reason(Contract):
    """Why the customer is at risk, in words that a CSM can say aloud; by hand they are a person's own words."""

    code: Id
    text: PersonalLine
    evidence: Evidence | None = None


class RiskDetected(DomainEvent):
    """An episode of risk opened. `since`: from when on, by event time; of the last 35 days, which are looked at."""

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


class HealthOverridden(DomainEvent):
    """A person says another band, until `expires_at`; the computed one (`computed`) stays, and both are shown."""

    type: Literal["HealthOverridden"] = "HealthOverridden"
    override: Override
    reason: PersonalLine
    computed: Band


class OverrideEnded(DomainEvent):
    """The computed band alone counts again: the word was cleared by a person (`by`), replaced, or its time was over."""

    type: Literal["OverrideEnded"] = "OverrideEnded"
    override_id: Id
    how: Literal["cleared", "replaced", "expired"]
    by: Id | None = None


class RiskCleared(DomainEvent):
    """The episode is over: the band is green and no risk rule holds."""

    type: Literal["RiskCleared"] = "RiskCleared"
    episode_id: Id
