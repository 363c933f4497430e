"""Finds what a link opens: the link itself, its case, and the shared plan made of it."""

from dataclasses import dataclass

from services.action_plans.domain.case import Case
from services.action_plans.domain.shared_plan import SharedPlan
from services.action_plans.store import cases, customers, links, shared_plans
from services.action_plans.store.customers import Contact, Customer
from services.action_plans.store.links import Link
from services.action_plans.store.record import Head
from shared import database
from shared.database import Transaction
from shared.page.links import Shut, hash_of, is_token


@dataclass(frozen=True)
class Visit:
    """Somebody who came by a good link. token: the link's, which is kept nowhere."""

    token: str
    link: Link
    case: Case
    head: Head
    customer: Customer
    contact: Contact


async def enter(tx: Transaction, token: str, *, to_act: bool = False) -> Visit:
    """Return what the token opens; to_act: under the customer's lock. Raises Shut."""
    link = await links.by_token(tx, hash_of(token)) if is_token(token) else None
    if link is not None and to_act:
        await database.lock_customer(tx, link.customer_id)
        link = await links.find(tx, link.link_id)  # it may have been revoked while somebody else had the lock
    if link is None:
        raise Shut
    known, customer = await cases.find(tx, link.case_id), await customers.find(tx, link.customer_id)
    contact = customer.contact(link.contact_id) if customer is not None else None
    if not link.is_good(tx.now) or known is None or customer is None or contact is None:
        raise Shut
    return Visit(token, link, *known, customer, contact)


async def plan_of(tx: Transaction, visit: Visit, company: str) -> SharedPlan:
    """Return the shared plan as it is now. company: what we are called. Raises Shut where there is none yet."""
    plan = await shared_plans.of_case(tx, visit.case, company)
    if plan is None:
        raise Shut
    return plan
