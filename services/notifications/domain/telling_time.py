"""When something may be told to a person: by their own clock, outside of quiet hours, on a day that they work."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from services.notifications.domain.choices import Choices
from services.notifications.domain.urgency import Urgency

MOST_DAYS = 400  # of looking ahead: whoever works on no day at all is told then
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


def told_at(choices: Choices, urgency: Urgency, zone: str, now: datetime) -> datetime:
    """Return the first moment, in UTC, at which it may be told; what is critical breaks quiet hours."""
    return undisturbed(choices, urgency, zone, _next_turn(choices, urgency, ZoneInfo(zone), now))


def undisturbed(choices: Choices, urgency: Urgency, zone: str, turn: datetime) -> datetime:
    """Return the first moment, in UTC, at which something may be told whose turn it is; what is critical breaks quiet
    hours.
    """
    return turn if urgency == "critical" else _free(choices, ZoneInfo(zone), turn)


def is_away(choices: Choices, zone: str, now: datetime) -> bool:
    """Tell whether the person is away now, by their own calendar."""
    away = choices.absence
    return away is not None and away.first_day <= now.astimezone(ZoneInfo(zone)).date() <= away.last_day


def first_moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return when it is first so late on this day there, in UTC; where clocks jump over it, the moment of the jump."""
    local = datetime.combine(day, at, zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    earlier = local.replace(fold=1).astimezone(UTC)  # in a gap: by the offset after it, and so before the jump
    while earlier.astimezone(zone).replace(tzinfo=None) < local.replace(tzinfo=None):
        earlier += timedelta(minutes=1)
    return earlier


def _next_turn(choices: Choices, urgency: Urgency, zone: ZoneInfo, now: datetime) -> datetime:
    """Return when the next digest is due that it goes into; now, where it goes by itself."""
    match choices.timing(urgency):
        case "hourly":
            there = now.astimezone(zone)
            past = timedelta(minutes=there.minute, seconds=there.second, microseconds=there.microsecond)
            return now - past + HOUR
        case "daily":
            return _next_of(choices, zone, now, {0, 1, 2, 3, 4, 5, 6})
        case "weekly":
            return _next_of(choices, zone, now, {choices.digest_day})
        case _:
            return now


def _next_of(choices: Choices, zone: ZoneInfo, now: datetime, weekdays: set[int]) -> datetime:
    """Return when the next digest is due. One whose day is free comes on the next working day, and may still be to come
    from last week.
    """
    day = now.astimezone(zone).date() - WEEK
    while (
        day.weekday() not in weekdays
        or (moment := first_moment(_working_day(choices, day), choices.digest_at, zone)) <= now
    ):
        day += DAY
    return moment


def _working_day(choices: Choices, day: date) -> date:
    """Return the first day from this one on that the person works."""
    days = (day + DAY * ahead for ahead in range(MOST_DAYS))
    return next((one for one in days if _works(choices, one)), day + DAY * MOST_DAYS)


def _free(choices: Choices, zone: ZoneInfo, moment: datetime) -> datetime:
    """Return the first moment from this one on that is no free day and not quiet."""
    for _ in range(2 * MOST_DAYS):
        there = moment.astimezone(zone)
        if not _works(choices, there.date()):
            moment = first_moment(there.date() + DAY, time(0), zone)
        elif choices.quiet is not None and choices.quiet.hold(there.time()):
            over_midnight = there.time() >= choices.quiet.ends
            moment = _next_moment(there.date() + DAY * over_midnight, choices.quiet.ends, zone, moment)
        else:
            return moment
    return moment


def _next_moment(day: date, at: time, zone: ZoneInfo, now: datetime) -> datetime:
    """Return when it is so late on this day; the second time in an hour that comes twice, where the first is over."""
    first = first_moment(day, at, zone)
    return first if first > now else datetime.combine(day, at, zone).replace(fold=1).astimezone(UTC)


def _works(choices: Choices, day: date) -> bool:
    if choices.working_days and day.weekday() not in choices.working_days:
        return False
    return choices.country is None or day not in _holidays(choices.country, day.year)


@lru_cache(maxsize=256)
def _holidays(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year))
