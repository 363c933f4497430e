"""A contract as upstream announces it with the customer, and what it says in the words of our rules.

Nothing is guessed in silence: what has to be assumed is a remark for whoever writes the plan.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from services.transition_review.domain.clauses.calendar import through
from services.transition_review.domain.clauses.contract import (
    OWN_END,
    RENEWAL,
    Clause,
    ContractTerms,
    CountedTo,
    Form,
    Ground,
    Party,
    Place,
    Renewal,
    Span,
    Term,
    Unit,
)
from services.transition_review.domain.clauses.term import end_at

MOST_SHOWN = 20
FIRST, LAST = date(1990, 1, 1), date(2099, 12, 31)  # the years whose holidays are known
_PARTIES: dict[str, Party] = {"customer": "customer", "us": "us", "both": "either"}
_GROUNDS: dict[str, Ground] = {
    "convenience": "ordinary",
    "breach": "good_cause",
    "abuse": "good_cause",
    "non_payment": "non_payment",
}
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,99}")


class CannotOffer(Exception):
    """What is announced is no contract that our rules know; the text says why, and what to do."""


@dataclass(frozen=True)
class AnnouncedNotice:
    """How long before the end notice is due, and to the end of which period it runs (None: the day)."""

    amount: int
    unit: Unit
    to_end_of: CountedTo | None = None


@dataclass(frozen=True)
class AnnouncedClause:
    """One clause on the end of a contract."""

    clause_id: str
    who_may_end: Literal["customer", "us", "both"]
    reason: Literal["convenience", "breach", "non_payment", "abuse"]
    notice: AnnouncedNotice
    cure_days: int | None = None
    not_before: date | None = None
    title: str | None = None
    form: Form | None = None
    despite_minimum_term: bool = False


@dataclass(frozen=True)
class AnnouncedContract:
    """A contract. ends_on: of the term that runs now; term_months: of the first, renewal_months: of those after it."""

    contract_id: str
    starts_on: date
    auto_renews: bool
    ends_on: date | None = None
    renewal_notice_days: int | None = None
    clauses: tuple[AnnouncedClause, ...] = ()
    term_months: int | None = None
    renewal_months: int | None = None
    minimum_term_months: int | None = None
    billing_day: int | None = None
    country: str | None = None
    subdivision: str | None = None


@dataclass(frozen=True)
class Offer:
    """Terms as they are offered to whoever writes the plan. remarks: what was assumed, and is to be looked at."""

    contract_id: str
    terms: ContractTerms
    remarks: tuple[str, ...] = ()


def offer(contract: AnnouncedContract, time_zone: str) -> Offer:
    """Return what a contract says of its end. time_zone: the customer's. Raises CannotOffer."""
    for name, day in (("starts_on", contract.starts_on), ("ends_on", contract.ends_on)):
        if day is not None and not FIRST <= day <= LAST:
            raise CannotOffer(f"Its {name} {day} is no day from {FIRST} to {LAST}: write its terms yourself.")
    place = Place(time_zone, contract.country, contract.subdivision)
    remarks: list[str] = []
    minimum = contract.minimum_term_months
    terms = ContractTerms(
        contract.starts_on,
        place,
        tuple(_clauses(contract, remarks)),
        _term(contract, place, remarks),
        Span(minimum, "months") if minimum else None,
        contract.billing_day,
    )
    end = contract.ends_on
    if end is not None and terms.term is not None and end_at(terms, terms.term, end) != end:
        remarks.append(f"it is announced to end on {end}, which is the end of none of its terms")
    if contract.country is None:
        remarks.append("no country is announced: only Saturdays and Sundays are no business days")
    return Offer(contract.contract_id, terms, tuple(remarks))


