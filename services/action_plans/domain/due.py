"""What falls due by the clock: reviews and commitments ahead, overdue, and who is to hear of it. Each once.

From domain.md: a review that is not recorded is raised with the CSM after 3 days and with the manager after 7.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from services.action_plans.domain import calendar, eligibility
from services.action_plans.domain.case import Case

REMIND_REVIEW = timedelta(days=1)
REVIEW_OVERDUE_CSM = timedelta(days=3)
REVIEW_OVERDUE_MANAGER = timedelta(days=7)
REMIND_COMMITMENT_DAYS = 3
CONVERSATION_WITHIN = timedelta(days=7)
EXECUTIVE_WITHIN = timedelta(days=7)  # after the first conversation
MORNING = 8  # o'clock, the customer's

Kind = Literal[
    "conversation_due",
    "conversation_overdue",
    "executive_missing",
    "review_due",
    "review_overdue",
    "commitment_due",
    "commitment_late",
]


@dataclass(frozen=True)
class Alarm:
    """Something to be told at a moment. key: what it is told once for; about: the id of what is due.

    until: when it is too late to tell it, because something else is told by then; None for never.
    """

    key: str
    at: datetime
    kind: Kind
    about: str
    level: Literal["csm", "manager"] = "csm"
    until: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        """Tell whether it is too late to tell it."""
        return self.until is not None and self.until <= now


def alarms(case: Case) -> tuple[Alarm, ...]:
    """Return everything that the clock tells of a case as it stands, told or not, the earliest first."""
    found = (*_conversations(case), *_executive(case), *_reviews(case), *_commitments(case))
    return tuple(sorted(found, key=lambda one: one.at))


@dataclass(frozen=True)
class Look:
    """What the clock sees. ripe: to be told now; next_at: when it has to look again, None for never."""

    ripe: tuple[Alarm, ...]
    next_at: datetime | None


def look(case: Case, now: datetime) -> Look:
    """Return what is to be told now and was not yet, and when the next alarm is, or a condition can change."""
    if not case.is_open:
        return Look((), None)
    waiting = _to_be_told(case, now)
    ahead = [one.at for one in waiting] + [at for at in eligibility.changes_at(case) if at > now]
    return Look(tuple(one for one in waiting if one.at <= now), min(ahead, default=None))


def _to_be_told(case: Case, now: datetime) -> tuple[Alarm, ...]:
    """Of a case that was declared failed nothing is."""
    if case.failure is not None:
        return ()
    return tuple(one for one in alarms(case) if one.key not in case.reminded and not one.is_over(now))


def _conversations(case: Case) -> list[Alarm]:
    if not case.conversations and case.severity == "risk":
        return [Alarm("conversation_due", case.opened_at + CONVERSATION_WITHIN, "conversation_due", case.case_id)]
    found = []
    for one in case.conversations:
        if one.state == "planned":
            key = f"{one.conversation_id}@{one.planned_for.isoformat()}"
            late = one.planned_for + REVIEW_OVERDUE_CSM
            found.append(Alarm(f"conversation_overdue/{key}", late, "conversation_overdue", one.conversation_id))
    return found


def _executive(case: Case) -> list[Alarm]:
    """An executive is to take part soon after the first conversation, unless a manager allows going on without."""
    talks = eligibility.held(case)
    if not talks or talks[0].held_at is None or eligibility.has_executive(case):
        return []
    return [Alarm("executive_missing", talks[0].held_at + EXECUTIVE_WITHIN, "executive_missing", case.case_id)]


def _reviews(case: Case) -> list[Alarm]:
    found = []
    for one in case.reviews:
        if one.state != "planned":
            continue
        key, at = f"{one.review_id}@{one.planned_for.isoformat()}", one.planned_for
        found += [
            Alarm(f"review_due/{key}", at - REMIND_REVIEW, "review_due", one.review_id, until=at),
            Alarm(f"review_overdue/csm/{key}", at + REVIEW_OVERDUE_CSM, "review_overdue", one.review_id),
            Alarm(
                f"review_overdue/manager/{key}", at + REVIEW_OVERDUE_MANAGER, "review_overdue", one.review_id, "manager"
            ),
        ]
    return found


def _commitments(case: Case) -> list[Alarm]:
    found: list[Alarm] = []
    known = case.progress_by_id
    for one in case.commitments:
        progress = known.get(one.commitment_id)
        if progress is not None and progress.state != "open":
            continue
        key = f"{one.commitment_id}@{one.due_on.isoformat()}"
        soon = calendar.at_hour(one.due_on - timedelta(days=REMIND_COMMITMENT_DAYS), MORNING, case.time_zone)
        late = calendar.at_hour(one.due_on + timedelta(days=1), MORNING, case.time_zone)
        found += [
            Alarm(f"commitment_due/{key}", soon, "commitment_due", one.commitment_id, until=late),
            Alarm(f"commitment_late/{key}", late, "commitment_late", one.commitment_id),
        ]
    return found
