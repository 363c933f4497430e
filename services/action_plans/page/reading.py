"""Finds what a link opens: the link itself, its case, and the shared plan made of it."""

import hashlib
import re
from dataclasses import dataclass

from services.action_plans.domain.case import Case
from services.action_plans.domain.names import Names
from services.action_plans.domain.shared_plan import SharedPlan
from services.action_plans.domain.sharing import shared, shown
from services.action_plans.domain.terms import Terms
from services.action_plans.store import cases, customers, links
from services.action_plans.store.customers import Contact, Customer
from services.action_plans.store.links import Link
from services.action_plans.store.record import Head
from shared import database
from shared.database import Transaction

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 bytes, URL-safe


class Shut(Exception):
    """The link opens nothing: there is none of that token, or it has expired or was revoked. Nobody is told which."""


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
    link = await links.by_token(tx, hash_of(token)) if _TOKEN.fullmatch(token) else None
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


def hash_of(token: str) -> str:
    """Return what a token is kept as."""
    return hashlib.sha256(token.encode()).hexdigest()


async def plan_of(tx: Transaction, visit: Visit, company: str) -> SharedPlan:
    """Return the shared plan as it is now. company: what we are called. Raises Shut where there is none yet."""
    version = shown(visit.case)
    former = None
    if version is not None and version.number > 1:
        former = await cases.terms_of(tx, visit.case.case_id, version.number - 1)
    names = await names_for(tx, visit.case, visit.customer, company, former)
    plan = shared(visit.case, names, tx.now, former=former)
    if plan is None:
        raise Shut
    return plan


async def names_for(
    tx: Transaction, case: Case, customer: Customer, company: str, former: Terms | None = None
) -> Names:
    """Return what those are called whom the case names, and the terms of a former version."""
    return Names(
        us=company,
        customer=customer.name,
        ours=await customers.names_of(tx, sorted(_ours(case, former))),
        theirs={one.contact_id: one.name for one in customer.contacts},
    )


def _ours(case: Case, former: Terms | None) -> set[str]:
    versions = [one for one in (case.plan.proposed, case.plan.agreed) if one is not None]
    terms = [one.terms for one in versions] + ([former] if former is not None else [])
    owners = [*case.plan.retired, *(one for some in terms for one in some.commitments)]
    return {
        *([case.csm] if case.csm else []),
        *(one.person_id for one in case.stakeholders if one.side == "us"),
        *(one.owner for one in owners if one.side == "us"),
        *(one.person_id for version in versions for one in version.acceptances if one.side == "us"),
    }
