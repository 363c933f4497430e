"""What time alone brings about: reminders and escalations, answers that did not come, the end of the last day.

Replicas share the transitions by the buckets of their leases; each is looked at under its customer's lock.
"""

from datetime import date
from typing import Any

import structlog

from services.transition_review.domain import approving, due, ending
from services.transition_review.domain.approving import Recurring
from services.transition_review.domain.deadlines import deadline
from services.transition_review.domain.due import Alarm
from services.transition_review.domain.transition import Transition
from services.transition_review.handlers import announcing, opening
from services.transition_review.keeping import Cause, Decided, Told, keep
from services.transition_review.store import known, transitions
from shared import by_the_clock, database
from shared.by_the_clock import SetAside
from shared.contracts.endings import facts
from shared.database import Transaction, is_transient
from shared.service import Parts

AT_ONCE = 50  # transitions
TOLD_AT_ONCE = 20  # facts of one transition

log = structlog.get_logger(__name__)


class Sweep:
    """The loop that does what is due by the clock."""

    def __init__(self, parts: Parts, schema: str) -> None:
        """`schema`: of the service."""
        self._parts = parts
        self._schema = schema
        self._set_aside = SetAside()

    async def run(self) -> None:
        """Look again and again until cancelled."""
        await by_the_clock.again_and_again(self.sweep, at_once=AT_ONCE)

    async def sweep(self) -> int:
        """Look at the transitions that are due now, some at a time; returns how many there were."""
        parts, now = self._parts, self._parts.clock()
        found = await transitions.due_now(parts.pool, now, parts.leases.buckets, AT_ONCE, self._set_aside.ids)
        for customer_id, transition_id in found:
            try:
                async with database.transaction(parts.pool, self._schema, parts.clock()) as tx:
                    await database.lock_customer(tx, customer_id)
                    await look_at(tx, transition_id)
            except Exception as error:
                if is_transient(error):
                    raise
                log.exception("transition set aside: the clock cannot look at it", transition_id=transition_id)
                self._set_aside.add(transition_id)
        return len(found)


async def look_at(tx: Transaction, transition_id: str) -> None:
    """Do what is due of one transition; its customer is locked."""
    transition = await transitions.find(tx, transition_id)
    if transition is None:
        return
    customer = await known.find_customer(tx, transition.customer_id)
    recurring = customer.recurring if customer else None
    moment = f"clock@{tx.now.isoformat()}"
    await keep(tx, pass_time(transition, recurring, tx), Cause(moment, moment), recurring)


def pass_time(transition: Transition, recurring: Recurring | None, tx: Transaction) -> Decided:
    """Return what time has brought about; nothing is told where nothing is ripe."""
    if (unanswered := opening.time_out(transition, tx)) is not None:
        return unanswered
    if ending.is_complete(transition, tx.now):
        return announcing.complete(transition, tx)
    standings = approving.reviews(transition, recurring)
    ripe = due.look(transition, standings, tx.now).ripe[:TOLD_AT_ONCE]
    if not ripe:
        return Decided(transition)
    current = {one.key for one in due.alarms(transition, standings)}
    reminded = tuple(sorted((current & set(transition.reminded)) | {one.key for one in ripe}))
    deadlines = {one.team: deadline(transition, one) for one in standings}
    return Decided(transition.next(reminded=reminded), tuple(_told(transition, one, deadlines) for one in ripe))


def _told(transition: Transition, alarm: Alarm, deadlines: dict[str, date]) -> Told:
    more: dict[str, Any] = {}
    match alarm.kind:
        case "review_due":
            return Told(facts.TeamReviewDue, alarm.about, {"due_on": deadlines[alarm.about]})
        case "review_late":
            return Told(facts.TeamReviewLate, alarm.about, {"due_on": deadlines[alarm.about], "level": alarm.level})
        case "approval_asked":
            return Told(facts.ApprovalRequested)
        case "talk_due" | "talk_overdue":
            return Told(facts.TalkDue, None, {"overdue": alarm.kind == "talk_overdue", "level": alarm.level})
        case "notice_due":
            return Told(facts.NoticeDue, None, {"level": alarm.level})
        case "stalled":
            return Told(facts.TransitionStalled, alarm.about, _standing_still(alarm))
        case "milestone_due" | "milestone_late":
            one = next(one for one in ending.waiting(transition) if one.milestone_id == alarm.about)
            more = {"team": one.team, "due_on": one.due_on}
            if alarm.kind == "milestone_due":
                return Told(facts.MilestoneDue, alarm.about, more)
            return Told(facts.MilestoneLate, alarm.about, {**more, "level": alarm.level})


def _standing_still(alarm: Alarm) -> dict[str, Any]:
    one = alarm.waited
    if one is None:
        raise LookupError(alarm.key)
    return {"step": one.step, "what": one.what, "since": one.since, "level": alarm.level}
