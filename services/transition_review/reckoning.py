"""Between contracts and the rules of dates and money: what was written, as rules read it; what they say, as told."""

from datetime import date

import msgspec
from pydantic import ValidationError

from services.transition_review.domain.clauses.announced import (
    AnnouncedContract,
    CannotOffer,
    Offer,
    differences,
    offer,
)
from services.transition_review.domain.clauses.calendar import UnknownPlace, require_known
from services.transition_review.domain.clauses.contract import ContractTerms, Notice
from services.transition_review.domain.clauses.ending import Ending
from services.transition_review.domain.reckoned import Reckoned
from services.transition_review.domain.settlement.items import SettlementItems
from shared.contracts.endings import clauses, money, reckoned

MOST_BYTES = 200_000  # of what follows from a plan: it travels with the transition, in one message


def terms_of(written: clauses.ContractTerms) -> ContractTerms:
    """Return a contract's terms; raises UnknownPlace where nobody knows the holidays of its place."""
    terms = msgspec.convert(written, ContractTerms, from_attributes=True)
    require_known(terms.place)
    return terms


def offered(contract: AnnouncedContract, time_zone: str) -> Offer:
    """Return what upstream announced of a contract's end, as WriteContracts takes it. Raises CannotOffer."""
    found = offer(contract, time_zone)
    try:
        terms_of(told_terms(found.terms))
    except UnknownPlace as why:
        raise CannotOffer(str(why)) from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(one) for one in first["loc"])
        raise CannotOffer(f"{where} cannot be what is announced: {first['msg']}. Write it yourself.") from None
    return found


def told_terms(terms: ContractTerms) -> clauses.ContractTerms:
    """Return a contract's terms as they are written."""
    return clauses.ContractTerms.model_validate(terms, from_attributes=True)


def other_than_announced(written: ContractTerms, contract: AnnouncedContract, time_zone: str) -> tuple[str, ...]:
    """Return in what a contract's written terms are others than those that upstream announced."""
    try:
        return differences(written, offered(contract, time_zone).terms)
    except CannotOffer as why:
        return (f"cannot be compared: {why}",)


def notice_of(written: clauses.TerminationNotice) -> Notice:
    """Return a notice."""
    return msgspec.convert(written, Notice, from_attributes=True)


def items_of(written: money.SettlementItems) -> SettlementItems:
    """Return what a settlement is computed from."""
    return msgspec.convert(written, SettlementItems, from_attributes=True)


def told_end(ending: Ending) -> clauses.LawfulEnd:
    """Return the earliest lawful end with its derivation, as it is told: of too many other ways the nearest."""
    others = sorted(ending.others, key=lambda one: one.day or date.max)
    nearest, left_out = others[: clauses.MOST_OTHERS], len(others[clauses.MOST_OTHERS :])
    told = {"chosen": ending.chosen, "others": nearest, "left_out": left_out}
    return clauses.LawfulEnd.model_validate(told, from_attributes=True)


def told(found: Reckoned) -> reckoned.Reckoned:
    """Return what follows from a plan as it travels with it, MOST_BYTES at most: lines too long for it are left out."""
    said = reckoned.Reckoned.model_validate(
        {
            "lawful_end": told_end(found.end) if found.end else None,
            "verdict": found.verdict,
            "receive_by": found.receive_by,
            "time_needed": found.time_needed,
            "settlement": found.settlements,
            "unsettled": found.unsettled,
        },
        from_attributes=True,
    )
    if len(said.model_dump_json().encode()) <= MOST_BYTES:
        return said
    sums = tuple(one.model_copy(update={"lines": ()}) for one in said.settlement)
    left_out = sum(len(one.lines) for one in said.settlement)
    return said.model_copy(update={"settlement": sums, "lines_left_out": left_out})
