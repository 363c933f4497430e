"""Reads what documents for the customer are made of: the case, the names, and through them the shared plan."""

from services.action_plans.domain.case import Case
from services.action_plans.domain.shared_plan import SharedPlan
from services.action_plans.store import cases, customers, dossier, shared_plans
from services.action_plans.store.dossier import Dossier
from shared.database import Transaction


class NotThere(Exception):
    """There is nothing to show; the sentence says what is missing."""


async def shared_plan(tx: Transaction, customer_id: str, us: str) -> SharedPlan:
    """Return the shared plan of the customer's open case, else of its last one. us: what our company is called.

    Raises NotThere where there is no such customer, no case, or no version yet.
    """
    case = await latest_case(tx, customer_id)
    plan = await shared_plans.of_case(tx, case, us)
    if plan is None:
        raise NotThere(f"The case of {customer_id} has no plan yet: a version has to be proposed before there is one.")
    return plan


async def dossier_of(tx: Transaction, customer_id: str, *, with_notes: bool) -> Dossier:
    """Return everything that is kept of the customer's open case, else of its last one. Raises NotThere."""
    return await dossier.gather(tx, await latest_case(tx, customer_id), with_notes=with_notes)


async def latest_case(tx: Transaction, customer_id: str) -> Case:
    """Return the customer's open case, else its last one. Raises NotThere, with what is missing."""
    known = await cases.latest_of(tx, customer_id)
    if known is not None:
        return known[0]
    if await customers.find(tx, customer_id) is None:
        raise NotThere(f"There is no customer {customer_id}.")
    raise NotThere(f"The customer {customer_id} has no case, and never had one.")
