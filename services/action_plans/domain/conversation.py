"""Candid conversations: arranged, moved, held or missed; who was there, and whether it was said that it may end."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from services.action_plans.domain.refusal import NotPossible

Side = Literal["us", "customer"]
Channel = Literal["in_person", "phone", "video"]
FURTHEST = timedelta(days=400)


@dataclass(frozen=True)
class Move:
    """A meeting was moved, by which side, and from when."""

    by: Side
    planned_for: datetime
    moved_at: datetime


@dataclass(frozen=True)
class Conversation:
    """A candid conversation. attendees: ids of stakeholders; told: that ending is possible was said."""

    conversation_id: str
    planned_for: datetime
    channel: Channel
    invited: tuple[str, ...]
    state: Literal["planned", "held", "missed"] = "planned"
    moves: tuple[Move, ...] = ()
    held_at: datetime | None = None
    attendees: tuple[str, ...] = ()
    told_ending_possible: bool = False
    notes: str = ""
    missed_by: Side | None = None


def plan(
    conversation_id: str, planned_for: datetime, channel: Channel, invited: Sequence[str], now: datetime
) -> Conversation:
    """Arrange a conversation. Raises NotPossible for a time that has passed, or is more than 400 days ahead."""
    require_ahead(planned_for, now)
    return Conversation(conversation_id, planned_for, channel, tuple(dict.fromkeys(invited)))


def require_ahead(planned_for: datetime, now: datetime) -> None:
    """Raise NotPossible unless a meeting can be planned for that time."""
    if planned_for <= now:
        raise NotPossible("in_the_past", "A meeting cannot be planned for a time that has passed.", "it is ahead")
    if planned_for > now + FURTHEST:
        raise NotPossible("too_far", "A meeting cannot be planned more than 400 days ahead.", "it is within 400 days")


def move(known: Conversation, to: datetime, by: Side, now: datetime) -> Conversation:
    """Move a planned conversation; that it was moved, and by whom, stays in the record."""
    _require_planned(known)
    require_ahead(to, now)
    if to == known.planned_for:
        raise NotPossible("no_change", "The meeting is at that time already.", "it moves to another time")
    return replace(known, planned_for=to, moves=(*known.moves, Move(by, known.planned_for, now)))


def hold(
    known: Conversation,
    held_at: datetime,
    *,
    channel: Channel,
    attendees: Sequence[str],
    told_ending_possible: bool,
    notes: str,
) -> Conversation:
    """Record that it was held. One that took place before the time it was planned for is held as well."""
    _require_planned(known)
    return replace(
        known,
        state="held",
        held_at=held_at,
        channel=channel,
        attendees=tuple(dict.fromkeys(attendees)),
        told_ending_possible=told_ending_possible,
        notes=notes,
    )


def miss(known: Conversation, by: Side) -> Conversation:
    """Record that a side did not come, or called it off ahead of time."""
    _require_planned(known)
    return replace(known, state="missed", missed_by=by)


def _require_planned(known: Conversation) -> None:
    if known.state != "planned":
        raise NotPossible("not_planned", f"The meeting was {known.state} already.", "the meeting is still to come")
