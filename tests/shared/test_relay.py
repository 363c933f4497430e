"""The relay sends what was committed, in order per customer, and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from aiokafka.errors import KafkaError

from shared import relay
from shared.contracts.topics import PLANS, RELEASES
from shared.database import Pool
from shared.leases import Leases
from shared.relay import Relay
from tests.deployment import until
from tests.shared.kafka import new_topic, read_all
from tests.shared.outbox_rows import effects, put, relaying, unpublished

CHANNEL = "outbox_action_plans"
LISTENERS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"


@pytest.fixture
async def topic(kafka: str) -> str:
    """A topic of one's own."""
    return await new_topic(kafka)


@pytest.fixture
async def leases(pool: Pool) -> Leases:
    """Leases of everything."""
    held = Leases(pool)
    await held.renew()
    return held


@pytest.fixture
async def relaid(pool: Pool, kafka: str, leases: Leases) -> AsyncIterator[Relay]:
    """A relay that is asked to send, chunk by chunk."""
    one = Relay(pool, "action_plans", leases, lambda: relay.producer(kafka, "tests"))
    yield one
    await one._discard_producer()


async def _sent(pool: Pool) -> None:
    async def all_published() -> bool:
        return await unpublished(pool) == 0

    await until(all_published, "everything is published")


async def test_rolled_back_rows_are_never_published(pool: Pool, kafka: str, topic: str, relaid: Relay) -> None:
    """Before the commit nothing goes out, after a rollback nothing ever."""
    connection = await pool.acquire()
    undone = connection.transaction()
    await undone.start()
    await put(connection, topic, "a", 1)
    assert await relaid.send_chunk() == 0
    await undone.rollback()
    await pool.release(connection)
    await put(pool, topic, "a", 2)
    assert await relaid.send_chunk() == 1
    assert await relaid.send_chunk() == 0
    assert effects(await read_all(kafka, topic)) == {"a": [2]}


async def test_row_that_commits_late_is_still_published(pool: Pool, kafka: str, topic: str, relaid: Relay) -> None:
    """Its id is lower than that of rows that were sent before it."""
    connection = await pool.acquire()
    late = connection.transaction()
    await late.start()
    await put(connection, topic, "late", 1)
    await put(pool, topic, "early", 1)
    assert await relaid.send_chunk() == 1
    await late.commit()
    await pool.release(connection)
    assert await relaid.send_chunk() == 1
    assert effects(await read_all(kafka, topic)) == {"early": [1], "late": [1]}


async def test_record_is_the_row(pool: Pool, kafka: str, topic: str, relaid: Relay) -> None:
    """Key, body and headers."""
    await pool.execute(
        """
        INSERT INTO outbox (bucket, topic, key, headers, body) VALUES (0, $1, 'clé', '{"ce_id": "ü"}', 'body')
        """,
        topic,
    )
    await relaid.send_chunk()
    (record,) = await read_all(kafka, topic)
    assert (record.key.decode(), record.value, record.headers) == ("clé", b"body", (("ce_id", "ü".encode()),))


