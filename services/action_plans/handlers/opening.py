"""How a case begins, changes hands, and is dismissed."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from services.action_plans.domain.case import Case, Ending, Evidence, Reason, require_working
from services.action_plans.domain.refusal import NotPossible
from services.action_plans.handlers.desk import Desk, by_senior, decided, rule
from services.action_plans.keeping import Cause, Decided, Keeper
from services.action_plans.store import cases, customers, links
from services.action_plans.store.record import Head
from shared import people
from shared.commands import Done, Refused
from shared.contracts import health as contracts
from shared.contracts.health import RiskDetected, RiskUpdated
from shared.contracts.plans import commands, facts
from shared.database import Transaction

MOST_REASONS = 20  # the gravest come first
EVIDENCE = 5  # event ids of one reason
BY_HAND = "by_hand"  # the reason of a person, which stays when a risk is found as well


async def take_risk(keeper: Keeper, event: RiskDetected | RiskUpdated, tx: Transaction) -> None:
    """A risk opens a case, or updates the open one; a watch only suggests."""
    reasons = tuple(Reason(one.code, one.text, _evidence(one.evidence)) for one in event.reasons[:MOST_REASONS])
    known = await cases.open_of(tx, event.customer_id)
    if known is not None:
        case, head = known
        reasons = (*(one for one in case.reasons if one.code == BY_HAND), *reasons)
        if (case.episode_id, case.severity, case.reasons) != (event.episode_id, event.severity, reasons):
            changed = case.next(episode_id=event.episode_id, severity=event.severity, reasons=reasons)
            told = decided(changed, facts.CaseUpdated)
            await keeper.keep(tx, told, head, Cause.of(event), details=_said(event, reasons))
        return
    if event.severity == "watch" or await cases.had_episode(tx, event.customer_id, event.episode_id):
        return
    case = await _new(tx, event.customer_id, reasons)
    case = replace(case, episode_id=event.episode_id, severity=event.severity)
    told = decided(case, facts.CaseOpened)
    await keeper.keep(tx, told, Head(), Cause.of(event), details=_said(event, reasons))


def _said(event: RiskDetected | RiskUpdated, reasons: tuple[Reason, ...]) -> dict[str, Any]:
    """Return what the record keeps of a risk."""
    texts = [reason.text for reason in reasons]
    return {"episode_id": event.episode_id, "severity": event.severity, "reasons": texts}


def _evidence(told: contracts.Evidence | None) -> Evidence | None:
    return Evidence(told.value, told.usual, told.event_ids[:EVIDENCE]) if told else None


async def open_by_hand(keeper: Keeper, command: commands.OpenCase, tx: Transaction) -> Done:
    """Open a case that no risk has opened."""
    customer = await customers.find(tx, command.customer_id)
    person = people.require_customers_own(await people.find(tx, tx.actor or ""), csm=customer.csm if customer else None)
    if customer is None:
        raise Refused("no_customer", "No customer of that id was ever announced.", "the customer is announced")
    known = await cases.open_of(tx, command.customer_id)
    if known is not None:
        raise Refused("case_open", f"The customer has an open case already: {known[0].case_id}.", "no case is open")
    case = await _new(tx, command.customer_id, (Reason(BY_HAND, command.reason),), opened_by=person.person_id)
    details = {"event_id": command.event_id, "reason": command.reason}
    kept = await keeper.keep(
        tx, decided(case, facts.CaseOpened), Head(), Cause.of(command), by=person.person_id, details=details
    )
    return Done(kept.case_id, kept.revision)


async def _new(tx: Transaction, customer_id: str, reasons: tuple[Reason, ...], *, opened_by: str | None = None) -> Case:
    customer = await customers.find(tx, customer_id)
    csm = await customers.standing_in(tx, customer.csm) if customer else None
    return Case(
        case_id=str(uuid4()),
        customer_id=customer_id,
        revision=1,
        opened_at=tx.now,
        opened_by=opened_by,
        csm=csm,
        episode_id=None,
        severity=None,
        reasons=reasons,
        band=await customers.band_of(tx, customer_id),
        time_zone=customer.time_zone if customer else "UTC",
    )


@rule(commands.DismissCase)
async def dismiss(case: Case, asked: commands.DismissCase, desk: Desk) -> Decided:
    """End a case that needs no plan."""
    require_working(case)
    await links.revoke_all(desk.tx, case.case_id)
    ended = case.next(ending=Ending("dismissed", asked.reason, desk.tx.now, desk.by))
    return decided(ended, facts.CaseDismissed, reason=asked.reason)


@rule(commands.ReassignCase, by_senior)
async def reassign(case: Case, asked: commands.ReassignCase, desk: Desk) -> Decided:
    """Give the case to another CSM."""
    await desk.require_of_ours(asked.csm)
    if asked.csm == case.csm:
        raise NotPossible("no_change", "The case is theirs already.", "another CSM is named")
    return decided(
        case.next(csm=asked.csm), facts.CaseReassigned, about=asked.csm, before=case.csm, reason=asked.reason
    )
