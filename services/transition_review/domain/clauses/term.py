"""The contract's own terms: the first, and those by which it is renewed."""

from datetime import date, timedelta
from itertools import count

from services.transition_review.domain.clauses.calendar import after, last_day, through
from services.transition_review.domain.clauses.contract import ContractTerms, Renewal, Span, Term

LONGEST_WINDOW = timedelta(days=4_000)  # more than any window in which a renewal can be stopped


def first_end(contract: ContractTerms, term: Term) -> date:
    """Return the last day of the first term."""
    return through(contract.starts_on, Span(term.months, "months"), contract.place)


def end_at(contract: ContractTerms, term: Term, day: date) -> date | None:
    """Return the end of the term that is not over before the day; None where nothing renews the contract until then."""
    first = first_end(contract, term)
    if first >= day:
        return first
    return _renewed_end_at(contract, term, term.renewal, day) if term.renewal else None


def _renewed_end_at(contract: ContractTerms, term: Term, renewal: Renewal, day: date) -> date:
    """Each end is counted from the contract's first day, so that short months lose no days of those that follow."""
    first = first_end(contract, term)
    months = (day.year - first.year) * 12 + day.month - first.month
    for number in count(max(0, months // renewal.months - 1)):
        whole = Span(term.months + number * renewal.months, "months")
        end = through(contract.starts_on, whole, contract.place)
        if end >= day:
            return end
    raise AssertionError  # counting has no end


def window_closes(contract: ContractTerms, renewal: Renewal, end: date) -> date:
    """Return the last day on which a notice can be received that stops the renewal after a term's end."""
    return last_day(end - LONGEST_WINDOW, end, lambda day: after(day, renewal.opt_out, contract.place) <= end)


def stoppable_end(contract: ContractTerms, term: Term, renewal: Renewal, end: date, received: date) -> date:
    """Return the end of the first term, from the one that ends on `end`, whose renewal the notice can still stop."""
    in_time_for = after(received, renewal.opt_out, contract.place)
    return _renewed_end_at(contract, term, renewal, max(end, in_time_for))
