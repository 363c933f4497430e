"""What success looks like for both sides, and what we expect of a client, beside the norm where there is one."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from services.action_plans.domain.conversation import Side
from services.action_plans.domain.refusal import NotPossible

ExpectationKind = Literal["outcome", "initiative", "expectation"]


@dataclass(frozen=True)
class Expectation:
    """side: whose expectation it is. norm: what is usual, and how it is here. heard_at: the other side was told."""

    expectation_id: str
    side: Side
    kind: ExpectationKind
    text: str
    author: str
    added_at: datetime
    conversation_id: str | None = None
    norm: str | None = None
    target: str | None = None
    by_day: date | None = None
    heard_at: datetime | None = None
    retracted_at: datetime | None = None
    retracted_why: str | None = None


def hear(known: Expectation, now: datetime) -> Expectation:
    """The other side has heard it."""
    _require_standing(known)
    if known.heard_at is not None:
        raise NotPossible("no_change", "The other side has heard it already.", "it was not yet said")
    return replace(known, heard_at=now)


def retract(known: Expectation, why: str, now: datetime) -> Expectation:
    """Take it back; it stays in the record, with the reason."""
    _require_standing(known)
    return replace(known, retracted_at=now, retracted_why=why)


def _require_standing(known: Expectation) -> None:
    if known.retracted_at is not None:
        raise NotPossible("retracted", "The expectation was taken back.", "the expectation stands")