def _term(contract: AnnouncedContract, place: Place, remarks: list[str]) -> Term | None:
    if contract.term_months is None and contract.ends_on is None:
        if contract.auto_renews:
            raise CannotOffer("It renews itself, and no end of a term is announced: write its term yourself.")
        return None
    months = contract.term_months or _whole_months(contract, place)
    if not contract.auto_renews:
        return Term(months)
    notice = contract.renewal_notice_days
    if notice is None:
        remarks.append("no notice against its renewal is announced: it is taken to be possible until the last day")
    if contract.renewal_months is None:
        remarks.append(
            f"for how long it is renewed is not announced: it is taken to be {months} months, as its term is"
        )
    remarks.append("who may stop its renewal is not announced: it is taken to be either side")
    return Term(months, Renewal(contract.renewal_months or months, Span(notice or 0, "days")))


def _whole_months(contract: AnnouncedContract, place: Place) -> int:
    start, end = contract.starts_on, contract.ends_on
    if end is None:
        raise LookupError(contract.contract_id)
    about = (end.year - start.year) * 12 + end.month - start.month
    for months in (about, about + 1):
        if months > 0 and through(start, Span(months, "months"), place) == end:
            return months
    raise CannotOffer(f"From {start} to {end} are no whole months: write its term yourself.")


def _clauses(contract: AnnouncedContract, remarks: list[str]) -> Iterator[Clause]:
    taken = {RENEWAL, OWN_END}
    for number, one in enumerate(contract.clauses, start=1):
        clause_id = one.clause_id
        if clause_id in taken or not _ID.fullmatch(clause_id):
            clause_id = next(name for name in _names(number) if name not in taken)
            remarks.append(f"{_named(one, number)} is called {clause_id} here, since its own name cannot be one")
        taken.add(clause_id)
        yield _clause(one, clause_id, number, remarks)


def _names(number: int) -> Iterator[str]:
    name = f"clause-{number}"
    while True:
        yield name
        name += "x"


def _clause(one: AnnouncedClause, clause_id: str, number: int, remarks: list[str]) -> Clause:
    ground = _GROUNDS[one.reason]
    cure = Span(one.cure_days, "days") if one.cure_days else None
    if cure is not None and ground == "ordinary":
        remarks.append(f"{_named(one, number)} has a cure period and needs no breach: the cure period is left out")
        cure = None
    if one.reason == "abuse":
        remarks.append(f"{_named(one, number)} is for abuse: that is a good cause here")
    return Clause(
        clause_id,
        (one.title or f"Clause {one.clause_id}")[:200],
        _PARTIES[one.who_may_end],
        ground,
        Span(one.notice.amount, one.notice.unit),
        one.notice.to_end_of or "day",
        one.form or "written",
        cure,
        one.not_before,
        one.despite_minimum_term,
    )


def _named(one: AnnouncedClause, number: int) -> str:
    return f"clause {one.clause_id if _ID.fullmatch(one.clause_id) else f'number {number}'}"


def differences(written: ContractTerms, announced: ContractTerms) -> tuple[str, ...]:
    """Return in what written terms are others than those that are announced; what nobody announced is no difference."""
    said = (
        "starts_on",
        "place",
        "term",
        *(name for name in ("minimum_term", "billing_day") if getattr(announced, name)),
    )
    found = [name for name in said if getattr(written, name) != getattr(announced, name)]
    before = {clause.clause_id: clause for clause in announced.clauses}
    after = {clause.clause_id: clause for clause in written.clauses}
    found += [f"clause {one}: left out" for one in before if one not in after]
    found += [f"clause {one}: not announced" for one in after if one not in before]
    found += [
        f"clause {one}: {', '.join(_changed(before[one], after[one]))}"
        for one in before
        if one in after and _changed(before[one], after[one])
    ]
    return tuple(found) if len(found) <= MOST_SHOWN else (*found[: MOST_SHOWN - 1], "and more")


def _changed(before: Clause, after: Clause) -> list[str]:
    """Return the names of what differs; a title is only a name."""
    alike = replace(after, title=before.title)
    return [name for name in before.__dataclass_fields__ if getattr(before, name) != getattr(alike, name)]
