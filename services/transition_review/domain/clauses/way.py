"""One way to end the contract: whether a clause permits it, and to which day its rules lead.

The order is that of domain.md: the cure period, then the notice, then the end of the period that the clause names; then
the minimum term, and the window in which an automatic renewal can be stopped.
"""

from dataclasses import dataclass
from datetime import date

from services.transition_review.domain.clauses.calendar import (
    ONE_DAY,
    after,
    business_day,
    in_words,
    period_end,
    span_in_words,
    through,
)
from services.transition_review.domain.clauses.contract import (
    OWN_END,
    RENEWAL,
    Clause,
    ContractTerms,
    Notice,
    Span,
)
from services.transition_review.domain.clauses.derivation import Rule, Step, Walk
from services.transition_review.domain.clauses.permission import notified_on, why_not
from services.transition_review.domain.clauses.term import end_at, first_end, stoppable_end, window_closes

IMMEDIATE = Span(0, "days")


@dataclass(frozen=True)
class Way:
    """What one clause makes of a notice. day: the earliest last day, None where it does not apply.

    why: one sentence on why it does not apply, or why another is earlier; None for the one that is taken.
    """

    clause_id: str
    title: str
    day: date | None
    steps: tuple[Step, ...] = ()
    why: str | None = None


def way(contract: ContractTerms, clause: Clause, notice: Notice) -> Way:
    """Return to which day a clause leads."""
    refused = why_not(clause, notice)
    if refused:
        return Way(clause.clause_id, clause.title, None, why=refused)
    walk = _walk_to_receipt(contract, clause, notice)
    received = walk.day
    _walk_through_notice(walk, contract, clause)
    why = (
        _walk_to_period(walk, contract, clause, "period")
        or _walk_past_minimum(walk, contract, clause)
        or _walk_past_renewal(walk, contract, clause, received)
    )
    if why:
        return Way(clause.clause_id, clause.title, None, why=why)
    return Way(clause.clause_id, clause.title, walk.day, tuple(walk.steps))


def own_end(contract: ContractTerms) -> Way | None:
    """Return how the contract ends by itself; None where it does not."""
    term = contract.term
    if term is None or term.renewal is not None:
        return None
    end = first_end(contract, term)
    said = f"The contract was made for {_months(term.months)} from {in_words(contract.starts_on)}"
    step = Step("own_end", contract.starts_on, end, f"{said}: nothing renews it, so it ends on {in_words(end)}.")
    return Way(OWN_END, "The contract's own end", end, (step,))


def renewal_as_clause(contract: ContractTerms) -> Clause | None:
    """Return the right to stop the automatic renewal as the clause that it is; None where nothing is renewed."""
    renewal = contract.term.renewal if contract.term else None
    if renewal is None:
        return None
    return Clause(
        RENEWAL,
        "No further renewal",
        renewal.who,
        "ordinary",
        notice=IMMEDIATE,
        counted_to="term",
        form="any",
    )


def _walk_to_receipt(contract: ContractTerms, clause: Clause, notice: Notice) -> Walk:
    """Go through the cure period: the right to end exists from the day after it, so no notice works any sooner."""
    told = notified_on(clause, notice)
    if clause.cure is None or told is None:
        walk = Walk(notice.received_on)
        walk.to(notice.received_on, "receipt", f"The notice is received on {in_words(notice.received_on)}.")
        return walk
    walk, cure = Walk(told), span_in_words(clause.cure)
    end = after(told, clause.cure, contract.place)
    walk.to(end, "cure", f"The breach was told on {in_words(told)}; the cure period of {cure} ends on {in_words(end)}.")
    if contract.cure_rolls:
        _roll(walk, contract, "cure_roll")
    ready = walk.day + ONE_DAY
    if notice.received_on < ready:
        said = f"The notice works from {in_words(ready)}, the day after the cure period, at the earliest."
    else:
        said = f"The notice is received on {in_words(notice.received_on)}, after the cure period."
    walk.to(max(ready, notice.received_on), "receipt", said)
    return walk


def _walk_through_notice(walk: Walk, contract: ContractTerms, clause: Clause) -> None:
    if clause.notice.count == 0:
        return
    if contract.first_day == "receipt":
        end, counted = through(walk.day, clause.notice, contract.place), "that day counted"
    else:
        end, counted = after(walk.day, clause.notice, contract.place), "counted from the next day"
    notice = span_in_words(clause.notice)
    walk.to(end, "notice", f"The notice period of {notice}, {counted}, ends on {in_words(end)}.")
    if contract.notice_rolls:
        _roll(walk, contract, "notice_roll")


def _roll(walk: Walk, contract: ContractTerms, rule: Rule) -> None:
    day = business_day(walk.day, contract.place)
    if day != walk.day:
        walk.to(day, rule, f"{in_words(walk.day)} is no business day there, so it is {in_words(day)}.")


def _walk_to_period(walk: Walk, contract: ContractTerms, clause: Clause, rule: Rule) -> str | None:
    """Go on to the end of the period that the clause names; return why there is none any more."""
    if clause.counted_to == "day":
        return None
    if clause.counted_to == "term":
        return _walk_to_term(walk, contract, rule)
    end = period_end(walk.day, clause.counted_to, contract.billing_day or contract.starts_on.day)
    period = clause.counted_to.replace("_", " ")
    walk.to(end, rule, f"The clause counts to the end of a {period}: that is {in_words(end)}.")
    return None


def _walk_to_term(walk: Walk, contract: ContractTerms, rule: Rule) -> str | None:
    if contract.term is None:
        return "It ends the contract with its term, and the contract has none."
    end = end_at(contract, contract.term, walk.day)
    if end is None:
        last = in_words(first_end(contract, contract.term))
        return f"It ends the contract with its term, and that is over on {last}, before the notice could work."
    walk.to(end, rule, f"The clause counts to the end of the contract's term: that is {in_words(end)}.")
    return None


def _walk_past_minimum(walk: Walk, contract: ContractTerms, clause: Clause) -> str | None:
    """Go on to the end of the minimum term, and from there to the end of the period that the clause names once more."""
    bounds = [clause.not_before] if clause.not_before else []
    if contract.minimum_term and not clause.despite_minimum_term:
        bounds.append(through(contract.starts_on, contract.minimum_term, contract.place))
    if not bounds:
        return None
    earliest = max(bounds)
    if earliest <= walk.day:
        walk.to(walk.day, "minimum_term", f"No end is possible before {in_words(earliest)}: this is no earlier.")
        return None
    walk.to(earliest, "minimum_term", f"No end is possible before {in_words(earliest)}.")
    return _walk_to_period(walk, contract, clause, "period_after_minimum")


def _walk_past_renewal(walk: Walk, contract: ContractTerms, clause: Clause, received: date) -> str | None:
    """Go on to the end of the first term whose renewal the notice can still stop."""
    term = contract.term
    if clause.counted_to != "term" or term is None or term.renewal is None:
        return None
    end = stoppable_end(contract, term, term.renewal, walk.day, received)
    closes = in_words(window_closes(contract, term.renewal, walk.day))
    window = f"The renewal after {in_words(walk.day)} can be stopped until {closes}"
    if end == walk.day:
        walk.to(end, "auto_renewal", f"{window}: this notice comes in time.")
        return None
    renewed = f"the contract is renewed, and can end on {in_words(end)}."
    walk.to(end, "auto_renewal", f"{window}; this notice comes on {in_words(received)}, so {renewed}")
    return None


def _months(count: int) -> str:
    return span_in_words(Span(count, "months"))
