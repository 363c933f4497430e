"""The relay sends what the outbox holds, in order per customer, and marks it; at least once, never before the commit.

Woken by NOTIFY, and every second besides, since a listener on a frozen backend hears nothing. Rows are found by
`published_at IS NULL`, never by the last id: an earlier id may commit later.
"""

import asyncio
import json
import random
from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared.contracts.topics import TOPICS
from shared.database import Pool, Row, is_transient
from shared.kafka_access import OPEN, Access
from shared.leases import Leases

CHUNK = 1000  # rows
CHUNK_BYTES = 8_000_000  # of bodies: a fact can carry a whole case
POLL_SECONDS = 1.0
SEND_SECONDS = 30.0  # a chunk that takes longer is cut short, and the producer made anew
STOP_SECONDS = 5.0
SECRET = [topic.name for topic in TOPICS.values() if topic.secret]

log = structlog.get_logger(__name__)
Producer = Callable[[], AIOKafkaProducer]


def producer(kafka: str, client_id: str, access: Access = OPEN) -> AIOKafkaProducer:
    """Make a producer that loses nothing: acks=all, idempotent."""
    return AIOKafkaProducer(
        bootstrap_servers=kafka,
        client_id=client_id,
        acks="all",
        enable_idempotence=True,
        linger_ms=2,
        max_batch_size=131_072,
        request_timeout_ms=10_000,
        **access.of_client(),
    )


