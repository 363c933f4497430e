"""What a form is about, as this person may see it."""

from collections.abc import Sequence
from dataclasses import replace

from services.console.page.acting import alternatives, preferences, taking
from services.console.page.acting.field import Option
from services.console.page.acting.form import About
from services.console.page.acting.sheet import Sheets, sheets
from services.console.page.desk import Missing, Visit
from services.console.page.people import People
from services.console.store import alternatives as catalogue
from services.console.store import announced, chosen, colleagues, customers, links, reading, records
from services.console.store.announced import Announced
from services.console.store.records import KnownCase, KnownTransition


async def about_page(visit: Visit, kind: str, id_: str) -> About:
    """Return what the forms of a page are about. Raises Missing."""
    match kind:
        case "cases":
            case = await records.case(visit.tx, id_)
            if case is not None:
                return await about_case(visit, case)
        case "transitions":
            return await about_transition(visit, id_)
        case "customers":
            return await about_customer(visit, id_)
        case "me" if f"me/{id_}" == preferences.PAGE:
            return await about_oneself(visit)
        case "me" if f"me/{id_}" == taking.PAGE:
            return await about_notices(visit, [])
        case "catalogue" if f"catalogue/{id_}" == alternatives.PAGE:
            return await about_alternatives(visit)
    raise Missing


async def about_case(visit: Visit, known: KnownCase) -> About:
    """Return what the forms of a case are about."""
    case_id = known.case.case_id
    under_way = await records.under_way(visit.tx, known.customer_id, case_id)
    return replace(await _about(visit, f"cases/{case_id}", known.customer_id, known), under_way=under_way)


async def about_transition(visit: Visit, transition_id: str) -> About:
    """Return what the forms of a transition are about; for who sees no more, what was announced. Raises Missing."""
    found = await records.transition(visit.tx, transition_id)
    told = await announced.find(visit.tx, transition_id)
    known = found or told
    if known is None:
        raise Missing
    case = await records.case(visit.tx, found.transition.case_id) if found else None
    return await _about(visit, f"transitions/{transition_id}", known.customer_id, case, found, told)


async def about_customer(visit: Visit, customer_id: str) -> About:
    """Return what the forms of a customer are about. Raises Missing where its health may not be seen."""
    if not await customers.studies(visit.tx, customer_id):
        raise Missing
    return await _about(visit, f"customers/{customer_id}", customer_id)


async def about_oneself(visit: Visit) -> About:
    """Return what the forms of oneself are about."""
    tx, known = visit.tx, await chosen.of_reader(visit.tx)
    some = await customers.some(tx, [one.customer for one in known.muted] if known else [])
    return About(
        preferences.PAGE,
        "",
        None,
        visit.person,
        visit.write,
        People({**some, **await reading.names(tx)}),
        await colleagues.active(tx),
        chosen=known,
        customers=tuple(Option(*one) for one in some.items()),
    )


async def about_notices(visit: Visit, asks: Sequence[str]) -> About:
    """Return what the forms of notifications are about. asks: what the reader may take in hand."""
    people = People(await reading.names(visit.tx))
    return About(taking.PAGE, "", None, visit.person, visit.write, people, {}, asks=tuple(asks))


async def about_alternatives(visit: Visit) -> About:
    """Return what the forms of the catalogue of alternatives are about."""
    known = await catalogue.every(visit.tx)
    return About(alternatives.PAGE, "", None, visit.person, visit.write, People({}), {}, alternatives=known)


async def sheets_of(visit: Visit, about: About) -> Sheets:
    """Return the forms of a page; none where nobody can do anything here."""
    return await sheets(visit.tx, about) if visit.can_act else {}


async def _about(
    visit: Visit,
    page: str,
    customer_id: str,
    known: KnownCase | None = None,
    ending: KnownTransition | None = None,
    told: Announced | None = None,
) -> About:
    customer = await customers.find(visit.tx, customer_id)
    one, word = ending.transition if ending else None, await customers.word(visit.tx, customer_id)
    return About(
        page,
        customer_id,
        customer,
        visit.person,
        visit.write,
        People.of(await reading.names(visit.tx), customer, known.case if known else None),
        await colleagues.active(visit.tx),
        known.case if known else None,
        one,
        told,
        word.override if word else None,
        await chosen.of_reader(visit.tx),
        teams=await colleagues.teams(visit.tx) if one else (),
        links=await links.of_subject(visit.tx, page.partition("/")[2]),
        alternatives=await catalogue.every(visit.tx) if one else (),
        stands_in_for=await colleagues.stands_in_for(visit.tx, one.transition_id) if one else frozenset(),
        leads_in=await colleagues.leads_in(visit.tx) if one else frozenset(),
        has_part=await customers.has_part(visit.tx, customer_id, one.transition_id if one else None),
    )
