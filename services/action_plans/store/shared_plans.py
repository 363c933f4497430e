"""The shared plan of a case as it is now: the terms of the version before, and what those are called whom it names."""

from services.action_plans.domain.case import Case
from services.action_plans.domain.names import Names
from services.action_plans.domain.shared_plan import SharedPlan
from services.action_plans.domain.sharing import shared, shown
from services.action_plans.domain.terms import Terms
from services.action_plans.store import cases, customers
from shared.database import Transaction


async def of_case(tx: Transaction, case: Case, company: str) -> SharedPlan | None:
    """Return the shared plan, None before any version was proposed. company: what we are called."""
    version, former = shown(case), None
    if version is not None and version.number > 1:
        former = await cases.terms_of(tx, case.case_id, version.number - 1)
    return shared(case, await _names(tx, case, company, former), tx.now, former=former)


async def _names(tx: Transaction, case: Case, company: str, former: Terms | None) -> Names:
    customer = await customers.find(tx, case.customer_id)
    return Names(
        us=company,
        customer=(customer.name if customer else "") or case.customer_id,
        ours=await customers.names_of(tx, sorted(_ours(case, former))),
        theirs={one.contact_id: one.name for one in customer.contacts} if customer else {},
    )


def _ours(case: Case, former: Terms | None) -> set[str]:
    """Return the ids of those of our people whom the plan, or the version before it, names."""
    versions = [one for one in (case.plan.proposed, case.plan.agreed) if one is not None]
    terms = [one.terms for one in versions] + ([former] if former is not None else [])
    owners = [*case.plan.retired, *(one for some in terms for one in some.commitments)]
    return {
        *([case.csm] if case.csm else []),
        *(one.person_id for one in case.stakeholders if one.side == "us"),
        *(one.owner for one in owners if one.side == "us"),
        *(one.person_id for version in versions for one in version.acceptances if one.side == "us"),
    }
