"""From what is to be told to messages: who is told, where and when; what goes together, and what is held back.

Replicas share the work by buckets: of the customer for who is told, of the recipient for what goes together.
"""

import asyncio
from collections.abc import Mapping, Sequence

import structlog

from services.notifications.domain.directory import Customer, Unknown
from services.notifications.domain.packing import Packed, Sent, pack
from services.notifications.domain.telling import Delivery, Surroundings, Telling, addressed
from services.notifications.store import choosing, copies, packing, tellings
from services.notifications.store.packing import Due
from shared import database, outbox
from shared.contracts.notices import NoticeEscalated
from shared.contracts.topics import NOTIFICATIONS
from shared.database import Transaction, is_transient
from shared.service import Parts

POLL_SECONDS = 0.3
TELLINGS_AT_ONCE = 500
RECIPIENTS_AT_ONCE = 200
ASKS_AT_ONCE = 100

log = structlog.get_logger(__name__)


class Addressing:
    """The loop that does what is due: late asks go on, tellings become deliveries, deliveries become messages."""

    def __init__(
        self, parts: Parts, channels: frozenset[str], most_an_hour: int, bells: Sequence[asyncio.Event] = ()
    ) -> None:
        """channels: those that there are. most_an_hour: messages to one person on one channel. bells: of the posts."""
        self._parts = parts
        self._channels = channels
        self._most = most_an_hour
        self._bells = bells
        self.wake = asyncio.Event()

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
            escalated = await self._escalate(tx, buckets)
            told = await self._address(tx, buckets)
        async with database.transaction(self._parts.pool, "notifications", self._parts.clock()) as tx:
            packed = await self._pack(tx, buckets)
        return escalated or told or packed

    async def _escalate(self, tx: Transaction, buckets: tuple[int, ...]) -> bool:
        late = await tellings.escalate(tx, buckets, ASKS_AT_ONCE)
        about = [row for row in late if row["customer_id"] is not None]
        await database.lock_customers(tx, {row["customer_id"] for row in about})
        for row in about:
            told = {
                "customer_id": row["customer_id"],
                "correlation_id": row["fact_id"],
                "causation_id": row["fact_id"],
                "occurred_at": tx.now,
                "ask_id": row["ask_id"],
                "fact_id": row["fact_id"],
            }
            await outbox.add(tx, NOTIFICATIONS.name, NoticeEscalated.model_validate(told))
        return bool(late)

    async def _address(self, tx: Transaction, buckets: tuple[int, ...]) -> bool:
        found = await tellings.to_address(tx, buckets, TELLINGS_AT_ONCE)
        if not found:
            return False
        around = Surroundings(await copies.directory(tx), await choosing.all_choices(tx), self._channels, tx.now)
        customers = await copies.customers(tx, (one.customer_id for one in found if one.customer_id))
        reachable = await copies.reachable_contacts(
            tx, ((one.customer_id or "", one.contact_id) for one in found if one.contact_id)
        )
        told: list[tuple[Telling, list[Delivery]]] = []
        waiting: list[int] = []
        for one in found:
            try:
                told.append((one, _to(one, customers, reachable, around)))
            except Unknown:
                waiting.append(one.telling_id)
        await tellings.note_addressed(tx, told)
        await tellings.note_waiting(tx, waiting)
        return bool(told)

    async def _pack(self, tx: Transaction, buckets: tuple[int, ...]) -> bool:
        dues = await packing.due(tx, buckets, RECIPIENTS_AT_ONCE)
        if not dues:
            return False
        lately = await packing.sent_lately(tx, dues)
        packed = [(one, self._of(one, lately, tx)) for one in dues]
        await packing.fix(tx, [(due, one) for due, found in packed for one in found.packs])
        await packing.hold(tx, [(id_, found.until) for _, found in packed for id_ in found.held])
        return True

    def _of(self, due: Due, lately: Mapping[tuple[str, str, bool], Sent], tx: Transaction) -> Packed:
        usual, critical = (lately.get((due.recipient, due.channel, one), Sent()) for one in (False, True))
        return pack(due.waiting, usual, critical, self._most, tx.now)


def _to(
    telling: Telling, customers: Mapping[str, Customer], reachable: set[tuple[str, str]], around: Surroundings
) -> list[Delivery]:
    """Return who is told. Raises Unknown while whoever is meant, or their address, is not known."""
    if telling.contact_id is None:
        return addressed(telling, customers.get(telling.customer_id or ""), around)
    if (telling.customer_id, telling.contact_id) not in reachable:
        raise Unknown
    return [Delivery(telling.contact_id, "mail", around.now, alone=True)]
