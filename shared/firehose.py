"""The firehose lane: many small facts. A batch of records, one transaction, set-based SQL.

A bad record is kept alone with its reason; one that makes the whole batch fail is found by halving.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from aiokafka import ConsumerRecord

from shared import database, inbox, parking
from shared.clock import Clock
from shared.contracts.event import Message
from shared.contracts.reading import Invalid, Unknown, read
from shared.contracts.topics import TOPICS, Kind, Topic
from shared.database import Pool, Transaction
from shared.logs import place
from shared.messaging import HANDLER_SECONDS, TryAgain
from shared.parking import Record, not_kept
from shared.reading import ahead, too_old
from shared.upstream_decoder import Event, Upstream, decode

MOST_AT_ONCE = 2000  # records in a transaction
READ_AT_ONCE = 250
ATTEMPTS = 3  # for a record that takes too long, before it is kept
PATIENCE_SECONDS = 8.0
PARK_SECONDS = 5.0

log = structlog.get_logger(__name__)


class Taken(NamedTuple):
    """A message that is taken for the first time, with the partition it came from; upstream ones decoded for speed."""

    message: Message | Event
    partition: int


Apply = Callable[[Sequence[Taken], Transaction], Awaitable[None]]


class Firehose:
    """Takes batches: `apply` gets what is new, in the order of the partition, in one transaction."""

    def __init__(self, service: str, pool: Pool, clock: Clock, apply: Apply, *, inbox_days: int = 400) -> None:
        """`apply` must not depend on how records are cut into batches. inbox_days: how long duplicates are known."""
        self._inbox_days = inbox_days
        self._schema = service
        self._pool = pool
        self._clock = clock
        self._apply = apply
        self._at_once = MOST_AT_ONCE
        self._overruns = 0
        self.unknown: Counter[str] = Counter()
        self._kept: set[tuple[str, int, int]] = set()

    async def take(self, records: Sequence[ConsumerRecord]) -> None:
        """Take a batch; TryAgain if the surroundings failed, or if it took too long.

        It is taken in pieces, each in a transaction of its own: while the database works on one, the next is read and
        its ids are noted. A piece is applied when the one before it is committed.
        """
        records = [record for record in records if _place(record) not in self._kept]
        pieces: list[_Piece] = []
        with structlog.contextvars.bound_contextvars(count=len(records)):
            try:
                await self._in_pieces(records, pieces)
            except BaseException:
                for piece in pieces[-2:]:
                    await piece.give_up()
                raise
        self._at_once = min(MOST_AT_ONCE, 2 * self._at_once)
        self._kept.clear()

    async def _in_pieces(self, records: Sequence[Record], pieces: list["_Piece"]) -> None:
        """Begin each piece while the one before it is taken: two are on their way at most."""
        deadline = asyncio.get_running_loop().time() + HANDLER_SECONDS
        while records:
            if pieces and asyncio.get_running_loop().time() > deadline:
                raise TryAgain  # what was taken is known, and quickly passed over the next time
            some, records = records[: self._at_once], records[self._at_once :]
            pieces.append(self._begin(some, pieces[-1] if pieces else None))
            if len(pieces) > 1:
                await pieces[-2].done()
        if pieces:
            await pieces[-1].done()

    def _begin(self, records: Sequence[Record], before: "_Piece | None") -> "_Piece":
        piece = _Piece()
        piece.task = asyncio.create_task(self._in_turn(records, piece, before))
        return piece

    async def _in_turn(self, records: Sequence[Record], piece: "_Piece", before: "_Piece | None") -> None:
        """Take a piece, beginning while the one before it is taken; alone and afterwards, should that one stumble."""
        try:
            if before is None or not await self._beside(records, piece, before):
                await self._patiently(records, piece=piece)
        finally:
            piece.settle(well=False)

    async def _beside(self, records: Sequence[Record], piece: "_Piece", before: "_Piece") -> bool:
        """Take a piece beside the one before it; False if it has to wait for that one, or fails itself."""
        try:
            async with asyncio.timeout(HANDLER_SECONDS) as limit:
                await self._once(records, quiet=False, piece=piece, before=before, limit=limit)
        except Exception as error:
            if not isinstance(error, _Stumbled):
                log.warning("piece not taken beside the one before it", exc_info=error)
            await before.done()
            return False
        return True

    async def replay(self, letter: parking.Letter) -> None:
        """Take a kept record again, alone; TryAgain if the surroundings failed."""
        with parking.record_context(letter):
            await self._patiently([letter], quiet=not letter.send)

    async def _patiently(
        self, records: Sequence[Record], *, quiet: bool = False, piece: "_Piece | None" = None
    ) -> None:
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        attempt = 0
        while True:
            attempt += 1
            try:
                async with asyncio.timeout(HANDLER_SECONDS) as limit:
                    await self._once(records, quiet=quiet, piece=piece)
            except Exception as error:
                log.warning("batch not taken", exc_info=error, attempt=attempt)
                if piece is not None:
                    piece.settle(well=False)
                if limit.expired():
                    await self._overran(records, error)
                    return
                if not database.is_transient(error):
                    await self._halve(records, error)
                    return
                if asyncio.get_running_loop().time() > deadline:
                    raise TryAgain from error
                await asyncio.sleep(random.uniform(0.02, min(2.0, 0.05 * 2**attempt)))  # noqa: S311
            else:
                self._overruns = 0
                return

    async def _overran(self, records: Sequence[Record], error: Exception) -> None:
        """Hand back what took too long, and take less at once; keep one record that takes too long by itself."""
        self._at_once = max(1, len(records) // 2)
        if len(records) == 1 and await database.answers(self._pool):
            self._overruns += 1
        if self._overruns < ATTEMPTS:
            raise TryAgain from error
        self._overruns = 0
        await self._keep(records[0], error)
        self._kept.add(_place(records[0]))  # or its neighbours, handed back with it, would wait for it again

    async def _once(
        self,
        records: Sequence[Record],
        *,
        quiet: bool,
        piece: "_Piece | None" = None,
        before: "_Piece | None" = None,
        limit: asyncio.Timeout | None = None,
    ) -> None:
        now = self._clock()
        read_records = await _read_all(records, now, self._inbox_days)
        async with database.transaction(self._pool, self._schema, now, quiet=quiet) as tx:
            good: list[tuple[Record, Message | Event]] = []
            for record, message in read_records:
                if isinstance(message, Invalid):
                    await _keep_invalid(tx, record, message)
                elif isinstance(message, Unknown):
                    await parking.give_up(tx, record)
                else:
                    good.append((record, message))
            if before is not None and limit is not None:
                await before.has_noted_ids(limit)  # both at once could wait for each other
            fresh = await inbox.take_many(tx, [message for _, message in good])
            if piece is not None:
                piece.noted()
            if before is not None and limit is not None:
                await before.went_well(limit)
            await self._apply(
                [Taken(message, record.partition) for (record, message), new in zip(good, fresh, strict=True) if new],
                tx,
            )
            for record, _ in good:
                if isinstance(record, parking.Letter):
                    await parking.resolve(tx, record)
        if piece is not None:
            piece.settle(well=True)
        self.unknown.update(message.type for _, message in read_records if isinstance(message, Unknown))

    async def _halve(self, records: Sequence[Record], error: Exception) -> None:
        """Take the halves of a batch that failed by itself, until the record at fault stands alone, and keep that."""
        if len(records) > 1:
            middle = len(records) // 2
            await self._patiently(records[:middle])
            await self._patiently(records[middle:])
        else:
            await self._keep(records[0], error)

    async def _keep(self, record: Record, error: Exception) -> None:
        message = read(TOPICS[record.topic], record.value)
        known = message if isinstance(message, Message) else None
        try:
            async with (
                asyncio.timeout(PARK_SECONDS),
                database.transaction(self._pool, self._schema, self._clock()) as tx,
            ):
                if known is not None and await inbox.knows(tx, known):  # what was cut short had been committed
                    await parking.resolve(tx, record)
                    return
                await parking.keep(tx, record, "poison", f"{type(error).__name__} at {place(error)}", known)
        except Exception as failure:
            raise not_kept(record, failure) from failure
        with (
            parking.record_context(record),
            structlog.contextvars.bound_contextvars(**({"correlation_id": known.event_id} if known else {})),
        ):
            log.error("record parked", exc_info=error)


class _Stumbled(Exception):
    """The piece before did not go well at once: it is tried again, and what was begun beside it is undone."""


class _Piece:
    """A piece of a batch on its way: whether its first attempt went well, and the task that takes it."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self._noted: asyncio.Future[bool] = loop.create_future()
        self._outcome: asyncio.Future[bool] = loop.create_future()
        self.task: asyncio.Task[None] | None = None

    def noted(self) -> None:
        """Note that its ids are in the inbox."""
        if not self._noted.done():
            self._noted.set_result(True)

    def settle(self, *, well: bool) -> None:
        """Note how the first attempt went."""
        for future in (self._noted, self._outcome):
            if not future.done():
                future.set_result(well)

    async def has_noted_ids(self, limit: asyncio.Timeout) -> None:
        """Wait until its ids are in the inbox, without counting the time; raise _Stumbled if it did not go well."""
        await _go_on(self._noted, limit)

    async def went_well(self, limit: asyncio.Timeout) -> None:
        """Wait for the first attempt, without counting the time; raise _Stumbled if it did not go well."""
        await _go_on(self._outcome, limit)

    async def done(self) -> None:
        """Wait until it is taken; raises what its task does."""
        if self.task is not None:
            await asyncio.shield(self.task)

    async def give_up(self) -> None:
        """Cancel it, and wait until it has ended."""
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)


