"""The same ends by another way: day after day is asked whether it keeps every rule of a clause, until one does."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

import holidays

from services.transition_review.domain.clauses.contract import Clause, ContractTerms, Notice, Place, Span

DAY = timedelta(days=1)
FREE = {country: holidays.country_holidays(country) for country in ("DE", "US", "SA")}


def works(day: date, place: Place) -> bool:
    """Tell whether a day is neither a holiday nor of the weekend."""
    if place.country is None:
        return day.isoweekday() < 6
    return day not in FREE[place.country] and day.weekday() not in FREE[place.country].weekend


def some_months_later(day: date, months: int) -> date:
    """Return the day of the same number, or the last of a month that has none."""
    month = day.year * 12 + day.month - 1 + months
    year, month = month // 12, month % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def over(day: date, span: Span, place: Place, *, counted: bool = False) -> date:
    """Return when a period is over, `day` counted or not."""
    months = span.count * {"months": 1, "years": 12}.get(span.unit, 0)
    if months:
        later = some_months_later(day, months)
        return later - DAY if counted and later.day == day.day else later
    left = span.count * 7 if span.unit == "weeks" else span.count
    day = day - DAY if counted and left else day
    while left:
        day += DAY
        left -= span.unit != "business_days" or works(day, place)
    return day


def rolled(day: date, place: Place) -> date:
    """Return the day, or the first after it on which people work."""
    return day if works(day, place) else rolled(day + DAY, place)


def term_ends(contract: ContractTerms) -> Iterator[date]:
    """Yield the end of each term."""
    term = contract.term
    months = term.months if term else 0
    while term:
        yield over(contract.starts_on, Span(months, "months"), contract.place, counted=True)
        if term.renewal is None:
            return
        months += term.renewal.months


def is_end(day: date, clause: Clause, contract: ContractTerms) -> bool:
    """Tell whether the period that the clause names ends on the day: whether another begins on the next."""
    after = day + DAY
    if clause.counted_to == "day":
        return True
    if clause.counted_to == "billing_month":
        begins = contract.billing_day or contract.starts_on.day
        return after.day == min(begins, monthrange(after.year, after.month)[1])
    if clause.counted_to == "term":
        return next((end for end in term_ends(contract) if end >= day), None) == day
    first = {"month": range(1, 13), "quarter": (1, 4, 7, 10), "half_year": (1, 7), "calendar_year": (1,)}
    return after.day == 1 and after.month in first[clause.counted_to]


def from_when(clause: Clause, contract: ContractTerms, notice: Notice) -> date | None:
    """Return from when the notice works; None where the clause gives no right to it."""
    if clause.who not in {notice.by, "either"}:
        return None
    if clause.ground == "ordinary":
        return notice.received_on
    told = [cause.notified_on for cause in notice.causes if cause.ground == clause.ground]
    if not told:
        return None
    if clause.cure is None:
        return notice.received_on
    known = [day for day in told if day]
    if not known:
        return None
    cured = over(min(known), clause.cure, contract.place)
    return max((rolled(cured, contract.place) if contract.cure_rolls else cured) + DAY, notice.received_on)


def notice_over(clause: Clause, contract: ContractTerms, works_from: date) -> date:
    """Return the last day of the notice period."""
    end = over(works_from, clause.notice, contract.place, counted=contract.first_day == "receipt")
    return rolled(end, contract.place) if contract.notice_rolls and clause.notice.count else end


def first_day_that_keeps_every_rule(clause: Clause, contract: ContractTerms, notice: Notice) -> date | None:
    """Return the earliest end by a clause."""
    works_from = from_when(clause, contract, notice)
    if works_from is None:
        return None
    day, last = notice_over(clause, contract, works_from), date.max
    if clause.counted_to == "term" and (contract.term is None or contract.term.renewal is None):
        last = max(term_ends(contract), default=date.min)
    while day <= last and not _keeps_every_rule(day, clause, contract, works_from):
        day += DAY
    return day if day <= last else None


def _keeps_every_rule(day: date, clause: Clause, contract: ContractTerms, works_from: date) -> bool:
    if clause.not_before and day < clause.not_before:
        return False
    minimum = None if clause.despite_minimum_term else contract.minimum_term
    if minimum and day < over(contract.starts_on, minimum, contract.place, counted=True):
        return False
    if not is_end(day, clause, contract):
        return False
    if clause.counted_to == "term" and contract.term and contract.term.renewal:
        return over(works_from, contract.term.renewal.opt_out, contract.place) <= day
    return True
