"""The same events in any order, cut into any batches, with duplicates, end in the same rows, on the real store."""

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from services.health_scoring import handlers, scoring, store
from services.health_scoring.store import Due
from shared import database
from shared.contracts.topics import UPSTREAM_TOPIC_OF_TYPE
from shared.database import Pool
from shared.firehose import Firehose
from tests.records import record
from tests.stories import customer, trouble, upstream

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
_TABLES = {
    "usage_daily": "customer_id, metric, day",
    "last_use": "customer_id",
    "signals": "event_id",
    "customers": "customer_id",
}


def story() -> list[dict[str, Any]]:
    """A customer's events: fractions that floats cannot add exactly, two changes of its data, tickets."""
    fractions = [
        upstream("UsageRecorded", "acme", NOW - timedelta(hours=hour), metric="gb", quantity=0.1) for hour in range(30)
    ]
    return [
        customer("acme", "ana", occurred_at=(NOW - timedelta(days=9)).isoformat()),
        customer("acme", "bo", occurred_at=(NOW - timedelta(days=1)).isoformat(), contacts=[]),
        *trouble("acme", NOW),
        *fractions,
        upstream("TicketResolved", "acme", NOW + timedelta(hours=1), ticket_id="T1"),
    ]


async def taken(pool: Pool, events: Sequence[dict[str, Any]], cuts: Sequence[int]) -> dict[str, list[Any]]:
    """Hand the events over in batches, from empty tables; return every row."""
    for table in (*_TABLES, "inbox", "due", "health"):
        await pool.execute(f"DELETE FROM {table}")
    lane = Firehose("health_scoring", pool, lambda: NOW, handlers.keep_what_happened)
    records = [record(UPSTREAM_TOPIC_OF_TYPE[event["type"]], body(event)) for event in events]
    bounds = [0, *sorted(cuts), len(records)]
    for start, end in pairwise(bounds):
        await lane.take(records[start:end])
    return {
        table: [tuple(row) for row in await pool.fetch(f"SELECT * FROM {table} ORDER BY {key}")]
        for table, key in _TABLES.items()
    }


def body(event: dict[str, Any]) -> bytes:
    return json.dumps(event).encode()


@pytest.mark.schema("health_scoring")
async def test_disorder_and_duplicates_end_in_the_same_rows(pool: Pool) -> None:
    events = story()
    orderly = await taken(pool, events, [])
    assert all(orderly.values())
    for seed in range(12):
        chance = random.Random(seed)
        mixed = events + chance.sample(events, 40)
        chance.shuffle(mixed)
        cuts = [chance.randrange(len(mixed)) for _ in range(chance.randrange(6))]
        assert await taken(pool, mixed, cuts) == orderly, f"seed {seed}"


@pytest.mark.schema("health_scoring")
async def test_change_while_a_score_is_made_is_not_lost(pool: Pool) -> None:
    await taken(pool, story(), [])
    (due,) = await store.due(pool, [0], 10)
    async with database.transaction(pool, "health_scoring", NOW) as tx:
        await scoring.score_customer(tx, replace(due, changed=due.changed - 1))
    assert [again.changed for again in await store.due(pool, [0], 10)] == [due.changed]
    async with database.transaction(pool, "health_scoring", NOW) as tx:
        await scoring.score_customer(tx, due)
    assert await store.due(pool, [0], 10) == []


@pytest.mark.schema("health_scoring")
async def test_customer_never_announced_is_kept_and_scored_when_announced(pool: Pool) -> None:
    events = story()
    await taken(pool, events[2:], [])
    await score_all(pool)
    assert await pool.fetchval("SELECT count(*) FROM health") == 0
    lane = Firehose("health_scoring", pool, lambda: NOW, handlers.keep_what_happened)
    await lane.take([record(UPSTREAM_TOPIC_OF_TYPE["CustomerChanged"], body(events[0]))])
    await score_all(pool)
    assert await pool.fetchval("SELECT band FROM health") == "yellow"


@pytest.mark.schema("health_scoring")
async def test_every_customer_is_due_again_after_an_hour(pool: Pool) -> None:
    await taken(pool, story(), [])
    await score_all(pool)
    for minutes, number in ((59, 0), (60, 1)):
        async with database.transaction(pool, "health_scoring", NOW + timedelta(minutes=minutes)) as tx:
            await store.mark_due_by_clock(tx, [0], "clock")
        assert len(await store.due(pool, [0], 10)) == number


@pytest.mark.schema("health_scoring")
async def test_customer_who_left_is_not_looked_at_for_ever(pool: Pool) -> None:
    """It is not scored any more; were it due again at once, the clock would never settle."""
    await taken(pool, story(), [])
    await score_all(pool)
    lane = Firehose("health_scoring", pool, lambda: NOW, handlers.keep_what_happened)
    left = upstream("CustomerLeft", "acme", NOW, on="2026-03-15")
    await lane.take([record(UPSTREAM_TOPIC_OF_TYPE["CustomerLeft"], body(left))])
    later = NOW + timedelta(hours=2)
    await score_all(pool, later)
    async with database.transaction(pool, "health_scoring", later) as tx:
        await store.mark_due_by_clock(tx, [0], "clock")
    assert await store.due(pool, [0], 10) == []
    assert await store.count_due(pool, later) == 0


async def score_all(pool: Pool, now: datetime = NOW) -> list[Due]:
    """Score every customer that is due."""
    some = await store.due(pool, [0], 100)
    for due in some:
        async with database.transaction(pool, "health_scoring", now) as tx:
            await scoring.score_customer(tx, due)
    return some