async def _go_on(future: asyncio.Future[bool], limit: asyncio.Timeout) -> None:
    limit.reschedule(None)
    if not await asyncio.shield(future):
        raise _Stumbled
    limit.reschedule(asyncio.get_running_loop().time() + HANDLER_SECONDS)


async def _read_all(
    records: Sequence[Record], now: datetime, inbox_days: int
) -> list[tuple[Record, Message | Event | Invalid | Unknown]]:
    """Read the records, letting others work now and then."""
    oldest = now - timedelta(days=inbox_days - 1)
    found: list[tuple[Record, Message | Event | Invalid | Unknown]] = []
    for start in range(0, len(records), READ_AT_ONCE):
        for record in records[start : start + READ_AT_ONCE]:
            topic = TOPICS[record.topic]
            if topic.kind is not Kind.UPSTREAM:
                found.append((record, read(topic, record.value)))
                continue
            message = decode(record.value, topic.name)
            if isinstance(message, Invalid) or oldest < message.occurred_at < now:  # as nearly always
                found.append((record, message))
            else:
                found.append((record, _of_its_time(message, topic, now, inbox_days)))
        await asyncio.sleep(0)
    return found


def _of_its_time(message: Upstream, topic: Topic, now: datetime, inbox_days: int) -> Upstream | Invalid:
    at = message.occurred_at
    return ahead(at, now) or (None if topic.compacted else too_old(at, now, inbox_days)) or message


def _place(record: Record) -> tuple[str, int, int]:
    return record.topic, record.partition, record.offset


async def _keep_invalid(tx: Transaction, record: Record, problem: Invalid) -> None:
    await parking.keep(tx, record, "invalid", str(problem))
    with parking.record_context(record):
        log.warning("record kept: not a message of its topic", problem=problem.reason, where=problem.pointer)