class Relay:
    """Publishes the outbox of one schema; replicas divide it by buckets under leases."""

    def __init__(
        self,
        pool: Pool,
        schema: str,
        leases: Leases,
        make_producer: Producer,
        *,
        send_seconds: float = SEND_SECONDS,
    ) -> None:
        """Nothing is connected before the first row is to be sent."""
        self._send_seconds = send_seconds
        self._pool = pool
        self._channel = f"outbox_{schema}"
        self._leases = leases
        self._make_producer = make_producer
        self._producer: AIOKafkaProducer | None = None
        self._wake = asyncio.Event()
        self._sending = asyncio.Lock()

    async def run(self) -> None:
        """Send until cancelled; a failure is waited out, with jitter."""
        failures = 0
        listening = asyncio.create_task(self._listen())
        try:
            while True:
                self._wake.clear()
                try:
                    while await self.send_chunk():
                        pass
                    failures = 0
                except Exception as error:
                    if not isinstance(error, KafkaError) and not is_transient(error):
                        raise
                    failures += 1
                    await self._discard_producer()
                    log.warning("relay cannot send, will try again", exc_info=error, attempt=failures)
                    await asyncio.sleep(random.uniform(0.1, min(10.0, 0.2 * 2**failures)))  # noqa: S311
                try:
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._wake.wait()
                except TimeoutError:
                    continue
        finally:
            listening.cancel()
            await self._discard_producer()

    async def drain(self, seconds: float) -> None:
        """Send what is there now, for at most so long: what is left is sent by the next process."""
        try:
            async with asyncio.timeout(seconds):
                while await self.send_chunk():
                    pass
        except Exception as error:
            if not isinstance(error, KafkaError) and not is_transient(error):
                raise
            log.warning("outbox not drained: the next process sends the rest", exc_info=error)

    async def send_chunk(self) -> int:
        """Send up to a thousand rows of the buckets held, or 8 MB of them; returns how many were sent and marked.

        Raises the first failure after marking what was sent before it; nothing of a customer overtakes its failed row.
        """
        async with self._sending:  # `drain` and `run` meet here
            return await self._send_chunk()

    async def _send_chunk(self) -> int:
        buckets = self._leases.buckets
        if not buckets:
            return 0
        rows = await self._pool.fetch(
            """
            SELECT id, topic, key, headers, body FROM (
                SELECT *, sum(octet_length(body)) OVER (ORDER BY id) - octet_length(body) AS bytes_before FROM (
                    SELECT id, topic, key, headers, body FROM outbox
                    WHERE published_at IS NULL AND bucket = ANY($1::smallint[]) ORDER BY id LIMIT $2
                ) AS waiting
            ) AS counted
            WHERE bytes_before < $3 ORDER BY id
            """,
            buckets,
            CHUNK,
            CHUNK_BYTES,
        )
        if not rows:
            return 0
        sent, failure = await self._send(rows)
        await self._mark(sent)
        if failure is not None:
            raise failure
        return len(sent)

    async def _mark(self, sent: Sequence[int]) -> None:
        """Note what has arrived; what is secret is not kept longer than that."""
        await self._pool.execute(
            """
            WITH gone AS (DELETE FROM outbox WHERE id = ANY($1::bigint[]) AND topic = ANY($2::text[]) RETURNING id)
            UPDATE outbox SET published_at = clock_timestamp()
            WHERE id = ANY($1::bigint[]) AND topic <> ALL($2::text[])
            """,
            sent,
            SECRET,
        )

    async def _send(self, rows: Sequence[Row]) -> tuple[list[int], BaseException | None]:
        """Send rows in order; return the ids that arrived before any failure of their key, and the first failure.

        What arrived before time was up counts, so that a slow broker is slow and not stuck.
        """
        futures: list[asyncio.Future[Any]] = []
        failure: BaseException | None = None
        try:
            async with asyncio.timeout(self._send_seconds):
                sender = await self._started_producer()
                for row in rows:
                    headers = [(name, value.encode()) for name, value in json.loads(row["headers"]).items()]
                    futures.append(
                        await sender.send(row["topic"], row["body"], key=row["key"].encode(), headers=headers)
                    )
                await asyncio.wait(futures)
        except (TimeoutError, KafkaError) as error:
            failure = error
        sent: list[int] = []
        failed_keys: set[str] = set()
        for row, future in zip_longest(rows, futures):
            refused = _refusal(future)
            if refused is None and row["key"] not in failed_keys:
                sent.append(row["id"])
            else:
                failed_keys.add(row["key"])
                failure = failure or refused
        return sent, failure

    async def _started_producer(self) -> AIOKafkaProducer:
        if self._producer is None:
            fresh = self._make_producer()
            try:
                await fresh.start()
            except BaseException:
                await fresh.stop()
                raise
            self._producer = fresh
        return self._producer

    async def _discard_producer(self) -> None:
        """Give the producer up: after a failure its sequence numbers may be out of order for ever."""
        broken, self._producer = self._producer, None
        if broken is None:
            return
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await broken.stop()
        except (TimeoutError, KafkaError) as error:
            log.warning("producer did not stop cleanly", exc_info=error)
            await _end(broken)

    def _awaken(self, *_: object) -> None:
        self._wake.set()

    async def _listen(self) -> None:
        """Wake the relay at every commit that adds rows; listens again when its connection is lost."""
        while True:
            try:
                async with self._pool.acquire() as connection:
                    lost = asyncio.Event()
                    connection.add_termination_listener(lambda *_, lost=lost: lost.set())
                    await connection.add_listener(self._channel, self._awaken)
                    try:
                        await lost.wait()
                    finally:
                        await connection.remove_listener(self._channel, self._awaken)
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning("relay listens again", exc_info=error)
            await asyncio.sleep(1)


async def _end(broken: AIOKafkaProducer) -> None:
    """End a producer that waits for answers, or it would go on sending behind its successor's back."""
    sending = broken._sender.sender_task  # noqa: SLF001  # its own `close` waits for the answers too
    while not sending.done():  # a cancellation ends one request that it waits for
        sending.cancel()
        await asyncio.wait([sending], timeout=0.1)
    await broken.client.close()


def _refusal(future: asyncio.Future[Any] | None) -> BaseException | None:
    """Return why the record did not arrive, None if it did."""
    if future is None or not future.done() or future.cancelled():
        return TimeoutError("not sent in time")
    return future.exception()


async def purge(pool: Pool, days: int, *, limit: int = 10_000) -> int:
    """Delete rows published longer ago than `days`, at most `limit` at a time; returns how many."""
    return int(
        await pool.fetchval(
            """
            WITH gone AS (
                DELETE FROM outbox WHERE id IN (
                    SELECT id FROM outbox
                    WHERE published_at < clock_timestamp() - make_interval(days => $1) ORDER BY published_at LIMIT $2
                ) RETURNING 1
            ) SELECT count(*) FROM gone
            """,
            days,
            limit,
        )
    )
