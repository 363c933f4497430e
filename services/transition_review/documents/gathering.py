"""Reads what documents of an ending are made of; what is not there yet is said in a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.transition_review.documents.sheet import Colleague, Sheet
from services.transition_review.domain.announcing import require_prepared
from services.transition_review.domain.customer_plan import Around, CustomerPlan, customer_plan
from services.transition_review.domain.refusal import NotPossible
from services.transition_review.domain.transition import Transition
from services.transition_review.store import known, transitions
from services.transition_review.store.known import Customer
from shared.contracts.plans.case import StakeholderRole
from shared.database import Transaction

ROLE: Mapping[StakeholderRole, str] = {
    "main": "main contact",
    "executive": "executive contact",
    "sponsor": "sponsor",
    "affected": "affected by it",
}


class NotThere(Exception):
    """There is nothing to show; the sentence says what is missing."""


@dataclass(frozen=True)
class Company:
    """Our company: what it is called, and where customers reach it (may be empty)."""

    name: str
    reach_us: str = ""


async def plan_of(tx: Transaction, customer_id: str, company: Company) -> CustomerPlan:
    """Return the plan of the customer's latest transition. Raises NotThere."""
    transition, customer = await _latest(tx, customer_id)
    try:
        return await plan_of_transition(tx, transition, customer, company)
    except NotPossible as why:
        raise NotThere(_sentence(customer_id, transition, why)) from None


async def plan_of_transition(
    tx: Transaction, transition: Transition, customer: Customer | None, company: Company
) -> CustomerPlan:
    """Return what the customer may know of a transition. Raises NotPossible."""
    told = transition.announced.parts if transition.announced else None
    people = [told.support.contact] if told and told.support else []
    names = await known.names_of(tx, company.name, customer, people)
    offered = told.referral.alternatives if told and told.referral else ()
    around = Around(names, await known.alternatives_of(tx, offered), company.reach_us)
    return customer_plan(transition, around, tx.now)


async def sheet_of(tx: Transaction, customer_id: str, company: Company) -> Sheet:
    """Return the talk of the customer's latest transition, as it was prepared. Raises NotThere."""
    transition, customer = await _latest(tx, customer_id)
    try:
        return await sheet_of_transition(tx, transition, customer, company)
    except NotPossible as why:
        raise NotThere(_sentence(customer_id, transition, why)) from None


async def sheet_of_transition(
    tx: Transaction, transition: Transition, customer: Customer | None, company: Company
) -> Sheet:
    """Return the talk of a transition, as it was prepared. Raises NotPossible."""
    talk = require_prepared(transition)
    team = _team(transition)
    ours = [*talk.speakers, *(who for who, _ in talk.preparation.roles), *team]
    names = await known.names_of(tx, company.name, customer, ours)
    return Sheet(
        names=names,
        time_zone=transition.time_zone,
        at=tx.now,
        version=transition.versions,
        talk=talk,
        roles=await _roles(tx, transition, customer),
        colleagues=tuple(Colleague(names.person("us", who), " and ".join(does)) for who, does in team.items()),
    )


async def _latest(tx: Transaction, customer_id: str) -> tuple[Transition, Customer | None]:
    customer = await known.find_customer(tx, customer_id)
    transition = await transitions.latest_of(tx, customer_id)
    if transition is None:
        is_known = customer is not None
        raise NotThere(
            f"The customer {customer_id} has no transition, and never had one."
            if is_known
            else f"There is no customer {customer_id}."
        )
    return transition, customer


def _sentence(customer_id: str, transition: Transition, why: NotPossible) -> str:
    """Say in one sentence why there is no such document, and what has to come first."""
    said = why.why.rstrip(".")
    needed = f"; it needs that {why.unmet[0]}" if why.unmet and why.code != "withdrawn" else ""
    return f"{customer_id}, transition {transition.transition_id}: {said[:1].lower()}{said[1:]}{needed}."


def _team(transition: Transition) -> dict[str, list[str]]:
    """Return whom of ours to ask for what: the CSM, the support contact, who approved, who tells whom."""
    found: dict[str, list[str]] = {}
    parts = transition.parts
    if transition.csm is not None:
        found.setdefault(transition.csm, []).append("owns the customer")
    if parts.support is not None:
        found.setdefault(parts.support.contact, []).append("support, data and access until the end")
    if transition.approval is not None:
        found.setdefault(transition.approval.by, []).append("approved the plan: whatever it does not say")
    return found


async def _roles(tx: Transaction, transition: Transition, customer: Customer | None) -> dict[str, str]:
    """Return what the customer's contacts are: as key players of the case, else as they were announced."""
    roles = {one.contact_id: one.role for one in customer.contacts if one.role} if customer else {}
    found = await known.find_case(tx, transition.case_id)
    players = found[1].stakeholders if found else ()
    return roles | {one.person_id: ROLE[one.role] for one in players if one.side == "customer"}
