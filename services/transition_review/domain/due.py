"""What the clock brings about: reminders and escalations, each once; answers that did not come; the end itself.

Days are the customer's, working days those of the policy's country. From domain.md: silence is reminded, then
escalated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from services.transition_review.domain.deadlines import add_working_days, begins_at, deadline, morning
from services.transition_review.domain.ending import is_complete, last_day, waiting
from services.transition_review.domain.review import TeamReview
from services.transition_review.domain.transition import Transition
from services.transition_review.domain.waited import STALLS, Waited, waited_for

ANSWER_WITHIN = timedelta(seconds=60)  # domain.md: no answer in 60 s is a refusal
TALK_WITHIN = timedelta(days=7)  # of the approval
TALK_RECORDED_WITHIN = timedelta(days=3)
NOTICE_WITHIN = timedelta(days=3)  # of the announcement
REMIND_MILESTONE_DAYS = 3
ESCALATE_MILESTONE_DAYS = 3
ESCALATE_WITHIN = timedelta(days=4)  # of the first reminder of talk and notice
STALLED_DAYS, ESCALATE_STALLED_DAYS = 3, 6  # working days

Kind = Literal[
    "review_due", "review_late", "approval_asked", "talk_due", "talk_overdue", "notice_due", "milestone_due",
    "milestone_late", "stalled",
]  # fmt: skip
Level = Literal["owner", "manager"]


class Alarm(NamedTuple):
    """Something to be told at a moment. about: the team or milestone; of: what makes it another one, such as a date.

    waited: who is waited for, where it stands still.
    """

    at: datetime
    kind: Kind
    about: str
    of: str
    level: Level = "owner"
    waited: Waited | None = None

    @property
    def key(self) -> str:
        """What it is told once for."""
        return f"{self.kind}/{self.level}/{self.about}@{self.of}"


@dataclass(frozen=True)
class Look:
    """What the clock sees. ripe: to be told now; next_at: when it has to look again, None for never."""

    ripe: tuple[Alarm, ...]
    next_at: datetime | None


def look(transition: Transition, reviews: Sequence[TeamReview], now: datetime) -> Look:
    """Return what is to be told now and was not yet, and when there may be something next."""
    if not transition.is_open:
        return Look((), None)
    every = alarms(transition, reviews)
    told = set(transition.reminded)
    ripe = tuple(one for one in every if one.at <= now and one.key not in told)
    moments = [one.at for one in every if one.key not in told]
    if transition.asked is not None:
        moments.append(transition.asked.at + ANSWER_WITHIN)
    if (end := ends_at(transition)) is not None and (end > now or is_complete(transition, now)):
        moments.append(end)
    return Look(ripe, min((max(now, at) for at in moments), default=None))


def is_unanswered(transition: Transition, now: datetime) -> bool:
    """Tell whether action_plans has not answered in its time."""
    return transition.asked is not None and transition.asked.at + ANSWER_WITHIN <= now


def ends_at(transition: Transition) -> datetime | None:
    """Return when the last day is over, None before the announcement."""
    last = last_day(transition)
    return begins_at(last + timedelta(days=1), 0, transition.time_zone) if last else None


def alarms(transition: Transition, reviews: Sequence[TeamReview]) -> list[Alarm]:
    """Return everything that the clock has to tell of a transition as it is, whenever that is."""
    found = []
    if transition.opened_at is not None and not transition.is_written_on and not transition.is_published:
        for one in reviews:
            if one.standing == "waiting":
                found += _of_review(transition, one)
    found += _of_approval(transition, reviews)
    found += _of_talk(transition)
    found += _of_standing_still(transition, reviews)
    for milestone in waiting(transition):
        id_, of = milestone.milestone_id, milestone.due_on.isoformat()
        late = milestone.due_on + timedelta(days=1)
        found += [
            Alarm(morning(transition, milestone.due_on, -REMIND_MILESTONE_DAYS), "milestone_due", id_, of),
            Alarm(morning(transition, late, 0), "milestone_late", id_, of),
            Alarm(morning(transition, late, ESCALATE_MILESTONE_DAYS), "milestone_late", id_, of, "manager"),
        ]
    return found


def _of_review(transition: Transition, one: TeamReview) -> list[Alarm]:
    policy, by, of = transition.policy, deadline(transition, one), one.since.isoformat()
    remind = add_working_days(by, -policy.remind_days, policy.country)
    escalate = add_working_days(by, policy.escalate_days, policy.country)
    return [
        Alarm(morning(transition, remind, 0), "review_due", one.team, of),
        Alarm(morning(transition, by, 1), "review_late", one.team, of),
        Alarm(morning(transition, escalate, 1), "review_late", one.team, of, "manager"),
    ]


def _of_approval(transition: Transition, reviews: Sequence[TeamReview]) -> list[Alarm]:
    """Return that an executive is asked as soon as nobody else is waited for; not while nothing may go on."""
    if transition.stopped and transition.announced is None:
        return []
    return [
        Alarm(one.since, "approval_asked", one.who, one.since.isoformat())
        for one in waited_for(transition, reviews)
        if one.step == "approval"
    ]


def _of_talk(transition: Transition) -> list[Alarm]:
    """Return reminders of the talk, and of the written notice after it."""
    talk, approval, announced, id_ = (
        transition.talk,
        None if transition.stopped else transition.approval,  # which counts for nothing meanwhile
        transition.announced,
        transition.transition_id,
    )
    if announced is not None:
        if transition.notice is not None:
            return []
        return _twice(announced.began_at + NOTICE_WITHIN, "notice_due", id_, announced.began_at)
    if talk is not None and talk.held_at is None:  # if it was held, the customer knows, whatever has stopped since
        return _twice(talk.planned_for + TALK_RECORDED_WITHIN, "talk_overdue", id_, talk.planned_for)
    if talk is not None or not transition.is_approved or approval is None:
        return []
    return _twice(approval.at + TALK_WITHIN, "talk_due", id_, approval.at)


def _twice(at: datetime, kind: Kind, about: str, of: datetime) -> list[Alarm]:
    """Return the reminder, and its escalation to the manager."""
    return [
        Alarm(at, kind, about, of.isoformat()),
        Alarm(at + ESCALATE_WITHIN, kind, about, of.isoformat(), "manager"),
    ]


def _of_standing_still(transition: Transition, reviews: Sequence[TeamReview]) -> list[Alarm]:
    """Return reminders of whatever somebody has to do next and no day is named for."""
    found = []
    for one in waited_for(transition, reviews):
        if one.step in STALLS:
            today, country, of = transition.today(one.since), transition.policy.country, f"{one.step} {one.since}"
            remind = add_working_days(today, STALLED_DAYS, country)
            escalate = add_working_days(today, ESCALATE_STALLED_DAYS, country)
            found += [
                Alarm(morning(transition, remind), "stalled", one.who, of, waited=one),
                Alarm(morning(transition, escalate), "stalled", one.who, of, "manager", one),
            ]
    return found
