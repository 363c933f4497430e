"""Batches for a service of casework: what is in order is taken many at a time; all the rest goes one by one.

A batch is one transaction with a few statements, whatever its size. It is a shortcut and no lane of its own: should
anything in it be out of order or fail, nothing of it is kept, and casework takes its records.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import groupby

import structlog
from aiokafka import ConsumerRecord

from shared import database, inbox, outbox, parking
from shared.casework import Lane
from shared.clock import Clock
from shared.contracts.event import Fact, Message
from shared.contracts.reading import read
from shared.contracts.topics import TOPICS, Kind
from shared.database import Pool, Transaction
from shared.messaging import HANDLER_SECONDS, TryAgain
from shared.parking import Record
from shared.reading import ahead

AT_ONCE = 500  # records in a transaction
LOCKS_AT_ONCE = 200  # customers

log = structlog.get_logger(__name__)
Apply = Callable[[Sequence[Message], Transaction], Awaitable[None]]
Told = tuple[Record, Message]


class OutOfOrder(Exception):
    """Something of the batch needs a look of its own."""


class Batches:
    """Takes a service's records: `apply` gets what is met for the first time, in order, in one transaction."""

    def __init__(self, service: str, pool: Pool, clock: Clock, lane: Lane, apply: Apply) -> None:
        """lane: of casework, which has handlers that do the same as `apply` for one message."""
        self._schema = service
        self._pool = pool
        self._clock = clock
        self._lane = lane
        self._apply = apply

    async def take(self, records: Sequence[ConsumerRecord]) -> None:
        """Take records in the order of their partitions; TryAgain if the surroundings failed, or it took too long."""
        deadline = asyncio.get_running_loop().time() + HANDLER_SECONDS
        for plain, some in groupby(records, _is_plain):
            for piece in _pieces(list(some)) if plain else ([one] for one in some):
                if asyncio.get_running_loop().time() > deadline:
                    raise TryAgain  # what was taken is known, and quickly passed over the next time
                await (self._piece(piece) if plain else self._lane.take(piece))

    async def _piece(self, records: Sequence[ConsumerRecord]) -> None:
        now = self._clock()
        read_records = [(record, read(TOPICS[record.topic], record.value)) for record in records]
        told: list[Told] = [(record, one) for record, one in read_records if isinstance(one, Message)]
        if len(told) == len(records) > 1 and not any(ahead(one.occurred_at, now) for _, one in told):
            try:
                async with database.transaction(self._pool, self._schema, now) as tx:
                    await self._at_once(told, tx)
            except Exception as error:  # noqa: BLE001  # whatever it is: one by one it is found out whose fault it is
                log.info("a batch is taken one by one", problem=type(error).__name__, count=len(records))
            else:
                return
        await self._lane.take(records)

    async def _at_once(self, told: Sequence[Told], tx: Transaction) -> None:
        """Do for all what casework does for one. Raises OutOfOrder."""
        await database.lock_customers(tx, {message.key for _, message in told})
        if await parking.keeps_any(tx, told):
            raise OutOfOrder
        facts = [(record.topic, one) for record, one in told if isinstance(one, Fact)]
        numbers = await inbox.next_ones(tx, facts)
        if numbers is None:
            raise OutOfOrder
        new = {id(fact) for _, fact in numbers}
        fresh = [one for _, one in told if not isinstance(one, Fact) or id(one) in new]
        taken = await inbox.take_many(tx, fresh)
        await self._apply([message for message, first in zip(fresh, taken, strict=True) if first], tx)


def _is_plain(record: ConsumerRecord) -> bool:
    """Tell whether it is a numbered fact or comes from upstream: no command, no release, no quiet replay."""
    return TOPICS[record.topic].kind in {Kind.DOMAIN, Kind.UPSTREAM} and outbox.QUIET not in dict(record.headers)


def _pieces(records: Sequence[ConsumerRecord]) -> Iterator[Sequence[ConsumerRecord]]:
    """Cut records into pieces of at most so many records and customers."""
    piece: list[ConsumerRecord] = []
    keys: set[bytes | None] = set()
    for record in records:
        keys.add(record.key)
        if len(piece) == AT_ONCE or len(keys) > LOCKS_AT_ONCE:
            yield piece
            piece, keys = [], {record.key}
        piece.append(record)
    yield piece
