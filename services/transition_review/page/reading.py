"""Finds what a link opens: its transition, and the customer's plan made of it."""

from dataclasses import dataclass

from services.transition_review.documents.gathering import Company, plan_of_transition
from services.transition_review.domain.customer_plan import CustomerPlan
from services.transition_review.domain.refusal import NotPossible
from services.transition_review.domain.transition import Transition
from services.transition_review.store import known, links, transitions
from services.transition_review.store.known import Contact, Customer
from services.transition_review.store.links import Link
from shared.database import Transaction
from shared.page.links import Shut, hash_of, is_token


class Withdrawn(Exception):
    """The link is good, and the ending that it tells of was withdrawn."""


@dataclass(frozen=True)
class Visit:
    """Somebody who came by a good link. token: the link's, which is kept nowhere."""

    token: str
    link: Link
    transition: Transition
    customer: Customer
    contact: Contact


async def enter(tx: Transaction, token: str) -> Visit:
    """Return what the token opens. Raises Shut."""
    link = await links.by_token(tx, hash_of(token)) if is_token(token) else None
    if link is None or not link.is_good(tx.now):
        raise Shut
    transition = await transitions.find(tx, link.transition_id)
    customer = await known.find_customer(tx, link.customer_id)
    contact = customer.contact(link.contact_id) if customer is not None else None
    if transition is None or customer is None or contact is None:
        raise Shut
    return Visit(token, link, transition, customer, contact)


async def plan_of(tx: Transaction, visit: Visit, company: Company) -> CustomerPlan:
    """Return the plan as it is now. Raises Withdrawn where the notice was withdrawn."""
    try:
        return await plan_of_transition(tx, visit.transition, visit.customer, company)
    except NotPossible as why:
        if why.code != "withdrawn":
            raise Shut from None
        raise Withdrawn from None
