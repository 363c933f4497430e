"""What health_scoring does when a relationship is being ended: no alarm meanwhile, no score afterwards.

Scoring goes on until the last day, because a customer may turn around; the transition keeps its own frozen score.
"""

from services.health_scoring.commanding import casework
from services.health_scoring.store import endings, health
from services.health_scoring.store.health import Due
from shared.contracts.endings.facts import (
    CustomerReturned,
    TransitionCompleted,
    TransitionFact,
    TransitionLost,
    TransitionOpened,
    TransitionWithdrawn,
)
from shared.contracts.topics import TRANSITIONS
from shared.database import Transaction

__all__ = ["casework"]


@casework.on(TRANSITIONS, TransitionOpened)
async def mute_when_transition_is_opened(event: TransitionOpened, tx: Transaction) -> None:
    """Nobody is alarmed about a customer whom we are about to let go."""
    await endings.keep(tx, event.customer_id, event.transition_id, None)


@casework.on(TRANSITIONS, TransitionWithdrawn)
async def unmute_when_transition_is_withdrawn(event: TransitionWithdrawn, tx: Transaction) -> None:
    """It is off: what is true of the customer now is announced."""
    await _begin_anew(event, event.customer_id, tx)


@casework.on(TRANSITIONS, TransitionLost)
async def unmute_when_transition_is_lost(event: TransitionLost, tx: Transaction) -> None:
    """The case is over by itself; a customer who has left is not scored for that reason already."""
    await _begin_anew(event, event.customer_id, tx)


@casework.on(TRANSITIONS, TransitionCompleted)
async def stop_scoring_when_transition_is_completed(event: TransitionCompleted, tx: Transaction) -> None:
    """The relationship has ended: its customer is not scored any more."""
    announced = event.transition.announced
    ended_on = announced.last_day if announced else event.occurred_at.date()
    await endings.keep(tx, event.customer_id, event.transition_id, ended_on)
    owner = await health.owner_of(tx, event.customer_id)
    if owner is not None:
        await health.require_partitions(tx, [owner])
        await health.take_pending(tx, [event.customer_id])
        await health.leave_alone(tx, [event.customer_id])


@casework.on(TRANSITIONS, CustomerReturned)
async def score_again_when_customer_has_returned(event: CustomerReturned, tx: Transaction) -> None:
    """Who comes back under the old id is scored anew."""
    if event.how == "returned" and event.about == event.customer_id:
        await _begin_anew(event, event.customer_id, tx)


async def _begin_anew(event: TransitionFact, customer_id: str, tx: Transaction) -> None:
    await endings.forget(tx, customer_id, event.transition_id)
    owner = await health.owner_of(tx, customer_id, left_too=True)
    if owner is not None:
        await health.require_partitions(tx, [owner])
        await health.mark_due(tx, [Due(customer_id, owner, None, event.event_id, tx.quiet)])
