"""The page of a case, and that of a transition, to read."""

from fastapi import FastAPI, Request
from fastapi.responses import Response

from services.console.page.acting.planning import best_first
from services.console.page.acting.surroundings import about_case, about_transition, sheets_of
from services.console.page.desk import Desk, Missing, Visit
from services.console.page.differences import Difference, differences
from services.console.page.people import People
from services.console.page.steps import path
from services.console.page.way import way
from services.console.store import announced, customers, reading
from services.console.store import records as stored
from shared.contracts.plans.case import Terms


def add_routes(app: FastAPI, desk: Desk) -> None:
    """Add the addresses of cases and transitions."""

    @app.get("/cases/{case_id}")
    async def case(request: Request, case_id: str) -> Response:
        async with desk.visit(request) as visit:
            return await _case(visit, case_id)

    @app.get("/transitions/{transition_id}")
    async def transition(request: Request, transition_id: str) -> Response:
        async with desk.visit(request) as visit:
            return await _transition(visit, transition_id)


async def _case(visit: Visit, case_id: str) -> Response:
    tx = visit.tx
    known = await stored.case(tx, case_id)
    if known is None:
        raise Missing
    customer = await customers.find(tx, known.customer_id)
    case = known.case
    plan, people = case.plan, People.of(await reading.names(tx), customer, case)
    terms = plan.proposed or plan.agreed
    done = {one.commitment_id: one for one in case.progress}
    about = await about_case(visit, known)
    ended = await stored.transitions_of(tx, known.customer_id)
    transitions = [one for one in ended if one.transition.case_id == case_id]
    return visit.page(
        "case.html",
        known=known,
        acts=await sheets_of(visit, about),
        links=about.links,
        case=case,
        customer=customer,
        people=people,
        steps=path(case, visit.write, about.under_way),
        tasks=await stored.tasks_of(tx, case_id),
        playbooks=best_first(case.suggestions),
        promised=any(
            any(side.model_dump(exclude={"side"}).values()) for side in (case.ledger.us, case.ledger.customer)
        ),
        terms=terms,
        draft_differs=_changes(terms.terms if terms else None, plan.draft, visit, people),
        versions_differ=_changes(
            plan.agreed.terms if plan.agreed else None, plan.proposed.terms if plan.proposed else None, visit, people
        ),
        progress=done,
        risk=await customers.risk(tx, known.customer_id),
        notes=await customers.notes(tx, known.customer_id),
        NOTES=customers.NOTES,
        lines=await customers.lines(tx, known.customer_id, sphere="", before=None, subject_id=case_id),
        transitions=transitions,
        ending=about.under_way,
    )


def _changes(before: Terms | None, after: Terms | None, visit: Visit, people: People) -> list[Difference]:
    return differences(before, after, visit.write, people) if before and after else []


async def _transition(visit: Visit, transition_id: str) -> Response:
    tx = visit.tx
    known = await stored.transition(tx, transition_id)
    if known is None:
        return await _announced(visit, transition_id)
    customer = await customers.find(tx, known.customer_id)
    people = People.of(await reading.names(tx), customer)
    one = known.transition
    about = await about_transition(visit, transition_id)
    offered = one.parts.referral.alternatives if one.parts.referral else ()
    return visit.page(
        "transition.html",
        known=known,
        acts=await sheets_of(visit, about),
        links=about.links,
        to_go_to=[option.label for option in about.to_go_to(offered) if option.value in offered],
        one=one,
        customer=customer,
        people=people,
        way=way(one, visit.write, people),
        tasks=await stored.tasks_of(tx, transition_id),
        reached={done.milestone_id: done for done in one.reached},
        lines=await customers.lines(tx, known.customer_id, sphere="", before=None, subject_id=transition_id),
    )


async def _announced(visit: Visit, transition_id: str) -> Response:
    """Show what was announced, to those who see no more of it; what is theirs to do comes first."""
    tx = visit.tx
    known = await announced.find(tx, transition_id)
    if known is None:
        raise Missing
    customer = await customers.find(tx, known.customer_id)
    milestones = known.termination.milestones if known.termination else ()
    return visit.page(
        "announced.html",
        known=known,
        told=known.termination,
        acts=await sheets_of(visit, await about_transition(visit, transition_id)),
        customer=customer,
        people=People.of(await reading.names(tx), customer),
        milestones=sorted(milestones, key=lambda one: (one.team not in visit.person.teams, one.due_on)),
        lines=await customers.lines(tx, known.customer_id, sphere="termination", before=None),
    )
