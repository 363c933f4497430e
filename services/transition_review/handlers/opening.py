"""How a transition begins: proposed by people, confirmed or refused by action_plans; and overrides."""

from collections.abc import Collection
from dataclasses import replace
from uuid import uuid4

from services.transition_review.domain import approving, due, ending
from services.transition_review.domain.policy import Policy
from services.transition_review.domain.refusal import NotPossible
from services.transition_review.domain.transition import Asked, Override, Transition, require_open
from services.transition_review.handlers.desk import Desk, by_executive, desk_of, details, require_executive, rule
from services.transition_review.keeping import Cause, Decided, Told, keep
from services.transition_review.store import known, transitions
from shared import people
from shared.commands import Done, Refused
from shared.contracts.endings import commands, facts
from shared.contracts.plans.case import Checklist
from shared.contracts.plans.facts import EligibilityConfirmed, EligibilityRefused
from shared.database import Transaction

MOST_REASONS = 20


def _question(transition: Transition, kind: type[facts.Asking], id_: str) -> Told:
    more = {"case_revision": transition.case_revision, "overridden": transition.overridden}
    return Told(kind, None, more, id_)


async def propose(policy: Policy, command: commands.ProposeTransition, tx: Transaction) -> Done:
    """Propose to end a relationship, and ask action_plans whether it may be ended."""
    desk = await desk_of(tx, command.customer_id)
    if desk.customer is None:
        people.require_senior(desk.person)
        raise Refused("no_customer", "No customer of that id was ever announced.", "the customer is announced")
    people.require_customers_own(desk.person, csm=desk.customer.csm)
    if command.overrides:
        require_executive(desk.person)
    found = await known.find_case(tx, command.case_id)
    if found is None or found[0] != command.customer_id:
        raise Refused("no_case", "The customer has no such case.", "the case exists")
    if await transitions.open_of(tx, command.customer_id) is not None:
        raise Refused("transition_open", "The customer has an open transition already.", "no transition is open")
    if await transitions.find(tx, command.transition_id) is not None:
        raise Refused("id_taken", "There is a transition of that id already.", "transition_id is a new one")
    case = found[1]
    _require_known_conditions(case.checklist, [one.condition for one in command.overrides])
    asked = Asked(str(uuid4()), "opening", tx.now, desk.by)
    transition = Transition(
        transition_id=command.transition_id,
        customer_id=command.customer_id,
        case_id=command.case_id,
        case_revision=case.revision,
        revision=1,
        proposed_at=tx.now,
        proposed_by=desk.by,
        why=command.why,
        csm=desk.customer.csm,
        time_zone=desk.customer.time_zone,
        policy=policy,
        overrides=tuple(Override(one.condition, one.reason, desk.by, tx.now) for one in command.overrides),
        health=await known.health_of(tx, command.customer_id),
        asked=asked,
    )
    what = Decided(transition, (_question(transition, facts.TransitionProposed, asked.question_id),))
    kept = await keep(tx, what, Cause.of(command), desk.recurring, by=desk.by, details=details(command))
    return Done(kept.transition_id, kept.revision)


def _require_known_conditions(checklist: Checklist, names: list[str]) -> None:
    conditions = [one.name for one in checklist.conditions]
    if wrong := [name for name in names if name not in conditions]:
        raise Refused(
            "unknown_condition",
            f"The checklist has no condition {wrong[0]}.",
            f"the condition is one of {', '.join(conditions)}",
        )


@rule(commands.OverrideCondition, by_executive)
async def override(transition: Transition, asked: commands.OverrideCondition, desk: Desk) -> Decided:
    """Go on without a condition; it is never taken back, and shown for ever."""
    require_open(transition)
    if transition.announced is not None:
        raise NotPossible("announced", "After the announcement no condition matters.", "it is not yet announced")
    found = await known.find_case(desk.tx, transition.case_id)
    if found is None:
        raise LookupError(transition.case_id)
    _require_known_conditions(found[1].checklist, [asked.condition])
    if asked.condition in transition.overridden:
        raise NotPossible("no_change", f"{asked.condition} is overridden already.", "another condition is named")
    made = Override(asked.condition, asked.reason, desk.by, desk.tx.now)
    overrides = (*transition.overrides, made)
    stopped = lost(found[1].checklist, {one.condition for one in overrides}) if transition.stopped else ()
    changed = transition.next(overrides=overrides, stopped=stopped)
    told = [Told(facts.ConditionOverridden, asked.condition, {"reason": asked.reason})]
    if transition.stopped and not stopped:
        told.append(Told(facts.EligibilityRegained))
    return Decided(changed, tuple(told))


def lost(checklist: Checklist, overridden: Collection[str]) -> tuple[str, ...]:
    """Return what would meet the conditions that are not met, and that nobody has overridden."""
    return tuple(one.needed for one in checklist.conditions if not one.met and one.name not in overridden)


def ask_again(transition: Transition, kept_case_revision: int) -> Decided:
    """Return the transition with its question put to action_plans, about the case as it is known now."""
    if transition.asked is None:
        raise LookupError(transition.transition_id)
    moved = replace(transition, case_revision=kept_case_revision)
    return Decided(moved, (_question(moved, facts.EligibilityAsked, transition.asked.question_id),))


async def take_answer(event: EligibilityConfirmed | EligibilityRefused, tx: Transaction) -> None:
    """Action_plans has answered: what waited for it goes on, or does not.

    An answer to an older question is nothing; one that comes too late is none, whether the clock has looked or not.
    """
    transition = await transitions.find(tx, event.transition_id)
    if transition is None or transition.customer_id != event.customer_id or not transition.is_open:
        return
    asked = transition.asked
    if asked is None or asked.question_id != event.causation_id:
        return
    if (unanswered := time_out(transition, tx)) is not None:
        what = unanswered
    elif isinstance(event, EligibilityConfirmed):
        moved = replace(approving.confirm(transition, tx.now), case_revision=event.revision)
        if asked.about == "opening":
            moved = replace(moved, health=await known.health_of(tx, transition.customer_id))
            what = Decided(moved, (Told(facts.TransitionOpened),))
        else:
            what = Decided(moved, (Told(facts.TransitionApproved, asked.by),))
    else:
        what = refused(transition, event.reasons, tx)
    await keep_heard(tx, what, Cause.of(event))


def refused(transition: Transition, reasons: tuple[str, ...], tx: Transaction) -> Decided:
    """Return the transition whose question was answered with no, or not in time."""
    more = {"reasons": reasons[:MOST_REASONS]}
    if transition.asked is not None and transition.asked.about == "opening":
        over = ending.refuse(transition, "The relationship may not be ended now.", tx.now)
        return Decided(over, (Told(facts.TransitionRefused, None, more),))
    return Decided(transition.next(asked=None), (Told(facts.ApprovalRefused, None, more),))


async def keep_heard(tx: Transaction, what: Decided, cause: Cause) -> None:
    """Keep what follows from something that another service has told."""
    customer = await known.find_customer(tx, what.transition.customer_id)
    await keep(tx, what, cause, customer.recurring if customer else None)


def time_out(transition: Transition, tx: Transaction) -> Decided | None:
    """Return what follows from an answer that did not come in its time, None where none is waited for."""
    if not due.is_unanswered(transition, tx.now):
        return None
    return refused(transition, ("action_plans answers within 60 seconds: propose or approve again",), tx)
