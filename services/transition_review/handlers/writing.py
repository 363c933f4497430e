"""How the parts of a plan are written."""

from typing import Any

import msgspec

from services.transition_review import reckoning
from services.transition_review.domain import parts
from services.transition_review.domain.clauses.announced import AnnouncedContract
from services.transition_review.domain.clauses.calendar import UnknownPlace
from services.transition_review.domain.parts import PartName
from services.transition_review.domain.refusal import NotPossible
from services.transition_review.domain.transition import Transition, write
from services.transition_review.handlers.desk import Desk, decided, rule
from services.transition_review.keeping import Decided
from services.transition_review.store import known
from shared.contracts.endings import commands, facts
from shared.contracts.event import Contract


def _written(
    transition: Transition, name: PartName, told: Contract, kind: type[Any], desk: Desk, **more: Any
) -> Decided:
    part = msgspec.convert(told.model_dump(mode="json", exclude_none=True), kind)
    return decided(write(transition, name, part, desk.by), facts.PartWritten, name, part=name, **more)


@rule(commands.WriteTimeline)
async def write_timeline(transition: Transition, asked: commands.WriteTimeline, desk: Desk) -> Decided:
    """Write when it ends, and what is done until then."""
    return _written(transition, "timeline", asked.timeline, parts.Timeline, desk)


@rule(commands.WriteContracts)
async def write_contracts(transition: Transition, asked: commands.WriteContracts, desk: Desk) -> Decided:
    """Write which contract ends, and how; what differs from what upstream announced is told."""
    try:
        terms = reckoning.terms_of(asked.contracts.terms)
    except UnknownPlace as why:
        raise NotPossible(
            "unknown_place", str(why), "the country and its part are ones whose holidays are known"
        ) from None
    customer, differs = desk.customer, tuple[str, ...]()
    if customer is not None and customer.contract is not None:
        _require_announced(asked.contracts.contract_id, customer.contract)
        differs = reckoning.other_than_announced(terms, customer.contract, customer.time_zone)
    return _written(transition, "contracts", asked.contracts, parts.Contracts, desk, differs=differs)


def _require_announced(contract_id: str, announced: AnnouncedContract) -> None:
    if contract_id != announced.contract_id:
        raise NotPossible(
            "unknown_contract",
            f"{contract_id} is no contract of the customer: announced is {announced.contract_id}.",
            "the contract is the one that is announced with the customer (customers.v1)",
        )


@rule(commands.WriteRefunds)
async def write_refunds(transition: Transition, asked: commands.WriteRefunds, desk: Desk) -> Decided:
    """Write what is owed either way."""
    return _written(transition, "refunds", asked.refunds, parts.Refunds, desk)


@rule(commands.WriteSupport)
async def write_support(transition: Transition, asked: commands.WriteSupport, desk: Desk) -> Decided:
    """Write how the customer is looked after until the end."""
    await desk.require_of_ours(asked.support.contact)
    return _written(transition, "support", asked.support, parts.Support, desk)


@rule(commands.WriteCommunication)
async def write_communication(transition: Transition, asked: commands.WriteCommunication, desk: Desk) -> Decided:
    """Write who tells whom, when, how."""
    for one in asked.communication.messages:
        await desk.require_of_ours(one.by)
    return _written(transition, "communication", asked.communication, parts.Communication, desk)


@rule(commands.WriteReferral)
async def write_referral(transition: Transition, asked: commands.WriteReferral, desk: Desk) -> Decided:
    """Write whom the customer could go to."""
    if missing := await known.unknown_alternatives(desk.tx, asked.referral.alternatives):
        raise NotPossible(
            "unknown_alternative",
            f"{missing[0]} is no alternative of the catalogue.",
            "the alternative is in the catalogue, and not retired",
        )
    return _written(transition, "referral", asked.referral, parts.Referral, desk)
