"""Days: months added, working days counted, distances in words, and local times as moments."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)


def add_months(day: date, months: int) -> date:
    """Return the same day so many months later, or the month's last day where it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def working_day(origin: date, number: int) -> date:
    """Return the `number`th Monday-to-Friday day after `origin` (before it where negative); zero is `origin`."""
    step = ONE_DAY if number > 0 else -ONE_DAY
    day = origin
    for _ in range(abs(number)):
        day += step
        while day.weekday() > 4:
            day += step
    return day


def before_renewal(days: int) -> str:
    """Say how far before its renewal (after it, where negative) something is."""
    count = "1 day" if abs(days) == 1 else f"{abs(days)} days"
    return f"{count} before renewal" if days >= 0 else f"{count} after renewal"


def local(day: date, hour: int, time_zone: str) -> datetime:
    """Return the moment, in UTC, of a full hour of the local day (one that no change of the clocks skips)."""
    return datetime.combine(day, time(hour), ZoneInfo(time_zone)).astimezone(UTC)
