"""How a transition follows its case: it stops while the checklist is incomplete, and ends with a case that is over."""

from services.transition_review.domain import ending
from services.transition_review.domain.refusal import NotPossible
from services.transition_review.domain.transition import Transition
from services.transition_review.handlers.announcing import called_off
from services.transition_review.handlers.opening import MOST_REASONS, keep_heard, lost
from services.transition_review.keeping import Cause, Decided, Told
from services.transition_review.store import known, transitions
from shared.contracts.endings import facts
from shared.contracts.plans.case import CaseSnapshot
from shared.contracts.plans.facts import CaseFact
from shared.contracts.upstream import CustomerChanged
from shared.database import Transaction


async def keep_case(company: str, event: CaseFact, tx: Transaction) -> None:
    """Keep the case; its open transition follows it. company: in mails for customers."""
    await known.keep_case(tx, event.customer_id, event.case)
    transition = await transitions.open_of(tx, event.customer_id)
    if transition is None or transition.case_id != event.case.case_id:
        return
    match event.case.state:
        case "saved" | "dismissed":
            what = await _turned_around(transition, event.case.state, company, tx)
        case "lost":
            what = _left(transition, tx)
        case _:
            what = _as_the_checklist_is(transition, event.case)
    if what is not None:
        await keep_heard(tx, what, Cause.of(event))


async def keep_customer(event: CustomerChanged, tx: Transaction) -> None:
    """Keep the customer; its open transition is led by its CSM of today, and reviewed as what it pays demands."""
    await known.keep_customer(tx, event)
    customer = await known.find_customer(tx, event.customer_id)
    transition = await transitions.open_of(tx, event.customer_id)
    if transition is None or customer is None:
        return
    what = Decided(transition)
    if transition.csm != customer.csm:
        told = Told(facts.TransitionReassigned, customer.csm, {"before": transition.csm})
        what = Decided(transition.next(csm=customer.csm), (told,))
    await keep_heard(tx, what, Cause.of(event))


async def _turned_around(transition: Transition, state: str, company: str, tx: Transaction) -> Decided | None:
    """The relationship goes on after all: whoever was told of its end is told that it does; after it nobody is."""
    why, customer = f"The case is over: it is {state}.", await known.find_customer(tx, transition.customer_id)
    try:
        withdrawn = ending.withdraw(transition, why, None, tx.now)
    except NotPossible:
        return None
    return await called_off(withdrawn, why, company, customer, tx)


def _left(transition: Transition, tx: Transaction) -> Decided | None:
    """The customer has left by itself: an ending that is announced is carried out all the same."""
    if transition.announced is not None:
        return None
    over = ending.lose(transition, "The case is over: it is lost.", tx.now)
    return Decided(over, (Told(facts.TransitionLost),))


def _as_the_checklist_is(transition: Transition, case: CaseSnapshot) -> Decided | None:
    if transition.opened_at is None or transition.announced is not None:
        return None
    unmet = lost(case.checklist, transition.overridden)[:MOST_REASONS]
    if unmet == transition.stopped:
        return None
    moved = transition.next(stopped=unmet, asked=None)
    if unmet:
        return Decided(moved, (Told(facts.EligibilityLost, None, {"reasons": unmet}),))
    return Decided(moved, (Told(facts.EligibilityRegained),))
