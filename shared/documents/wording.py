"""Days, times and counts in the words of documents."""

from datetime import date, datetime
from zoneinfo import ZoneInfo


def day(value: date) -> str:
    """Return a day as people write it: 9 March 2026."""
    return f"{value.day} {value:%B %Y}"


def weekday(value: date) -> str:
    """Return a day with its name: Monday 9 March 2026."""
    return f"{value:%A} {day(value)}"


def clock(value: datetime, time_zone: str) -> str:
    """Return the time of day in a time zone, which is said elsewhere: 10:00."""
    return f"{value.astimezone(ZoneInfo(time_zone)):%H:%M}"


def moment(value: datetime, time_zone: str) -> str:
    """Return day and time in a time zone."""
    return f"{day(local_day(value, time_zone))}, {clock(value, time_zone)}"


def local_day(value: datetime, time_zone: str) -> date:
    """Return the day of a moment in a time zone."""
    return value.astimezone(ZoneInfo(time_zone)).date()


def count(number: int, what: str) -> str:
    """Return a number of things: 1 day, 2 days."""
    return f"{number} {what}{'' if number == 1 else 's'}"
