"""What other services and upstream systems tell, and what follows from it for cases; and what commands lead to."""

from dataclasses import replace
from functools import partial

from services.action_plans.handlers import (
    closing,
    desk,
    documents,
    filling,
    involving,
    opening,
    planning,
    progressing,
    sharing,
    talking,
)
from services.action_plans.handlers.desk import decided
from services.action_plans.keeping import Cause, Keeper
from services.action_plans.store import cases, customers, links
from services.action_plans.store.customers import Customer
from shared import database, people
from shared.casework import Casework
from shared.contracts.endings.facts import (
    EligibilityAsked,
    TransitionAnnounced,
    TransitionCompleted,
    TransitionProposed,
    TransitionWithdrawn,
)
from shared.contracts.health import HealthBandChanged, RiskDetected, RiskUpdated
from shared.contracts.plans import commands, facts
from shared.contracts.topics import (
    ACTION_PLANS_COMMANDS,
    CUSTOMERS,
    HEALTH,
    PEOPLE,
    RELATIONSHIP,
    TRANSITIONS,
)
from shared.contracts.upstream import ContactLeft, CustomerChanged, CustomerLeft, PersonChanged
from shared.database import Transaction

NAME = "action_plans"
ROOMS = (filling, involving, planning, progressing, sharing, talking)  # where rules of commands live


def casework(keeper: Keeper) -> Casework:
    """Return the lane of this service: every type that it takes, with what it does."""
    lane = Casework(NAME)
    for topic, kind, what in (
        (HEALTH, RiskDetected, opening.take_risk),
        (HEALTH, RiskUpdated, opening.take_risk),
        (HEALTH, HealthBandChanged, _keep_band),
        (RELATIONSHIP, CustomerLeft, closing.lose),
        (RELATIONSHIP, ContactLeft, _shut_out),
        (CUSTOMERS, CustomerChanged, _keep_customer),
        (TRANSITIONS, TransitionProposed, closing.answer_eligibility),
        (TRANSITIONS, EligibilityAsked, closing.answer_eligibility),
        (TRANSITIONS, TransitionAnnounced, closing.stand_down),
        (TRANSITIONS, TransitionWithdrawn, closing.resume),
        (TRANSITIONS, TransitionCompleted, closing.end),
        (ACTION_PLANS_COMMANDS, commands.OpenCase, opening.open_by_hand),
    ):
        lane.on(topic, kind)(partial(what, keeper))
    lane.on(PEOPLE, PersonChanged)(_keep_person)
    lane.on(ACTION_PLANS_COMMANDS, commands.RequestDocument)(documents.request)
    for command in desk.RULES:
        lane.on(ACTION_PLANS_COMMANDS, command)(partial(desk.carry_out, keeper))
    return lane


async def _keep_band(keeper: Keeper, event: HealthBandChanged, tx: Transaction) -> None:
    """A case knows the health band: whether it is known at all is a condition of the checklist."""
    await customers.keep_band(tx, event.customer_id, event.after)
    known = await cases.open_of(tx, event.customer_id)
    if known is not None and known[0].band != event.after:
        case, head = known
        await keeper.keep(tx, decided(case.next(band=event.after), facts.CaseUpdated), head, Cause.of(event))


async def _keep_customer(keeper: Keeper, event: CustomerChanged, tx: Transaction) -> None:
    """Keep what cases need of a customer; its open case follows CSM and time zone. Whoever left opens no link."""
    before = await customers.find(tx, event.customer_id)
    await customers.keep(tx, event)
    now = await customers.find(tx, event.customer_id)
    if now is None or now == before:
        return
    known = await cases.open_of(tx, event.customer_id)
    if known is None:
        return
    case, head = known
    for gone in _ids(before) - _ids(now):
        await links.revoke_all(tx, case.case_id, gone)
    changed = replace(case, time_zone=now.time_zone)
    csm = await customers.standing_in(tx, now.csm)
    moved = before is None or before.csm != now.csm
    if moved and case.csm != csm:
        given = replace(changed, revision=case.revision + 1, csm=csm)
        why = "The customer has another CSM."
        what = decided(given, facts.CaseReassigned, csm, before=case.csm, reason=why)
        await keeper.keep(tx, what, head, Cause.of(event))
    elif changed != case:
        await keeper.keep(tx, decided(changed.next(), facts.CaseUpdated), head, Cause.of(event))


async def _shut_out(keeper: Keeper, event: ContactLeft, tx: Transaction) -> None:
    """Whoever has left the customer's company opens no link any more."""
    del keeper
    known = await cases.open_of(tx, event.customer_id)
    if known is not None:
        await links.revoke_all(tx, known[0].case_id, event.contact_id)


def _ids(customer: Customer | None) -> set[str]:
    return {one.contact_id for one in customer.contacts} if customer else set()


async def _keep_person(event: PersonChanged, tx: Transaction) -> None:
    """Roles are taken from here, never from a command. Cases of a CSM who has left are looked at by the clock."""
    await people.keep(tx, event)
    await customers.describe_person(tx, event)
    if not event.active:
        for customer_id in await cases.customers_of(tx, event.person_id):  # in order, so that nobody waits in a circle
            await database.lock_customer(tx, customer_id)
        await cases.look_again(tx, event.person_id)
