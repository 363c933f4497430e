"""Between contracts and the rules of dates and money: what was written, as rules read it; what they say, as told."""

from collections.abc import Sequence

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
from services.transition_review.domain.settlement.items import SettlementItems
from services.transition_review.domain.settlement.settling import Settlement
from shared.contracts.endings import clauses, money


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
    """Return the earliest lawful end with its derivation, as it is told."""
    return clauses.LawfulEnd.model_validate(ending, from_attributes=True)


def told_settlements(settlements: Sequence[Settlement]) -> tuple[money.Settlement, ...]:
    """Return settlements, as they are told."""
    return tuple(money.Settlement.model_validate(one, from_attributes=True) for one in settlements)
