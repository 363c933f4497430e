"""What the clock brings about: reminders and escalations, each once; answers that did not come; the end itself.

Days are the customer's, working days those of the policy's country. From domain.md: silence is reminded, then
escalated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import holidays

from services.transition_review.domain.ending import is_complete, last_day, waiting
from services.transition_review.domain.review import TeamReview
from services.transition_review.domain.transition import Transition

MORNING = 9  # o'clock
ANSWER_WITHIN = timedelta(seconds=60)  # domain.md: no answer in 60 s is a refusal
TALK_WITHIN = timedelta(days=7)  # of the approval
TALK_RECORDED_WITHIN = timedelta(days=3)
NOTICE_WITHIN = timedelta(days=3)  # of the announcement
REMIND_MILESTONE_DAYS = 3
ESCALATE_MILESTONE_DAYS = 3

Kind = Literal["review_due", "review_late", "talk_due", "talk_overdue", "notice_due", "milestone_due", "milestone_late"]
Level = Literal["owner", "manager"]


class Alarm(NamedTuple):
    """Something to be told at a moment. about: the team or milestone; of: what makes it another one, such as a date."""

    at: datetime
    kind: Kind
    about: str
    of: str
    level: Level = "owner"

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
    return _at(last + timedelta(days=1), 0, transition.time_zone) if last else None


def alarms(transition: Transition, reviews: Sequence[TeamReview]) -> list[Alarm]:
    """Return everything that the clock has to tell of a transition as it is, whenever that is."""
    found = []
    published = transition.announced is not None and transition.is_approved
    if transition.opened_at is not None and not transition.is_written_on and not published:
        for one in reviews:
            if one.standing == "waiting":
                found += _of_review(transition, one)
    found += _of_talk(transition)
    for milestone in waiting(transition):
        id_, of = milestone.milestone_id, milestone.due_on.isoformat()
        late = milestone.due_on + timedelta(days=1)
        found += [
            Alarm(_morning(transition, milestone.due_on, -REMIND_MILESTONE_DAYS), "milestone_due", id_, of),
            Alarm(_morning(transition, late, 0), "milestone_late", id_, of),
            Alarm(_morning(transition, late, ESCALATE_MILESTONE_DAYS), "milestone_late", id_, of, "manager"),
        ]
    return found


def deadline(transition: Transition, one: TeamReview) -> date:
    """Return the day by which a team is to have answered."""
    policy = transition.policy
    return add_working_days(transition.today(one.since), policy.team(one.team).days, policy.country)


def _of_review(transition: Transition, one: TeamReview) -> list[Alarm]:
    policy, by, of = transition.policy, deadline(transition, one), one.since.isoformat()
    remind = add_working_days(by, -policy.remind_days, policy.country)
    escalate = add_working_days(by, policy.escalate_days, policy.country)
    return [
        Alarm(_morning(transition, remind, 0), "review_due", one.team, of),
        Alarm(_morning(transition, by, 1), "review_late", one.team, of),
        Alarm(_morning(transition, escalate, 1), "review_late", one.team, of, "manager"),
    ]


def _of_talk(transition: Transition) -> list[Alarm]:
    talk, approval, announced = transition.talk, transition.approval, transition.announced
    if announced is not None:
        if transition.notice is not None:
            return []
        return [Alarm(announced.at + NOTICE_WITHIN, "notice_due", transition.transition_id, announced.at.isoformat())]
    if not transition.is_approved or approval is None:
        return []
    if talk is None:
        return [Alarm(approval.at + TALK_WITHIN, "talk_due", transition.transition_id, approval.at.isoformat())]
    if talk.held_at is None:
        late = talk.planned_for + TALK_RECORDED_WITHIN
        return [Alarm(late, "talk_overdue", transition.transition_id, talk.planned_for.isoformat())]
    return []


def _morning(transition: Transition, day: date, days: int) -> datetime:
    return _at(day + timedelta(days=days), MORNING, transition.time_zone)


def _at(day: date, hour: int, time_zone: str) -> datetime:
    return datetime.combine(day, time(hour), ZoneInfo(time_zone)).astimezone(UTC)


def add_working_days(day: date, days: int, country: str | None) -> date:
    """Return the day that comes this many working days after (negative: before) another; the day itself for none."""
    step = timedelta(days=1 if days > 0 else -1)
    for _ in range(abs(days)):
        day += step
        while not _calendar(country).is_working_day(day):
            day += step
    return day


@cache
def _calendar(country: str | None) -> holidays.HolidayBase:
    return holidays.country_holidays(country) if country else holidays.HolidayBase()
