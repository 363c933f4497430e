"""Days and moments as pages write them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo


def day(value: date) -> str:
    """Return a day as people write it: 2 March 2026."""
    return f"{value.day} {value:%B %Y}"


def weekday(value: date) -> str:
    """Return a day with its weekday: Monday, 2 March 2026."""
    return f"{value:%A}, {day(value)}"


def moment(value: datetime, time_zone: str) -> str:
    """Return a moment in the customer's time zone: Monday, 2 March 2026, 10:00."""
    there = value.astimezone(ZoneInfo(time_zone))
    return f"{weekday(there)}, {there:%H:%M}"


def date_in(value: datetime, time_zone: str) -> str:
    """Return the day of a moment in the customer's time zone."""
    return day(value.astimezone(ZoneInfo(time_zone)))


def days(count: int) -> str:
    """Return so many days in words: 1 day, 7 days."""
    return f"{count:,} day" if count == 1 else f"{count:,} days"


def capital(text: str) -> str:
    """Return a text with a capital at its beginning."""
    return text[:1].upper() + text[1:]
