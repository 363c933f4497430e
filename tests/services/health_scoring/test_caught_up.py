"""While a partition catches up nothing of it is scored, and so nothing announced; then what is true now, once."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiokafka import TopicPartition
from services.health_scoring.scoring import CaughtUp

from services.health_scoring import scoring
from services.health_scoring.store import Due
from shared.database import Pool, Transaction
from shared.firehose import Taken
from shared.service import Parts
from shared.upstream_decoder import decode
from tests.deployment import until
from tests.services.health_scoring.test_disorder import body, story, taken
from tests.stories import customer, upstream

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
QUIET = 10.0


class _Intake:
    """Where a process stands with Kafka."""

    def __init__(self, *, assigned_for: float = 3600.0, partitions: int = 1) -> None:
        self.since = time.monotonic() - assigned_for
        self.partitions = {TopicPartition("usage.v1", number) for number in range(partitions)}
        self.behind = 0

    def seconds_assigned(self) -> float:
        return time.monotonic() - self.since

    async def lag(self) -> dict[TopicPartition, int]:
        return dict.fromkeys(self.partitions, self.behind)


def _used(age: timedelta, partition: int = 0) -> list[Taken]:
    event = decode(body(upstream("UsageRecorded", "acme", NOW - age, metric="logins")))
    return [Taken(event, partition)]  # type: ignore[arg-type]  # a good event


def _caught_up(quiet_seconds: float = QUIET) -> CaughtUp:
    return CaughtUp(lambda: NOW, quiet_seconds)


async def test_partition_has_caught_up_without_lag_and_without_old_events() -> None:
    caught_up, intake = _caught_up(), _Intake(partitions=2)
    caught_up.note(_used(timedelta(hours=23)))
    assert await caught_up.partitions(intake) == [0, 1]  # type: ignore[arg-type]
    caught_up.note(_used(timedelta(hours=25), partition=1))
    assert await caught_up.partitions(intake) == [0]  # type: ignore[arg-type]
    intake.behind = 1
    assert await caught_up.partitions(intake) == []  # type: ignore[arg-type]


async def test_partition_catches_up_again_when_nothing_old_came_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    caught_up, intake = _caught_up(), _Intake()
    caught_up.note(_used(timedelta(days=300)))
    now = time.monotonic()
    for after, there in ((QUIET - 1, []), (QUIET + 1, [0])):
        monkeypatch.setattr(time, "monotonic", lambda after=after: now + after)
        assert await caught_up.partitions(intake) == there  # type: ignore[arg-type]


async def test_new_owner_of_a_partition_watches_it_first() -> None:
    """A process that takes over amid a backfill has seen nothing old yet."""
    assert await _caught_up().partitions(_Intake(assigned_for=QUIET - 5)) == []  # type: ignore[arg-type]
    assert await _caught_up().partitions(_Intake(assigned_for=QUIET + 5)) == [0]  # type: ignore[arg-type]


@asynccontextmanager
async def _scoring(pool: Pool, caught_up: CaughtUp, intake: _Intake) -> AsyncIterator[None]:
    parts = Parts(pool, lambda: NOW, None, intake)  # type: ignore[arg-type]  # all that is used here
    task = asyncio.create_task(scoring.run(parts, caught_up))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.schema("health_scoring")
async def test_backfill_that_begins_while_a_score_is_made_announces_nothing(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the score was made from may be half of it."""
    await taken(pool, story(), [])
    caught_up = _caught_up()
    make, made = scoring.score_customer, asyncio.Event()

    async def overtaken(tx: Transaction, due: Due) -> None:
        await make(tx, due)
        caught_up.note(_used(timedelta(days=300)))
        made.set()

    monkeypatch.setattr(scoring, "score_customer", overtaken)
    async with _scoring(pool, caught_up, _Intake()):
        await made.wait()

        async def over() -> Any:
            return not await pool.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")

        await until(over, "the transaction is over")
    assert await pool.fetchval("SELECT count(*) FROM outbox") == 0
    assert await pool.fetchval("SELECT count(*) FROM due") == 1


@pytest.mark.schema("health_scoring")
async def test_what_is_true_is_announced_once_when_it_has_caught_up(pool: Pool) -> None:
    await taken(pool, story(), [])
    async with _scoring(pool, _caught_up(0.0), _Intake()):

        async def scored() -> Any:
            return await pool.fetchval("SELECT count(*) FROM due") == 0

        await until(scored, "the customer is scored")
    topics = [row["topic"] for row in await pool.fetch("SELECT topic FROM outbox ORDER BY id")]
    assert topics == ["scores.v1", "health.v1"]


@pytest.mark.schema("health_scoring")
async def test_customer_that_cannot_be_scored_holds_up_nobody_else(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that is tried first is the bad one."""
    await taken(pool, [*story(), customer("other", "ana", occurred_at=NOW.isoformat())], [])
    make, bad = scoring.score_customer, set[str]()

    async def faulty(tx: Transaction, due: Due) -> None:
        if not bad or due.customer_id in bad:
            bad.add(due.customer_id)
            raise ZeroDivisionError
        await make(tx, due)

    monkeypatch.setattr(scoring, "score_customer", faulty)
    async with _scoring(pool, _caught_up(0.0), _Intake()):

        async def scored() -> Any:
            return {row["customer_id"] for row in await pool.fetch("SELECT customer_id FROM due")} == bad

        await until(scored, "the other customer is scored, and the bad one still due")
    assert await pool.fetchval("SELECT count(*) FROM health") == 1
