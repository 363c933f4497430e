"""What action_plans does when something happens, and when somebody asks."""

from typing import Any
from uuid import uuid4

from services.action_plans import domain, store
from services.action_plans.domain import Case, Reason
from shared import outbox, people
from shared.casework import Casework, Done, Refused
from shared.contracts import plans
from shared.contracts.event import Message
from shared.contracts.health import RiskDetected, RiskUpdated
from shared.contracts.topics import ACTION_PLANS_COMMANDS, CUSTOMERS, HEALTH, PEOPLE, PLANS
from shared.contracts.upstream import CustomerChanged, PersonChanged
from shared.database import Transaction

CONSUMES = (HEALTH, CUSTOMERS, PEOPLE, ACTION_PLANS_COMMANDS)
casework = Casework("action_plans")


@casework.on(HEALTH, RiskDetected)
async def open_case_when_risk_is_detected(event: RiskDetected, tx: Transaction) -> None:
    """A risk opens a case, or updates the open one; a watch only suggests."""
    await _take_risk(event, tx)


@casework.on(HEALTH, RiskUpdated)
async def open_or_update_case_when_risk_is_updated(event: RiskUpdated, tx: Transaction) -> None:
    """A watch that was raised to a risk opens a case; an open case learns the new reasons."""
    await _take_risk(event, tx)


async def _take_risk(event: RiskDetected | RiskUpdated, tx: Transaction) -> None:
    reasons = tuple(Reason(reason.code, reason.text) for reason in event.reasons)
    known = await store.open_case_of(tx, event.customer_id)
    if known is not None:
        changed = domain.update_risk(known, event.episode_id, reasons)
        if changed is not None:
            await store.save(tx, changed)
            await outbox.add(tx, PLANS.name, plans.CaseUpdated.follow(event, at=tx.now, case=_snapshot(changed)))
        return
    if event.severity == "watch" or await store.had_case_of_episode(tx, event.customer_id, event.episode_id):
        return
    csm = await store.csm_of(tx, event.customer_id)
    case = domain.open_case(str(uuid4()), event.customer_id, reasons, episode_id=event.episode_id, csm=csm, now=tx.now)
    await store.save(tx, case)
    await outbox.add(tx, PLANS.name, plans.CaseOpened.follow(event, at=tx.now, case=_snapshot(case)))


@casework.on(CUSTOMERS, CustomerChanged)
async def keep_csm_when_customer_changes(event: CustomerChanged, tx: Transaction) -> None:
    """Who owns the customer decides who may act for it."""
    await store.keep_customer(
        tx, event.customer_id, occurred_at=event.occurred_at, event_id=event.event_id, csm=event.csm
    )


@casework.on(PEOPLE, PersonChanged)
async def keep_person_when_person_changes(event: PersonChanged, tx: Transaction) -> None:
    """Roles are taken from here, never from a command."""
    await people.keep(tx, event)


@casework.on(ACTION_PLANS_COMMANDS, plans.OpenCase)
async def open_case(command: plans.OpenCase, tx: Transaction) -> Done:
    """Open a case by hand."""
    csm = await _require_right(command, tx)
    known = await store.open_case_of(tx, command.customer_id)
    if known is not None:
        raise Refused("case_open", f"The customer has an open case already: {known.case_id}.", "no other case is open")
    case = domain.open_case(
        str(uuid4()), command.customer_id, (Reason("by_hand", command.reason),), episode_id=None, csm=csm, now=tx.now
    )
    await store.save(tx, case)
    opened = plans.CaseOpened.follow(command, at=tx.now, case=_snapshot(case), opened_by=tx.actor)
    await outbox.add(tx, PLANS.name, opened)
    return Done(case.case_id, case.revision)


@casework.on(ACTION_PLANS_COMMANDS, plans.DismissCase)
async def dismiss_case(command: plans.DismissCase, tx: Transaction) -> Done:
    """End a case that needs no plan."""
    await _require_right(command, tx)
    known = await store.case(tx, command.customer_id, command.case_id)
    if known is None:
        raise Refused("no_case", "The customer has no such case.", "the case exists")
    if command.expected_revision is not None and command.expected_revision != known.revision:
        raise Refused(
            "conflict",
            f"Somebody else changed the case: it is at revision {known.revision}.",
            f"expected_revision is {known.revision}",
        )
    try:
        case = domain.dismiss(known)
    except domain.NotPossible as why:
        raise Refused("not_possible", str(why), "the case is open") from None
    await store.save(tx, case)
    dismissed = plans.CaseDismissed.follow(
        command, at=tx.now, case=_snapshot(case), dismissed_by=tx.actor, reason=command.reason
    )
    await outbox.add(tx, PLANS.name, dismissed)
    return Done(case.case_id, case.revision)


async def _require_right(command: Message, tx: Transaction) -> str | None:
    """Refuse whoever may not act for the customer; return its CSM."""
    csm = await store.csm_of(tx, command.key)
    people.require_customers_own(await people.find(tx, tx.actor or ""), csm=csm)
    return csm


def _snapshot(case: Case) -> dict[str, Any]:
    reasons = [{"code": reason.code, "text": reason.text} for reason in case.reasons]
    return {
        "case_id": case.case_id,
        "revision": case.revision,
        "state": case.state,
        "opened_at": case.opened_at,
        "episode_id": case.episode_id,
        "reasons": reasons,
        "csm": case.csm,
    }
