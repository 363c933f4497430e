"""What time alone brings about: what is due or overdue is told once, conditions that time meets are looked at again.

Replicas share the cases by the buckets of their leases. Many are read at once; whatever something is to be told of is
looked at again under its customer's lock.
"""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog

from services.action_plans.domain import due
from services.action_plans.domain.case import Case
from services.action_plans.domain.due import Alarm, Look
from services.action_plans.domain.eligibility import checklist
from services.action_plans.domain.terms import Commitment
from services.action_plans.keeping import Cause, Decided, Keeper, Told
from services.action_plans.store import cases, customers
from services.action_plans.store.cases import Due
from shared import by_the_clock, database
from shared.by_the_clock import SetAside
from shared.contracts.plans import facts
from shared.database import Transaction, is_transient
from shared.service import Parts

AT_ONCE = 50  # cases
TOLD_AT_ONCE = 20  # facts of one case: each carries the whole of it

log = structlog.get_logger(__name__)


class Sweep:
    """The loop that does what is due by the clock."""

    def __init__(self, parts: Parts, keeper: Keeper, schema: str) -> None:
        """`schema`: of the service."""
        self._parts = parts
        self._keeper = keeper
        self._schema = schema
        self._set_aside = SetAside()

    async def run(self) -> None:
        """Look again and again until cancelled."""
        await by_the_clock.again_and_again(self.sweep, at_once=AT_ONCE)

    async def sweep(self) -> int:
        """Look at the cases that are due now, some at a time; returns how many there were."""
        parts, now = self._parts, self._parts.clock()
        found = await cases.due_now(parts.pool, now, parts.leases.buckets, AT_ONCE, self._set_aside.ids)
        unchanged = []
        for one in found:
            await asyncio.sleep(0)  # who asks does not wait for all of them
            try:
                if (rest := _rest(one, now)) is not None:
                    unchanged.append((one, rest.next_at))
                else:
                    await self._look_at(one)
            except Exception as error:
                if is_transient(error):
                    raise
                log.exception("case set aside: the clock cannot look at it", case_id=one.case_id)
                self._set_aside.add(one.case_id)
        await cases.looked_at_all(parts.pool, unchanged)
        return len(found)

    async def _look_at(self, one: Due) -> None:
        async with database.transaction(self._parts.pool, self._schema, self._parts.clock()) as tx:
            await database.lock_customer(tx, one.customer_id)
            await self._keep(tx, one.case_id)

    async def _keep(self, tx: Transaction, case_id: str) -> None:
        known = await cases.find(tx, case_id)
        if known is None:
            return
        case, head = known
        decided = pass_time(case, tx)
        decided = await _reassigned(decided, tx)
        moment = f"clock@{tx.now.isoformat()}"
        await self._keeper.keep(tx, decided, head, Cause(moment, moment))


def _rest(one: Due, now: datetime) -> Look | None:
    """Return what the clock sees of a case of which there is nothing to tell; None where there is."""
    if one.csm_left:
        return None
    case = cases.decode(one.content)
    seen = due.look(case, now)
    met = tuple(condition.name for condition in checklist(case, now) if condition.met)
    return None if seen.ripe or met != case.eligible else seen


def pass_time(case: Case, tx: Transaction) -> Decided:
    """Return the case with what is ripe told, some at a time; what is no alarm of it any more is then forgotten.

    Where nothing is ripe the case stays as the last row of its record has hashed it.
    """
    ripe = due.look(case, tx.now).ripe[:TOLD_AT_ONCE]
    if not ripe:
        return Decided(case, ())
    known = {one.key for one in due.alarms(case)}
    reminded = tuple(sorted((known & set(case.reminded)) | {one.key for one in ripe}))
    return Decided(
        case.next(reminded=reminded),
        tuple(_told(case, one) for one in ripe),
    )


def _told(case: Case, alarm: Alarm) -> Told:
    more: dict[str, Any] = {}
    match alarm.kind:
        case "conversation_due" | "conversation_overdue":
            return Told(facts.ConversationDue, alarm.about, {"overdue": alarm.kind == "conversation_overdue"})
        case "executive_missing":
            return Told(facts.ExecutiveMissing, alarm.about)
        case "review_due":
            more = {"planned_for": next(one.planned_for for one in case.reviews if one.review_id == alarm.about)}
            return Told(facts.ReviewDue, alarm.about, more)
        case "review_overdue":
            return Told(facts.ReviewOverdue, alarm.about, {"level": alarm.level})
        case "commitment_due" | "commitment_late":
            kind = facts.CommitmentDue if alarm.kind == "commitment_due" else facts.CommitmentLate
            one = _commitment(case, alarm.about)
            return Told(kind, alarm.about, {"side": one.side, "owner": one.owner})


def _commitment(case: Case, commitment_id: str) -> Commitment:
    return next(one for one in case.commitments if one.commitment_id == commitment_id)


async def _reassigned(decided: Decided, tx: Transaction) -> Decided:
    """Give the case of a CSM who has left to their manager: nothing is orphaned."""
    case = decided.case
    if not case.is_open or case.csm is None:
        return decided
    csm = await customers.standing_in(tx, case.csm)
    if csm == case.csm:
        return decided
    why = "Its CSM has left; the manager has it until somebody else is named."
    told = Told(facts.CaseReassigned, csm, {"before": case.csm, "reason": why})
    revision = case.revision + (not decided.facts)  # with what else is told it is one decision
    return Decided(replace(case, revision=revision, csm=csm), (*decided.facts, told))
