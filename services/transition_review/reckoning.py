"""Between contracts and the rules of dates and money: what was written, as rules read it; what they say, as told."""

from collections.abc import Sequence

import msgspec

from services.transition_review.domain.clauses.calendar import require_known
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
