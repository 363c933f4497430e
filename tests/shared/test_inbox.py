"""The inbox takes each message once; watermarks outlive it."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import asyncpg

from shared import database, inbox
from shared.contracts.event import Message
from shared.database import Pool
from tests.shared.desk import Desk
from tests.shared.records import record, risk, usage

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


async def _take(pool: Pool, message: Message) -> bool:
    async with database.transaction(pool, "action_plans", NOW) as tx:
        return await inbox.take(tx, message)


async def _take_many(pool: Pool, *messages: Message) -> list[bool]:
    async with database.transaction(pool, "action_plans", NOW) as tx:
        return await inbox.take_many(tx, messages)


async def _prune(pool: Pool, days: int, *, limit: int = 10_000) -> int:
    async with database.transaction(pool, "action_plans", NOW) as tx:
        return await inbox.prune(tx, days, limit=limit)


async def test_event_is_new_once(pool: Pool) -> None:
    """The same source and id again is a duplicate, even about another customer."""
    assert await _take(pool, usage("acme", "1"))
    assert not await _take(pool, usage("acme", "1"))
    assert not await _take(pool, usage("other", "1", metric="exports"))


async def test_same_id_of_another_source_or_day_is_another_event(pool: Pool) -> None:
    """An id is unique per source, and a resend repeats occurred_at."""
    assert await _take(pool, usage("acme", "1"))
    assert await _take(pool, usage("acme", "1", source="crm"))
    assert await _take(pool, usage("acme", "1", occurred_at=NOW + timedelta(days=1)))


async def test_day_is_counted_in_utc(pool: Pool) -> None:
    """The same moment written with another offset is the same event."""
    late = "2026-01-31T23:30:00-05:00"
    assert await _take(pool, usage("acme", "1", occurred_at=late))
    assert not await _take(pool, usage("acme", "1", occurred_at="2026-02-01T04:30:00Z"))


async def test_batch_takes_first_of_equal_ones(pool: Pool) -> None:
    """Duplicates inside a batch, and against earlier batches."""
    assert await _take_many(pool, usage("a", "1"), usage("a", "2"), usage("a", "1")) == [True, True, False]
    assert await _take_many(pool, usage("a", "3"), usage("a", "2"), usage("a", "3")) == [True, False, False]
    assert await _take_many(pool) == []


async def test_rolled_back_event_is_new_again(pool: Pool) -> None:
    """What had no effect was not taken."""
    with suppress(asyncpg.DivisionByZeroError):
        async with database.transaction(pool, "action_plans", NOW) as tx:
            await inbox.take(tx, usage("acme", "1"))
            await tx.execute("SELECT 1 / 0")
    assert await _take(pool, usage("acme", "1"))


async def test_pruning_forgets_old_days_some_at_a_time(pool: Pool) -> None:
    """Only ids whose day and arrival both lie back far enough go."""
    await _take_many(pool, *(usage("a", str(number), occurred_at=NOW - timedelta(days=500)) for number in range(3)))
    await _take(pool, usage("a", "young"))
    assert await _prune(pool, 400) == 0, "history that came today must stay known"
    await pool.execute("UPDATE inbox SET received_at = received_at - interval '401 days'")
    assert await _prune(pool, 400, limit=2) == 2
    assert await _prune(pool, 400, limit=2) == 1
    assert not await _take(pool, usage("a", "young"))


async def test_history_sent_twice_counts_once_after_housekeeping(pool: Pool) -> None:
    """An event that is older than the inbox remembers, when it comes, is remembered all the same."""
    old = usage("acme", "old", occurred_at=NOW - timedelta(days=1000))
    assert await _take(pool, old)
    await _prune(pool, 400)
    assert not await _take(pool, old)


async def test_numbers_stay_known_after_inbox_was_pruned(desk: Desk) -> None:
    """A fact whose inbox row is gone is still known by its number."""
    facts = [risk("acme", 1), risk("acme", 2)]
    await desk.take(*(record(fact) for fact in facts))
    await desk.pool.execute("DELETE FROM inbox")
    await desk.take(*(record(fact) for fact in facts))
    assert await desk.effects() == [1, 2]
    assert await desk.letters() == []
