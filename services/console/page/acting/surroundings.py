"""What a form is about, as this person may see it."""

from services.console.page.acting.form import About
from services.console.page.acting.sheet import Sheets, sheets
from services.console.page.desk import Missing, Visit
from services.console.page.people import People
from services.console.store import colleagues, customers, reading, records
from services.console.store.records import KnownCase, KnownTransition


async def about_page(visit: Visit, kind: str, id_: str) -> About:
    """Return what the forms of a page are about. Raises Missing."""
    if kind == "cases":
        case = await records.case(visit.tx, id_)
        if case is not None:
            return await about_case(visit, case)
    if kind == "transitions":
        found = await records.transition(visit.tx, id_)
        if found is not None:
            return await about_transition(visit, found)
    raise Missing


async def about_case(visit: Visit, known: KnownCase) -> About:
    """Return what the forms of a case are about."""
    return await _about(visit, f"cases/{known.case.case_id}", known)


async def about_transition(visit: Visit, known: KnownTransition) -> About:
    """Return what the forms of a transition are about. Raises Missing where its case may not be seen."""
    case = await records.case(visit.tx, known.transition.case_id)
    if case is None:
        raise Missing
    return await _about(visit, f"transitions/{known.transition.transition_id}", case, known)


async def transition_sheets(visit: Visit, known: KnownTransition) -> Sheets:
    """Return the forms of a transition; none for those to whom it was announced, who do not see its case."""
    if not visit.can_act:
        return {}
    try:
        return await sheets(visit.tx, await about_transition(visit, known))
    except Missing:
        return {}


async def _about(visit: Visit, page: str, known: KnownCase, ending: KnownTransition | None = None) -> About:
    customer = await customers.find(visit.tx, known.customer_id)
    one = ending.transition if ending else None
    return About(
        page,
        known.customer_id,
        customer,
        visit.person,
        visit.write,
        People.of(await reading.names(visit.tx), customer, known.case),
        await colleagues.active(visit.tx),
        known.case,
        one,
        await colleagues.stands_in_for(visit.tx, one.transition_id) if one else frozenset(),
    )
