"""How a case comes to its end: saved, failed, lost, ended by a transition; and whether it may be ended today."""

from services.action_plans.domain import progress
from services.action_plans.domain.case import Case, Ending, Failure, require_undecided, require_working
from services.action_plans.domain.eligibility import checklist as conditions_of
from services.action_plans.domain.eligibility import grounds, held, what_we_owe
from services.action_plans.domain.progress import Progress, status
from services.action_plans.domain.refusal import NotPossible
from services.action_plans.handlers.desk import Desk, decided, rule
from services.action_plans.keeping import Cause, Decided, Keeper
from services.action_plans.playbooks.shipped import NAMES as SITUATIONS
from services.action_plans.store import cases, links
from services.action_plans.store.record import Head
from shared import outbox
from shared.contracts.endings.facts import (
    EligibilityAsked,
    TransitionAnnounced,
    TransitionCompleted,
    TransitionProposed,
    TransitionWithdrawn,
)
from shared.contracts.plans import commands, facts
from shared.contracts.topics import PLANS
from shared.contracts.upstream import CustomerLeft
from shared.database import Transaction

MOST_WHY = 4_000  # characters


def _require_situation(cause: str) -> None:
    if cause not in SITUATIONS:
        raise NotPossible(
            "unknown_cause", f"There is no situation {cause}.", f"cause is one of {', '.join(SITUATIONS)}"
        )


@rule(commands.DeclareSaved)
async def declare_saved(case: Case, asked: commands.DeclareSaved, desk: Desk) -> Decided:
    """The customer is saved; an ending of theirs is withdrawn by that, announced or not."""
    require_undecided(case)
    _require_situation(asked.cause)
    if not held(case):
        raise NotPossible(
            "not_talked", "Nobody has talked to the customer yet.", "a candid conversation is held and recorded"
        )
    ending = Ending("saved", asked.why, desk.tx.now, desk.by, asked.cause, tuple(dict.fromkeys(asked.helped)))
    await links.revoke_all(desk.tx, case.case_id)
    days = (desk.tx.now - case.opened_at).days
    return decided(case.next(ending=ending), facts.PlanSucceeded, helped=ending.helped, days=days)


@rule(commands.DeclareFailed)
async def declare_failed(case: Case, asked: commands.DeclareFailed, desk: Desk) -> Decided:
    """Everything was tried and it still fails. Not while we owe the customer something ourselves."""
    require_working(case)
    _require_situation(asked.cause)
    found, today = grounds(case, desk.tx.now), case.today(desk.tx.now)
    unmet = [] if held(case) else ["a candid conversation is held and recorded"]
    if not found:
        unmet.append(
            "the agreed time frame has ended, or the customer refused the plan (in words, or by three documented offers"
            " left unanswered), or abandoned it (two reviews in a row missed by them)"
        )
    unmet += what_we_owe(progress.overdue_of_ours(case.commitments, case.progress_by_id, today))
    if unmet:
        raise NotPossible("not_failed", "The plan cannot be declared failed yet.", *unmet)
    failure = Failure(next(iter(found)), asked.why, asked.cause, desk.by, desk.tx.now)
    known = case.progress_by_id
    statuses = [
        {
            "commitment_id": one.commitment_id,
            "status": status(one, known.get(one.commitment_id, Progress(one.commitment_id)), today),
        }
        for one in case.commitments
    ]
    return decided(case.next(failure=failure), facts.PlanFailed, statuses=statuses)


async def lose(keeper: Keeper, event: CustomerLeft, tx: Transaction) -> None:
    """The customer left by itself: its case is over."""
    known = await cases.open_of(tx, event.customer_id)
    if known is None:
        return
    case, head = known
    await links.revoke_all(tx, case.case_id)
    cause = case.failure.cause if case.failure else None
    why = (event.reason or "The customer ended the relationship.")[:MOST_WHY]
    ending = Ending("lost", why, tx.now, cause=cause)
    await keeper.keep(tx, decided(case.next(ending=ending), facts.CaseLost), head, Cause.of(event))


Transition = TransitionProposed | EligibilityAsked | TransitionAnnounced | TransitionWithdrawn | TransitionCompleted


async def _open(event: Transition, tx: Transaction) -> tuple[Case, Head] | None:
    """Return the case that a transition is about, None unless it is open and this customer's, who is locked."""
    known = await cases.find(tx, event.case_id)
    return known if known and known[0].customer_id == event.customer_id and known[0].is_open else None


async def answer_eligibility(keeper: Keeper, event: TransitionProposed | EligibilityAsked, tx: Transaction) -> None:
    """Say, under the case's lock, whether this relationship may be ended now."""
    common = {"case_id": event.case_id, "transition_id": event.transition_id}
    known = await _open(event, tx)
    if known is None:
        why = ("the case exists and is open",)
        await outbox.add(tx, PLANS.name, facts.EligibilityRefused.follow(event, at=tx.now, reasons=why, **common))
        return
    case = known[0]
    checklist = keeper.checklist(case, tx)
    counted = [one for one in conditions_of(case, tx.now) if one.name not in event.overridden]
    reasons = [one.needed for one in counted if not one.met]
    if event.case_revision != case.revision:
        reasons.insert(0, f"the case is looked at as it is now: at revision {case.revision}")
    if reasons:
        refused = facts.EligibilityRefused.follow(event, at=tx.now, reasons=reasons, checklist=checklist, **common)
        await outbox.add(tx, PLANS.name, refused)
        return
    confirmed = facts.EligibilityConfirmed.follow(
        event, at=tx.now, revision=case.revision, checklist=checklist, **common
    )
    await outbox.add(tx, PLANS.name, confirmed)


async def stand_down(keeper: Keeper, event: TransitionAnnounced, tx: Transaction) -> None:
    """The end is announced, by an executive's override while the plan still ran: nobody works at the plan any more."""
    known = await _open(event, tx)
    if known is None or known[0].failure is not None or known[0].announced_at is not None:
        return
    case, head = known
    announced = case.next(announced_at=event.occurred_at)
    await keeper.keep(tx, decided(announced, facts.CaseUpdated), head, Cause.of(event))


async def resume(keeper: Keeper, event: TransitionWithdrawn, tx: Transaction) -> None:
    """The transition is off: a case that failed, or was ended in spite of its plan, goes on as it was."""
    known = await _open(event, tx)
    if known is None or (known[0].failure is None and known[0].announced_at is None):
        return
    case, head = known
    resumed = case.next(failure=None, announced_at=None)
    await keeper.keep(tx, decided(resumed, facts.CaseResumed), head, Cause.of(event))


async def end(keeper: Keeper, event: TransitionCompleted, tx: Transaction) -> None:
    """The relationship has ended by a transition."""
    known = await _open(event, tx)
    if known is None:
        return
    case, head = known
    await links.revoke_all(tx, case.case_id)
    cause = case.failure.cause if case.failure else None
    ending = Ending("ended", "The relationship was ended by a transition.", tx.now, cause=cause)
    await keeper.keep(tx, decided(case.next(ending=ending), facts.CaseEnded), head, Cause.of(event))