async def test_commit_wakes_the_relay(
    pool: Pool, kafka: str, topic: str, relaid: Relay, leases: Leases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without any polling."""
    monkeypatch.setattr(relay, "POLL_SECONDS", 3600)
    async with relaying(relaid, leases):
        await until(lambda: pool.fetchval(LISTENERS), "it listens")
        await put(pool, topic, "a", 1, notify=CHANNEL)
        await _sent(pool)


async def test_relay_polls_where_nothing_wakes_it(pool: Pool, topic: str, relaid: Relay, leases: Leases) -> None:
    """A listener on a frozen backend hears nothing."""
    async with relaying(relaid, leases):
        await until(lambda: pool.fetchval(LISTENERS), "it listens")
        await put(pool, topic, "a", 1)
        await _sent(pool)


async def test_relay_listens_again_when_its_backend_is_ended(
    own_database: str, pool: Pool, topic: str, relaid: Relay, leases: Leases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is woken by the commits that follow."""
    monkeypatch.setattr(relay, "POLL_SECONDS", 3600)
    admin = await asyncpg.connect(own_database)
    async with relaying(relaid, leases):
        before = await until(lambda: admin.fetchval(LISTENERS), "it listens")
        await admin.execute("SELECT pg_terminate_backend($1)", before)

        async def again() -> bool:
            return await admin.fetchval(LISTENERS) not in {None, before}

        await until(again, "it listens again")
        await put(pool, topic, "a", 1, notify=CHANNEL)
        await _sent(pool)
    await admin.close()


class Fake:
    """A producer whose deliveries the test decides on."""

    def __init__(self, *, silent: str = "", refused: int = -1) -> None:
        """`silent`: a key whose records never arrive; `refused`: a number that is refused."""
        self.sent: list[tuple[str, int]] = []
        self.silent = silent
        self.refused = refused
        self.stopped = False
        self.gate = asyncio.Event()
        self.gate.set()
        self.client = self._sender = self

    async def start(self) -> None:
        """Connect."""

    async def stop(self) -> None:
        """End."""
        self.stopped = True

    async def close(self) -> None:
        """End."""

    async def send(self, topic: str, body: bytes, *, key: bytes, headers: Any) -> "asyncio.Future[None]":
        """Take a record."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        number = int(body)
        self.sent.append((key.decode(), number))
        await self.gate.wait()
        if number == self.refused:
            future.set_exception(KafkaError("refused"))
        elif key.decode() != self.silent:
            future.set_result(None)
        return future


async def test_producer_loses_and_doubles_nothing_by_itself(kafka: str) -> None:
    """Its own defaults are one acknowledgement and no idempotence."""
    one = relay.producer(kafka, "tests")
    assert one._sender._acks == -1
    assert one._txn_manager is not None
    await one.stop()


async def test_what_arrived_before_time_was_up_is_marked(pool: Pool, leases: Leases) -> None:
    """A slow broker is slow, and not stuck."""
    for number in range(3):
        await put(pool, "t", "quick", number)
        await put(pool, "t", "slow", number)
    one = Relay(pool, "action_plans", leases, lambda: Fake(silent="slow"), send_seconds=0.1)
    with pytest.raises(TimeoutError):
        await one.send_chunk()
    assert {row["key"] for row in await pool.fetch("SELECT key FROM outbox WHERE published_at IS NULL")} == {"slow"}


async def test_nothing_overtakes_a_failed_row_of_its_customer(pool: Pool, leases: Leases) -> None:
    """Later rows are sent again behind it; other customers go on."""
    for key, number in [("a", 1), ("a", 2), ("b", 7), ("a", 3)]:
        await put(pool, "t", key, number)
    one = Relay(pool, "action_plans", leases, lambda: Fake(refused=2))
    with pytest.raises(KafkaError):
        await one.send_chunk()
    left = [
        (row["key"], int(row["body"]))
        for row in await pool.fetch("SELECT * FROM outbox WHERE published_at IS NULL ORDER BY id")
    ]
    assert left == [("a", 2), ("a", 3)]


async def test_what_is_secret_is_erased_once_it_has_arrived_and_not_before(pool: Pool, leases: Leases) -> None:
    """A one-time code is in no backup of the database; one that was not sent yet is not lost."""
    for topic, key, number in [(RELEASES.name, "a", 1), (PLANS.name, "b", 2), (RELEASES.name, "c", 3)]:
        await put(pool, topic, key, number)
    one = Relay(pool, "action_plans", leases, lambda: Fake(refused=3))
    with pytest.raises(KafkaError):
        await one.send_chunk()
    assert await _kept(pool) == [(2, True), (3, False)]
    another = Relay(pool, "action_plans", leases, Fake)
    await another.send_chunk()
    assert await _kept(pool) == [(2, True)]


async def _kept(pool: Pool) -> list[tuple[int, bool]]:
    rows = await pool.fetch("SELECT body, published_at IS NOT NULL AS sent FROM outbox ORDER BY id")
    return [(int(row["body"]), row["sent"]) for row in rows]


async def test_chunk_ends_where_its_bodies_have_grown_large(
    pool: Pool, leases: Leases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a thousand whole cases would be in memory together; a single row goes out whatever its size."""
    monkeypatch.setattr(relay, "CHUNK_BYTES", 3)
    for number in (11, 22, 3333, 4):
        await put(pool, "t", "a", number)
    fake = Fake()
    one = Relay(pool, "action_plans", leases, lambda: fake)
    assert [await one.send_chunk() for _ in range(4)] == [2, 1, 1, 0]
    assert [number for _, number in fake.sent] == [11, 22, 3333, 4]


async def test_drain_does_not_send_what_is_being_sent(pool: Pool, leases: Leases) -> None:
    """At the stop of a service both are at work."""
    for number in range(50):
        await put(pool, "t", "a", number)
    fake = Fake()
    fake.gate.clear()
    one = Relay(pool, "action_plans", leases, lambda: fake)
    sending = asyncio.create_task(one.send_chunk())

    async def begun() -> list[tuple[str, int]]:
        return fake.sent

    await until(begun, "it is sending")
    await one.drain(0.5)
    assert len(fake.sent) == 1
    fake.gate.set()
    await sending
    assert len(fake.sent) == 50


async def test_relay_without_a_lease_sends_nothing(pool: Pool, relaid: Relay, leases: Leases, topic: str) -> None:
    """Another replica has the customer."""
    await put(pool, topic, "a", 1)
    leases._buckets = ()
    assert await relaid.send_chunk() == 0


async def test_purge_forgets_what_was_published_long_ago(pool: Pool) -> None:
    """Some at a time; what waits stays."""
    for number in range(3):
        await put(pool, "t", "a", number)
    await pool.execute("UPDATE outbox SET published_at = now() - interval '8 days' WHERE body < '2'")
    assert await relay.purge(pool, 7, limit=1) == 1
    assert await relay.purge(pool, 7) == 1
    assert await pool.fetchval("SELECT count(*) FROM outbox") == 1
