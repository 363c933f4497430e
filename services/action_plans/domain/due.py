"""What falls due by the clock: reviews and commitments ahead, overdue, and who is to hear of it. Each once.

From domain.md: a review that is not recorded is raised with the CSM after 3 days and with the manager after 7.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple, TypeVar

from services.action_plans.domain import calendar, eligibility
from services.action_plans.domain.case import Case

REMIND_REVIEW = timedelta(days=1)
REVIEW_OVERDUE_CSM = timedelta(days=3)
REVIEW_OVERDUE_MANAGER = timedelta(days=7)
REMIND_COMMITMENT_DAYS = 3
CONVERSATION_WITHIN = timedelta(days=7)
EXECUTIVE_WITHIN = timedelta(days=7)  # after the first conversation
MORNING = 8  # o'clock, the customer's

T = TypeVar("T")
Kind = Literal[
    "conversation_due",
    "conversation_overdue",
    "executive_missing",
    "review_due",
    "review_overdue",
    "commitment_due",
    "commitment_late",
]


class Alarm(NamedTuple):
    """Something to be told at a moment. about: the id of what is due, which is for `of`.

    until: when it is too late to tell it, because something else is told by then; None for never.
    """

    at: datetime
    kind: Kind
    about: str
    of: date | None = None
    level: Literal["csm", "manager"] = "csm"
    until: datetime | None = None

    @property
    def key(self) -> str:
        """What it is told once for: a meeting that was moved is another one."""
        what = f"{self.kind}/manager" if self.level == "manager" else self.kind
        return f"{what}/{self.about}@{self.of.isoformat()}" if self.of else what

    def is_over(self, now: datetime) -> bool:
        """Tell whether it is too late to tell it."""
        return self.until is not None and self.until <= now


def alarms(case: Case, now: datetime | None = None) -> tuple[Alarm, ...]:
    """Return everything that the clock tells of a case as it stands, told or not, the earliest first.

    now: leave out most of what is neither ripe by then nor the next.
    """
    found = (*_conversations(case), *_executive(case), *_reviews(case, now), *_commitments(case, now))
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
    every = alarms(case, now) if case.failure is None and case.announced_at is None else ()  # else nothing is told
    told = set(case.reminded)
    ripe = tuple(one for one in every if one.at <= now and not one.is_over(now) and one.key not in told)
    moments = [one.at for one in every] + eligibility.changes_at(case)
    ahead = [ripe[0].at] if ripe else [at for at in moments if at > now]
    return Look(ripe, min(ahead, default=None))


def _conversations(case: Case) -> list[Alarm]:
    if not case.conversations and case.severity == "risk":
        return [Alarm(case.opened_at + CONVERSATION_WITHIN, "conversation_due", case.case_id)]
    return [
        Alarm(one.planned_for + REVIEW_OVERDUE_CSM, "conversation_overdue", one.conversation_id, one.planned_for)
        for one in case.conversations
        if one.state == "planned"
    ]


def _executive(case: Case) -> list[Alarm]:
    """An executive is to take part soon after the first conversation, unless a manager allows going on without."""
    talks = eligibility.held(case)
    if not talks or talks[0].held_at is None or eligibility.has_executive(case):
        return []
    return [Alarm(talks[0].held_at + EXECUTIVE_WITHIN, "executive_missing", case.case_id)]


def _reviews(case: Case, now: datetime | None) -> list[Alarm]:
    planned = [(one.planned_for - REMIND_REVIEW, one) for one in case.reviews if one.state == "planned"]
    found = []
    for remind, one in _begun_or_next(planned, now):
        id_, at = one.review_id, one.planned_for
        found += [
            Alarm(remind, "review_due", id_, at, until=at),
            Alarm(at + REVIEW_OVERDUE_CSM, "review_overdue", id_, at),
            Alarm(at + REVIEW_OVERDUE_MANAGER, "review_overdue", id_, at, "manager"),
        ]
    return found


def _commitments(case: Case, now: datetime | None) -> list[Alarm]:
    known = case.progress_by_id
    still_open = []
    for one in case.commitments:
        progress = known.get(one.commitment_id)
        if progress is None or progress.state == "open":
            still_open.append((_around(one.due_on, case.time_zone)[0], one))
    found = []
    for soon, one in _begun_or_next(still_open, now):
        late = _around(one.due_on, case.time_zone)[1]
        found += [
            Alarm(soon, "commitment_due", one.commitment_id, one.due_on, until=late),
            Alarm(late, "commitment_late", one.commitment_id, one.due_on),
        ]
    return found


def _begun_or_next(things: list[tuple[datetime, T]], now: datetime | None) -> list[tuple[datetime, T]]:
    """Return those whose first alarm is over, and the next one: what comes after it has nothing sooner to tell."""
    if now is None:
        return things
    first = min((begins for begins, _ in things if begins > now), default=now)
    return [thing for thing in things if thing[0] <= first]


@lru_cache(maxsize=20_000)  # the same days again and again, when the clock looks at many cases
def _around(due_on: date, time_zone: str) -> tuple[datetime, datetime]:
    """Return when a commitment is told ahead, and when late."""
    before, after = due_on - timedelta(days=REMIND_COMMITMENT_DAYS), due_on + timedelta(days=1)
    return calendar.at_hour(before, MORNING, time_zone), calendar.at_hour(after, MORNING, time_zone)
