"""Readiness tells the truth about what the service needs; liveness says only that the process turns."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx
import pytest
from faststream.asgi import AsgiFastStream

from shared.database import Pool
from shared.messaging import Intake, Stuck, TryAgain, create_broker
from shared.readiness import Check, Limits, Readiness
from tests.deployment import until
from tests.shared.conftest import OwnKafka
from tests.shared.intakes import Taker, consuming
from tests.shared.kafka import new_topic, send_unreadable, sending
from tests.shared.outbox_rows import put

LIMITS = Limits(poll=1.5, outbox=60, taking=0.3)


async def _nothing() -> int:
    return 0


def _asked(pool: Pool, intake: Intake) -> Readiness:
    return Readiness("action_plans", pool, intake, lambda: datetime.now(UTC), _nothing, unknown={}, limits=LIMITS)


async def _failing(readiness: Readiness) -> set[str]:
    return {check.name for check in await readiness.checks() if not check.ok}


async def _fails(readiness: Readiness, *names: str) -> None:
    async def does() -> bool:
        return await _failing(readiness) == set(names)

    await until(does, f"these checks fail: {names}, not {await _failing(readiness)}")


@pytest.fixture
async def topic(kafka: str) -> str:
    """A topic of one's own."""
    return await new_topic(kafka)


@pytest.fixture
async def taker() -> Taker:
    """What takes the records."""
    return Taker()


@pytest.fixture
async def intake(kafka: str, topic: str, taker: Taker) -> AsyncIterator[Intake]:
    """An intake at work."""
    async with consuming(kafka, [topic], taker.take) as running:
        yield running


async def test_working_service_is_ready(pool: Pool, intake: Intake) -> None:
    """As soon as Kafka has given it its share and answered."""
    await _fails(_asked(pool, intake))


async def test_service_that_was_given_no_share_is_not_ready(pool: Pool, kafka: str, topic: str) -> None:
    """It has not started, or is not let into the group."""
    silent = Intake(create_broker(kafka, topic), topic, [topic], Taker().take, batch=False)
    assert await _failing(_asked(pool, silent)) == {"assignment", "poll", "taking"}


async def test_spare_process_is_ready(pool: Pool, kafka: str, topic: str) -> None:
    """There are more processes than partitions: it stands by."""
    async with (
        consuming(kafka, [topic], Taker().take) as one,
        consuming(kafka, [topic], Taker().take) as two,
        consuming(kafka, [topic], Taker().take) as three,
    ):

        async def spread() -> bool:
            return sorted(len(each.partitions) for each in (one, two, three)) == [0, 1, 1]

        await until(spread, "one has no partition")
        for each in (one, two, three):
            await _fails(_asked(pool, each))


async def test_service_is_not_ready_while_kafka_is_silent(pool: Pool, own_kafka: OwnKafka, taker: Taker) -> None:
    """And is again afterwards."""
    topic = await new_topic(own_kafka.address)
    async with consuming(own_kafka.address, [topic], taker.take) as running:
        readiness = _asked(pool, running)
        await _fails(readiness)
        with own_kafka.frozen():
            await _fails(readiness, "poll")
        await _fails(readiness)


async def test_service_whose_consumer_died_is_not_ready(pool: Pool, intake: Intake) -> None:
    """Though aiokafka goes on fetching without it."""
    await _fails(_asked(pool, intake))
    for task in intake.subscriber.tasks:
        task.cancel()
    await _fails(_asked(pool, intake), "taking")


async def test_service_that_only_hands_back_is_not_ready(
    pool: Pool, intake: Intake, kafka: str, topic: str, taker: Taker, lines: list[Any]
) -> None:
    """Nothing is stuck silently; once a record is taken it is ready again."""
    taker.failures = [TryAgain() for _ in range(1000)]
    async with sending(kafka) as producer:
        await producer.send_and_wait(topic, b"1")
    await _fails(_asked(pool, intake), "taking")
    taker.failures.clear()
    await _fails(_asked(pool, intake))


