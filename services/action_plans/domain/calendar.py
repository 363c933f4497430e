"""Days as the customer lives them: its time zone, its weekends and public holidays."""

import importlib.resources
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import holidays


def today(time_zone: str, now: datetime) -> date:
    """Return the customer's day at a moment."""
    return now.astimezone(ZoneInfo(time_zone)).date()


def at_hour(day: date, hour: int, time_zone: str) -> datetime:
    """Return the moment (UTC) of a full hour of the customer's day.

    An hour that the clocks skip is the one after it; of an hour that comes twice it is the first.
    """
    return datetime.combine(day, time(hour), ZoneInfo(time_zone)).astimezone(UTC)


@lru_cache(maxsize=20_000)  # the same days again and again, when the clock looks at many cases
def end_of(day: date, time_zone: str) -> datetime:
    """Return the moment (UTC) at which the customer's day is over."""
    return at_hour(day + timedelta(days=1), 0, time_zone)


def is_working_day(day: date, time_zone: str) -> bool:
    """Tell whether people work there on the day: no weekend of the country's, no public holiday of all of it."""
    return _holidays(country_of(time_zone)).is_working_day(day)


def working_day(day: date, time_zone: str) -> date:
    """Return the day, or the first working day after it."""
    while not is_working_day(day, time_zone):
        day += timedelta(days=1)
    return day


@cache
def country_of(time_zone: str) -> str | None:
    """Return the ISO 3166 code of the country of a time zone, by tz's own tables; None for UTC, EST and the like."""
    return _countries().get(time_zone) or _countries().get(_aliases().get(time_zone, ""))


@cache
def _countries() -> dict[str, str]:
    rows = [line.split("\t") for line in _table("zone.tab") if line[:1] != "#"]
    return {zone: code for code, _, zone, *_ in rows}


@cache
def _aliases() -> dict[str, str]:
    """Return the zones that names used to have, or have elsewhere; abbreviations such as EST are of no country."""
    rows = [line.split() for line in _table("tzdata.zi") if line[:2] == "L "]
    return {alias: zone for _, zone, alias in rows if "/" in alias}


def _table(name: str) -> list[str]:
    return (importlib.resources.files("tzdata") / "zoneinfo" / name).read_text().splitlines()


@cache
def _holidays(country: str | None) -> holidays.HolidayBase:
    if country is None or country not in holidays.list_supported_countries():
        return holidays.HolidayBase()
    return holidays.country_holidays(country)
