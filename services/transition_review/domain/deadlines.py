"""By when something is to be done: the customer's days, and the working days of the policy's country."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

from services.transition_review.domain.review import TeamReview
from services.transition_review.domain.transition import Transition

MORNING = 9  # o'clock


def deadline(transition: Transition, one: TeamReview) -> date:
    """Return the day by which a team is to have answered."""
    policy = transition.policy
    return add_working_days(transition.today(one.since), policy.team(one.team).days, policy.country)


def morning(transition: Transition, day: date, days: int = 0) -> datetime:
    """Return the morning so many days after a day, the customer's."""
    return begins_at(day + timedelta(days=days), MORNING, transition.time_zone)


def begins_at(day: date, hour: int, time_zone: str) -> datetime:
    """Return an hour of a day in a time zone."""
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