async def test_service_with_a_record_that_can_be_neither_taken_nor_kept_is_not_ready(
    pool: Pool, intake: Intake, kafka: str, topic: str, taker: Taker, lines: list[Any]
) -> None:
    """At once, though its other partitions go on, and it says why; ready when the record went after all."""
    taker.failures_of[b"bad"] = Stuck(f"the record {topic}/0/0 can be neither taken nor kept")
    async with sending(kafka) as producer:
        await producer.send_and_wait(topic, b"bad", partition=0)
        await _fails(_asked(pool, intake), "taking")
        await producer.send_and_wait(topic, b"1", partition=1)

    async def taken() -> bool:
        return taker.taken == [b"1"]

    await until(taken, "the other partition's record is taken")
    readiness = _asked(pool, intake)
    assert await _failing(readiness) == {"taking"}
    assert [check.says for check in await readiness.checks() if not check.ok] == [
        f"the record {topic}/0/0 can be neither taken nor kept"
    ]
    taker.failures_of.clear()
    await _fails(readiness)


async def test_what_is_counted_is_there_for_programs(pool: Pool, intake: Intake) -> None:
    def more() -> list[Check]:
        return [
            Check("channel mail", ok=True, says="3 sent", counts={"sent": 3}),
            Check("page", ok=True, says="is there"),
        ]

    readiness = Readiness("action_plans", pool, intake, lambda: datetime.now(UTC), _nothing, unknown={}, more=more)
    checks = (await readiness.report())["checks"]
    assert checks["channel mail"] == {"ok": True, "says": "3 sent", "counts": {"sent": 3}}
    assert checks["page"] == {"ok": True, "says": "is there"}


async def test_readiness_counts_what_was_passed_over(pool: Pool, intake: Intake) -> None:
    """Records of types that are not known here: no reason not to be ready, one to look."""
    unknown = Counter({"NewOne": 2, "AnotherOne": 1})
    readiness = Readiness("action_plans", pool, intake, lambda: datetime.now(UTC), _nothing, unknown=unknown)
    await _fails(readiness)
    says = (await readiness.report())["checks"]["types"]["says"]
    assert says.startswith("3 records of unknown types")


async def test_service_with_a_partition_that_cannot_be_fetched_is_not_ready(
    pool: Pool, intake: Intake, kafka: str, topic: str, taker: Taker, lines: list[Any]
) -> None:
    """Its other partitions go on; it is tried again with pauses."""
    await send_unreadable(kafka, topic)
    await _fails(_asked(pool, intake), "taking")
    async with sending(kafka) as producer:
        await producer.send_and_wait(topic, b"1", partition=1)

    async def taken() -> bool:
        return taker.taken == [b"1"]

    await until(taken, "the other partition's record is taken")
    assert await _failing(_asked(pool, intake)) == {"taking"}
    assert len(intake.subscriber.tasks) == 1


async def test_service_with_an_old_outbox_is_not_ready(pool: Pool, intake: Intake) -> None:
    """What it decided does not get out."""
    readiness = _asked(pool, intake)
    await put(pool, "t", "a", 1)
    await _fails(readiness)
    await pool.execute("UPDATE outbox SET created_at = created_at - interval '61 seconds'")
    await _fails(readiness, "outbox")
    await pool.execute("UPDATE outbox SET published_at = now()")
    await _fails(readiness)


async def test_service_whose_schema_is_behind_is_not_ready(pool: Pool, intake: Intake, own_database: str) -> None:
    """Or has another migration of the same name."""
    admin = await asyncpg.connect(own_database)
    await admin.execute("UPDATE action_plans.migrations SET checksum = 'other' WHERE name LIKE 'shared/%'")
    await _fails(_asked(pool, intake), "migrations")
    await admin.close()


async def test_service_without_its_database_is_not_ready(
    pool: Pool, intake: Intake, own_database: str, postgres: str
) -> None:
    """And is again when the database is back."""
    readiness = _asked(pool, intake)
    name = own_database.rpartition("/")[2]
    server = await asyncpg.connect(postgres)
    await server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    await server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
    await _fails(readiness, "database")
    await server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    await _fails(readiness)
    await server.close()
    assert await pool.fetchval("SELECT true")


async def test_process_is_alive_whatever_it_lacks(pool: Pool, kafka: str, topic: str) -> None:
    """503 with the report on /readyz, 200 on /livez."""
    broker = create_broker(kafka, topic)
    idle = Intake(broker, topic, [topic], Taker().take, batch=False)
    app: Any = AsgiFastStream(broker, asgi_routes=_asked(pool, idle).routes(), logger=None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as http:
        ready, alive = await http.get("/readyz"), await http.get("/livez")
    assert (ready.status_code, alive.status_code) == (503, 200)
    assert ready.json()["checks"]["assignment"]["ok"] is False
