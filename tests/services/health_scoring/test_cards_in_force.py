"""The shipped cards are in force for whoever asks, however the first transactions of a new database come about."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from services.health_scoring.cards_in_force import Cards
from shared import database
from shared.database import Pool, Transaction

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
pytestmark = pytest.mark.schema("health_scoring")


class Undone(Exception):
    """What a transaction ends with that is not to be kept."""


async def asked(pool: Pool, cards: Cards) -> int:
    """Return how many cards are in force for a transaction of its own."""
    async with database.transaction(pool, "health_scoring", NOW) as tx:
        return len(await cards.in_force(tx, NOW))


async def test_two_who_begin_at_once_both_have_cards(pool: Pool) -> None:
    cards, asking = Cards(), asyncio.Event()

    async def first(tx: Transaction) -> int:
        found = len(await cards.in_force(tx, NOW))
        asking.set()
        await _until_somebody_waits(pool, second)
        return found

    async def begins() -> int:
        await asking.wait()
        return await asked(pool, cards)

    async with asyncio.TaskGroup() as group:
        second = group.create_task(begins())
        async with database.transaction(pool, "health_scoring", NOW) as tx:
            found = await first(tx)
    assert found == second.result() > 0


async def _until_somebody_waits(pool: Pool, task: asyncio.Task[int]) -> None:
    """Wait until the task waits for a lock, or is done without."""
    async with asyncio.timeout(30):
        while not task.done():
            if await pool.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                return
            await asyncio.sleep(0.01)


async def test_cards_outlive_a_first_transaction_that_is_undone(pool: Pool) -> None:
    cards = Cards()
    with suppress(Undone):
        async with database.transaction(pool, "health_scoring", NOW) as tx:
            assert await cards.in_force(tx, NOW)
            raise Undone
    assert await asked(pool, cards) > 0
