"""How the commitments go: done, missed, waived, or not deliverable. Progress is not part of the terms."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from services.action_plans.domain.refusal import NotPossible
from services.action_plans.domain.terms import Commitment

UNFULFILLED = frozenset({"open", "missed"})
Status = Literal["open", "done", "late", "missed", "waived"]


@dataclass(frozen=True)
class Undeliverable:
    """We cannot do it: why, who of our managers took note, and when the customer was told."""

    cause: str
    by: str
    at: datetime
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    told_at: datetime | None = None

    @property
    def is_settled(self) -> bool:
        """Acknowledged by the manager, and told to the customer."""
        return self.acknowledged_at is not None and self.told_at is not None


@dataclass(frozen=True)
class Progress:
    """Where one commitment stands. on: the day it was done, missed or waived."""

    commitment_id: str
    state: Literal["open", "done", "missed", "waived"] = "open"
    on: date | None = None
    evidence: str | None = None
    cause: str | None = None
    agreed_with: str | None = None
    recorded_by: str | None = None
    undeliverable: Undeliverable | None = None


def status(commitment: Commitment, progress: Progress, today: date) -> Status:
    """Return how both sides read it: open after its day is late, and so is what was done after it."""
    if progress.state == "open":
        return "late" if today > commitment.due_on else "open"
    if progress.state == "done" and progress.on is not None and progress.on > commitment.due_on:
        return "late"
    return progress.state


def days_late(commitment: Commitment, progress: Progress, today: date) -> int:
    """Return by how many days it is, or was, late; 0 for what was waived."""
    if progress.state == "waived":
        return 0
    until = progress.on if progress.state == "done" and progress.on is not None else today
    return max(0, (until - commitment.due_on).days)


def complete(known: Progress, on: date, evidence: str, by: str, today: date) -> Progress:
    """Record that it was done, and what shows it: also of one that was missed, which is owed until then."""
    _require_owed(known)
    if on > today:
        raise NotPossible("in_the_future", "It cannot have been done on a day that is ahead.", "the day has come")
    return replace(known, state="done", on=on, evidence=evidence, recorded_by=by)


def waive(known: Progress, why: str, agreed_with: str, by: str, today: date) -> Progress:
    """Both sides no longer want it, missed or not. agreed_with: the player of the customer who said so."""
    _require_owed(known)
    return replace(known, state="waived", on=today, cause=why, agreed_with=agreed_with, recorded_by=by)


def miss(known: Progress, due_on: date, cause: str, evidence: str, by: str, today: date) -> Progress:
    """Record that it was not done and will not be: of either side, with the cause and what shows it."""
    if known.state != "open":
        raise NotPossible("not_open", f"The commitment is {known.state} already.", "the commitment is open")
    if today <= due_on:
        raise NotPossible("not_due", f"It is due on {due_on}: before that it is not missed.", "its day has passed")
    return replace(known, state="missed", on=today, cause=cause, evidence=evidence, recorded_by=by)


def give_up(known: Progress, commitment: Commitment, cause: str, by: str, now: datetime) -> Progress:
    """Record that we cannot deliver a commitment of ours, missed ones included."""
    _require_owed(known)
    if commitment.side != "us":
        raise NotPossible("not_ours", "Only a commitment of ours can be undeliverable.", "the commitment is ours")
    if known.undeliverable is not None:
        raise NotPossible("no_change", "It is recorded as undeliverable already.", "it is not yet recorded")
    return replace(known, undeliverable=Undeliverable(cause, by, now))


def acknowledge(known: Progress, by: str, now: datetime) -> Progress:
    """A manager takes note that we cannot deliver it; never whoever recorded it."""
    given_up = _given_up(known)
    if given_up.acknowledged_at is not None:
        raise NotPossible("no_change", "A manager has taken note of it already.", "nobody has taken note yet")
    if given_up.by == by:
        raise NotPossible("own_request", "Somebody else has to take note of it.", "another person takes note")
    return replace(known, undeliverable=replace(given_up, acknowledged_by=by, acknowledged_at=now))


def tell(known: Progress, told_at: datetime, now: datetime) -> Progress:
    """Record that the customer was told that we cannot deliver it."""
    given_up = _given_up(known)
    if given_up.told_at is not None:
        raise NotPossible("no_change", "The customer was told already.", "the customer was not yet told")
    if not given_up.at <= told_at <= now:
        raise NotPossible("not_then", "The customer was told after it was recorded, by now.", "told_at is in between")
    return replace(known, undeliverable=replace(given_up, told_at=told_at))


def _given_up(known: Progress) -> Undeliverable:
    if known.undeliverable is None:
        raise NotPossible("not_recorded", "It is not recorded as undeliverable.", "it is recorded, with its cause")
    return known.undeliverable


def overdue_of_ours(
    commitments: Iterable[Commitment], progress: dict[str, Progress], today: date
) -> tuple[Commitment, ...]:
    """Return our commitments that are not done after their day, but for those settled as undeliverable.

    Recording that we missed one does not help: it is still owed.
    """
    found = []
    for one in commitments:
        known = progress.get(one.commitment_id, Progress(one.commitment_id))
        settled = known.undeliverable is not None and known.undeliverable.is_settled
        if one.side == "us" and known.state in UNFULFILLED and today > one.due_on and not settled:
            found.append(one)
    return tuple(found)


def _require_owed(known: Progress) -> None:
    if known.state not in UNFULFILLED:
        raise NotPossible("not_open", f"The commitment is {known.state} already.", "the commitment is open or missed")
