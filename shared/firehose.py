"""The firehose lane: many small facts. A batch of records, one transaction, set-based SQL.

A bad record is kept alone with its reason; one that makes the whole batch fail is found by halving.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog
from aiokafka import ConsumerRecord

from shared import database, inbox, parking
from shared.clock import Clock
from shared.contracts.event import Message
from shared.contracts.topics import TOPICS
from shared.database import Pool, Transaction
from shared.logs import place
from shared.messaging import HANDLER_SECONDS, TryAgain
from shared.parking import Record
from shared.reading import Invalid, Unknown, read

PATIENCE_SECONDS = 10.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Taken:
    """A message that is taken for the first time, with the partition it came from."""

    message: Message
    partition: int


Apply = Callable[[Sequence[Taken], Transaction], Awaitable[None]]


class Firehose:
    """Takes batches: `apply` gets what is new, in the order of the partition, in one transaction."""

    def __init__(self, service: str, pool: Pool, clock: Clock, apply: Apply) -> None:
        """`apply` must not depend on how records are cut into batches."""
        self._schema = service
        self._pool = pool
        self._clock = clock
        self._apply = apply

    async def take(self, records: Sequence[ConsumerRecord]) -> None:
        """Take a batch; TryAgain if the surroundings failed."""
        with structlog.contextvars.bound_contextvars(count=len(records)):
            await self._patiently(records)

    async def replay(self, letter: parking.Letter) -> None:
        """Take a kept record again, alone."""
        await self._patiently([letter])
        async with database.transaction(self._pool, self._schema, self._clock()) as tx:
            await parking.give_up(tx, letter)

    async def _patiently(self, records: Sequence[Record]) -> None:
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        attempt = 0
        while True:
            attempt += 1
            try:
                async with asyncio.timeout(HANDLER_SECONDS) as limit:
                    await self._once(records)
            except Exception as error:
                if not database.is_transient(error) or limit.expired():
                    await self._halve(records, error)
                    return
                log.warning("batch not taken", exc_info=error, attempt=attempt)
                if asyncio.get_running_loop().time() > deadline:
                    raise TryAgain from error
                await asyncio.sleep(random.uniform(0.02, min(2.0, 0.05 * 2**attempt)))  # noqa: S311
            else:
                return

    async def _once(self, records: Sequence[Record]) -> None:
        read_records = [(record, read(TOPICS[record.topic], record.value)) for record in records]
        async with database.transaction(self._pool, self._schema, self._clock()) as tx:
            good: list[tuple[Record, Message]] = []
            for record, message in read_records:
                if isinstance(message, Invalid):
                    await parking.keep(tx, record, "invalid", str(message))
                    log.warning("record kept: not a message of its topic", problem=message.reason)
                elif not isinstance(message, Unknown):
                    good.append((record, message))
            fresh = await inbox.take_many(tx, [message for _, message in good])
            await self._apply(
                [Taken(message, record.partition) for (record, message), new in zip(good, fresh, strict=True) if new],
                tx,
            )
            for record, _ in good:
                if isinstance(record, parking.Letter):
                    await parking.resolve(tx, record)

    async def _halve(self, records: Sequence[Record], error: Exception) -> None:
        """Take the halves of a batch that failed by itself, until the record at fault stands alone, and keep that."""
        if len(records) > 1:
            middle = len(records) // 2
            await self._patiently(records[:middle])
            await self._patiently(records[middle:])
            return
        (record,) = records
        message = read(TOPICS[record.topic], record.value)
        try:
            async with database.transaction(self._pool, self._schema, self._clock()) as tx:
                known = message if isinstance(message, Message) else None
                await parking.keep(tx, record, "poison", f"{type(error).__name__} at {place(error)}", known)
        except Exception as failure:
            raise TryAgain from failure
        log.error("record parked", exc_info=error)
