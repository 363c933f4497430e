"""From what is to be told to messages: who is told, where and when; what goes together, and what is held back.

Replicas share the work by buckets: of the customer for who is told, of the recipient for what goes together. What fails
unforeseen stands aside by itself, and stops nothing else.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

import structlog

from services.notifications import whom
from services.notifications.domain.packing import Packed, Sent, pack, take_along
from services.notifications.domain.rule import FALLBACK, Role
from services.notifications.domain.surroundings import PATIENCE
from services.notifications.store import following, packing, tellings
from services.notifications.store.apart import one_apart
from services.notifications.store.packing import Due
from shared import database, outbox
from shared.contracts.notices import NoticeEscalated
from shared.contracts.topics import NOTIFICATIONS
from shared.database import Row, Transaction, is_transient
from shared.readiness import Check
from shared.service import Parts

POLL_SECONDS = 0.3
TELLINGS_AT_ONCE = 500
RECIPIENTS_AT_ONCE = 200
ASKS_AT_ONCE = 100
ASK_AGAIN = timedelta(hours=1)  # what could not be passed on

log = structlog.get_logger(__name__)


class Addressing:
    """The loop that does what is due: late asks go on, tellings become deliveries, deliveries become messages."""

    def __init__(
        self,
        parts: Parts,
        channels: frozenset[str],
        most_an_hour: int,
        bells: Sequence[asyncio.Event] = (),
        *,
        fallback: tuple[Role, ...] = FALLBACK,
        patience: timedelta = PATIENCE,
    ) -> None:
        """channels: those that there are. most_an_hour: messages to one person on one channel. bells: of the posts.
        fallback, patience: who is told of what nobody else is there for, and after how long of what nobody is known
        for.
        """
        self._parts = parts
        self._most = most_an_hour
        self._bells = bells
        self._ways = whom.Ways(channels, fallback, patience)
        self.wake = asyncio.Event()
        self.counted: Counter[str] = Counter()

    def check(self) -> Check:
        """Tell what stood aside since the start, for /readyz; that there is any is no fault of this process."""
        says = f"{self.counted['told']} told, {self.counted['aside']} set aside since the start"
        return Check("addressing", ok=True, says=says)

    async def run(self) -> None:
        """Work until cancelled; trouble of the surroundings is waited out."""
        while True:
            self.wake.clear()
            try:
                while await self.work():
                    for bell in self._bells:
                        bell.set()
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning("addressing postponed", exc_info=error)
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self.wake.wait()
            except TimeoutError:
                continue

    async def work(self) -> bool:
        """Do some of what is due; returns whether anything was."""
        buckets = self._parts.leases.buckets
        if not buckets:
            return False
        async with database.transaction(self._parts.pool, "notifications", self._parts.clock()) as tx:
            await tellings.expire(tx)
            moved = await following.leave(tx) | await following.absences(tx)
            escalated = await self._escalate(tx, buckets)
            told = await self._address(tx, buckets)
        async with database.transaction(self._parts.pool, "notifications", self._parts.clock()) as tx:
            packed = await self._pack(tx, buckets)
        return moved or escalated or told or packed

    async def _escalate(self, tx: Transaction, buckets: tuple[int, ...]) -> bool:
        late = await tellings.late(tx, buckets, ASKS_AT_ONCE)
        await database.lock_customers(tx, {row["customer_id"] for row in late if row["customer_id"] is not None})

        async def pass_on(asks: Sequence[Row]) -> None:
            await tellings.escalate(tx, asks)
            for ask in asks:
                if ask["customer_id"] is not None:
                    await outbox.add(tx, NOTIFICATIONS.name, _escalated(ask, tx))

        for ask, error in await one_apart(tx, late, pass_on):
            self._aside(error, notice_id=ask["ask_id"])
            await tellings.try_later(tx, ask, ASK_AGAIN)
        return bool(late)

    async def _address(self, tx: Transaction, buckets: tuple[int, ...]) -> bool:
        found = await tellings.to_address(tx, buckets, TELLINGS_AT_ONCE)
        if not found:
            return False
        to = await whom.find(tx, found, self._ways)
        failed = await one_apart(tx, to.told, partial(tellings.note_addressed, tx))
        await tellings.note_waiting(tx, to.waiting)
        apart = [*to.apart, *((one, error) for (one, _), error in failed)]
        for one, error in apart:
            self._aside(error, notice_id=f"{tellings.ASIDE}{one.telling_id}")
            await tellings.set_aside(tx, one, _why(error))
        self.counted["told"] += len(to.told)
        return bool(to.told or apart)

    async def _pack(self, tx: Transaction, buckets: tuple[int, ...]) -> bool:
        dues = await packing.due(tx, buckets, RECIPIENTS_AT_ONCE)
        if not dues:
            return False
        lately = await packing.sent_lately(tx, dues)

        async def fix(some: Sequence[Due]) -> None:
            packed = [(one, self._of(one, lately, tx)) for one in some]
            await packing.hold(tx, [(id_, found.until) for _, found in packed for id_ in found.held])
            waiting = await packing.waiting_about(tx, [(due, one) for due, found in packed for one in found.packs])
            packs = [
                (due, one)
                for due, found in packed
                for one in take_along(found.packs, waiting.get((due.recipient, due.channel), {}))
            ]
            await packing.fix(tx, packs)

        for due, error in await one_apart(tx, dues, fix):
            self._aside(error, channel=due.channel)
            await packing.set_aside(tx, due, _why(error))
        return True

    def _of(self, due: Due, lately: Mapping[tuple[str, str, bool], Sent], tx: Transaction) -> Packed:
        usual, critical = (lately.get((due.recipient, due.channel, one), Sent()) for one in (False, True))
        return pack(due.waiting, usual, critical, self._most, tx.now)

    def _aside(self, error: Exception, **what: object) -> None:
        self.counted["aside"] += 1
        log.error("set aside", exc_info=error, **what)


def _why(error: Exception) -> str:
    """Return the reason without what it may quote of a customer."""
    return f"it could not be addressed ({type(error).__name__})"


def _escalated(ask: Row, tx: Transaction) -> NoticeEscalated:
    told = {
        "customer_id": ask["customer_id"],
        "correlation_id": ask["fact_id"],
        "causation_id": ask["fact_id"],
        "occurred_at": tx.now,
        "ask_id": ask["ask_id"],
        "fact_id": ask["fact_id"],
    }
    return NoticeEscalated.model_validate(told)
