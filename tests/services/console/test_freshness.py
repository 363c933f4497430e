"""How far the projection is: noted while Kafka answers, and never claimed where nobody can know."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition

from services.console.following import HEARD_WITHIN, Watch
from services.console.store import freshness
from shared.database import Pool
from tests.deployment import until
from tests.services.console.workshop import Workshop, one

pytestmark = pytest.mark.schema("console")


class Intake:
    """What Watch asks: how far each partition is, and when Kafka has answered last."""

    def __init__(self, behind: int, heard: float | None) -> None:
        self.behind, self.heard = behind, heard

    async def lag(self) -> dict[TopicPartition, int]:
        return {TopicPartition("plans.v1", 0): self.behind}

    def seconds_since_poll(self) -> float | None:
        return self.heard


async def noted(pool: Pool, behind: int, heard: float | None) -> None:
    parts: Any = SimpleNamespace(pool=pool, intake=Intake(behind, heard))
    await Watch(parts, ["plans.v1"]).note()


async def test_while_kafka_is_away_nobody_claims_that_the_pages_are_up_to_date(pool: Pool) -> None:
    """The last that was heard may have been that nothing is to come."""
    bench = Workshop(pool)
    await bench.tell(one("ana", "csm"))
    ana = await bench.browser_of("ana")
    await noted(pool, 0, 1.0)
    assert "Up to date" in await ana.read("/")
    await pool.execute("UPDATE freshness SET as_of = '2026-03-02 08:00+00'")
    await noted(pool, 0, HEARD_WITHIN + 1)
    await noted(pool, 0, None)
    text = await ana.read("/")
    assert "may not be up to date: nothing can be heard of what is new; what is shown is as of 2 Mar 2026" in text
    assert "Up to date" not in text
    await noted(pool, 0, 1.0)
    assert "Up to date" in await ana.read("/")


async def test_partition_that_is_behind_keeps_the_time_when_it_last_was_not(pool: Pool) -> None:
    await noted(pool, 0, 1.0)
    before = (await freshness.read(pool)).as_of
    await noted(pool, 7, 1.0)
    now = await freshness.read(pool)
    assert (now.behind, now.as_of, now.lags) == (7, before, False)


async def test_what_was_noted_of_a_topic_that_is_not_taken_any_more_is_forgotten_at_the_start(pool: Pool) -> None:
    """Or pages would say for ever that they may not be up to date."""
    await pool.execute("INSERT INTO freshness VALUES ('former.v1', 0, 0, '2026-03-02 08:00+00')")
    parts: Any = SimpleNamespace(pool=pool, intake=Intake(0, 1.0))
    watching = asyncio.create_task(Watch(parts, ["plans.v1"]).run())

    async def is_so() -> bool:
        return bool(await pool.fetchval("SELECT array_agg(topic) = '{plans.v1}' FROM freshness"))

    try:
        await until(is_so, "what is left")
    finally:
        watching.cancel()
    assert not (await freshness.read(pool)).lags
