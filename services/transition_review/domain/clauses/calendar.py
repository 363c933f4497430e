"""Days, months and periods as contracts count them.

The common rule of civil law (German Civil Code, sections 187 and 188; Regulation 1182/71, article 3): the day of the
event is not counted; a period of months ends on the day of the same number, or the month's last where there is none.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import holidays
from dateutil.relativedelta import relativedelta

from services.transition_review.domain.clauses.contract import CountedTo, Place, Span

ONE_DAY = timedelta(days=1)
MONTHS_OF: dict[CountedTo, int] = {"month": 1, "quarter": 3, "half_year": 6, "calendar_year": 12}
TO_MONTH_END = relativedelta(day=31)  # the month's last day where it is shorter


class UnknownPlace(ValueError):
    """Nobody knows the holidays of the place: one sentence says what to do."""


def day_there(moment: datetime, place: Place) -> date:
    """Return the day at the place at a moment, which must have an offset from UTC."""
    return moment.astimezone(ZoneInfo(place.time_zone)).date()


def require_known(place: Place) -> None:
    """Raise UnknownPlace where the holidays of the country, or of its subdivision, are not known."""
    known = holidays.list_supported_countries()
    if place.country is None:
        if place.subdivision is not None:
            raise UnknownPlace(f"The subdivision {place.subdivision} needs its country: give both, or neither.")
        return
    if place.country not in known:
        raise UnknownPlace(f"The holidays of {place.country} are not known: leave the country out to count weekends.")
    if place.subdivision is not None and place.subdivision not in known[place.country]:
        raise UnknownPlace(
            f"{place.country} has no subdivision {place.subdivision}: {', '.join(known[place.country])}."
        )


def is_business_day(day: date, place: Place) -> bool:
    """Tell whether people work there on the day: no weekend of the country's, no public holiday."""
    return _holidays(place.country, place.subdivision).is_working_day(day)


def business_day(day: date, place: Place) -> date:
    """Return the day, or the first business day after it."""
    while not is_business_day(day, place):
        day += ONE_DAY
    return day


@cache
def _holidays(country: str | None, subdivision: str | None) -> holidays.HolidayBase:
    if country is None:
        return holidays.HolidayBase()
    return holidays.country_holidays(country, subdiv=subdivision)


def after(day: date, span: Span, place: Place) -> date:
    """Return the last day of a period that an event on `day` begins: that day is not counted."""
    match span.unit:
        case "days":
            return day + timedelta(days=span.count)
        case "business_days":
            return _business_days_after(day, span.count, place)
        case "weeks":
            return day + timedelta(weeks=span.count)
        case "months":
            return day + relativedelta(months=span.count)
        case "years":
            return day + relativedelta(years=span.count)


@lru_cache(maxsize=50_000)  # the same days again and again, when the last possible one is looked for
def _business_days_after(day: date, count: int, place: Place) -> date:
    for _ in range(count):
        day = business_day(day + ONE_DAY, place)
    return day


def through(day: date, span: Span, place: Place) -> date:
    """Return the last day of a period whose first day is `day`; the day itself for a period of nothing."""
    if span.count == 0:
        return day
    if span.unit in {"days", "business_days", "weeks"}:
        return after(day - ONE_DAY, span, place)
    months = span.count * (12 if span.unit == "years" else 1)
    first = day.replace(day=1) + relativedelta(months=months)
    return min(first + timedelta(days=day.day - 2), first + TO_MONTH_END)  # the first of a month: the day before it


def period_end(day: date, counted_to: CountedTo, billing_day: int) -> date:
    """Return the last day of the period that `day` is in; ValueError for terms, which only a contract knows."""
    if counted_to == "day":
        return day
    if counted_to == "billing_month":
        begins = day + relativedelta(day=billing_day)
        if begins <= day:
            begins = day + relativedelta(months=1, day=billing_day)
        return begins - ONE_DAY
    if counted_to not in MONTHS_OF:
        raise ValueError(f"no calendar knows the end of a {counted_to}")
    months = MONTHS_OF[counted_to]
    return day + relativedelta(month=-(-day.month // months) * months, day=31)


def last_day(low: date, high: date, holds: Callable[[date], bool]) -> date:
    """Return the last day, `high` at most, of which something holds that holds on `low` and up to some day."""
    known, steps = 0, (high - low).days
    while known < steps:
        middle = (known + steps + 1) // 2
        if holds(low + timedelta(days=middle)):
            known = middle
        else:
            steps = middle - 1
    return low + timedelta(days=known)


def in_words(day: date) -> str:
    """Return the day as people say it, such as 31 March 2027."""
    return f"{day.day} {day:%B %Y}"


def span_in_words(span: Span) -> str:
    """Return the span as people say it, such as "1 month" or "10 business days"."""
    unit = span.unit.replace("_", " ")
    return f"{span.count} {unit.removesuffix('s') if span.count == 1 else unit}"
