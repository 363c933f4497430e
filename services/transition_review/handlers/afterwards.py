"""What follows the end: what was learned, what became of the referral, and the open door."""

from services.transition_review.domain import ending
from services.transition_review.domain.refusal import NotPossible
from services.transition_review.domain.transition import PostMortem, ReferralOutcome, Transition
from services.transition_review.handlers.desk import Desk, decided, rule
from services.transition_review.keeping import Decided
from services.transition_review.store import known, transitions
from shared.contracts.endings import commands, facts

MOST_RETURNS = 100


@rule(commands.RecordPostMortem)
async def record_post_mortem(transition: Transition, asked: commands.RecordPostMortem, desk: Desk) -> Decided:
    """Record what was learned."""
    learned = PostMortem(asked.missed_signals, asked.misfit_at_sale, asked.do_differently, desk.by, desk.tx.now)
    return decided(ending.learn(transition, learned), facts.PostMortemRecorded)


@rule(commands.RecordReferral)
async def record_referral(transition: Transition, asked: commands.RecordReferral, desk: Desk) -> Decided:
    """Record the customer's consent, the introduction, and what became of it."""
    outcome = ReferralOutcome(
        asked.consent, desk.tx.now, desk.by, asked.alternative, asked.introduced_on, asked.outcome
    )
    return decided(ending.refer(transition, outcome), facts.ReferralRecorded)


@rule(commands.RecordReturn)
async def record_return(transition: Transition, asked: commands.RecordReturn, desk: Desk) -> Decided:
    """The customer is back, or has sent somebody: they are linked to this history."""
    if transition.over is None or transition.over.how not in {"ended", "lost"}:
        raise NotPossible("not_over", "Somebody comes back after the end.", "the relationship has ended")
    if await known.find_customer(desk.tx, asked.about) is None:
        raise NotPossible("no_customer", "No customer of that id was ever announced.", "the customer is announced")
    entry = f"{asked.how}/{asked.about}"
    if entry in transition.returned:
        raise NotPossible("no_change", "That is recorded already.", "another customer is named")
    if len(transition.returned) >= MOST_RETURNS:
        raise NotPossible("too_many", f"At most {MOST_RETURNS} are linked.", "there are fewer")
    await transitions.keep_return(desk.tx, asked.about, transition.transition_id)
    moved = transition.next(returned=(*transition.returned, entry))
    return decided(moved, facts.CustomerReturned, asked.about, how=asked.how)
