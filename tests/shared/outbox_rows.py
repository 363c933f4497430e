"""Rows in the outbox, and what consumers make of what arrives."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from shared.database import Pool
from shared.leases import Leases
from shared.outbox import bucket_of
from shared.relay import Relay


async def put(executor: Any, topic: str, key: str, number: int, *, notify: str | None = None) -> None:
    """Write a row as `outbox.add` does, to any topic."""
    await executor.execute(
        "INSERT INTO outbox (bucket, topic, key, headers, body) VALUES ($1, $2, $3, '{}', $4)",
        bucket_of(key),
        topic,
        key,
        str(number).encode(),
    )
    if notify:
        await executor.execute("SELECT pg_notify($1, '')", notify)


async def unpublished(pool: Pool) -> int:
    """Return how many rows wait."""
    return int(await pool.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL"))


def effects(records: Sequence[Any]) -> dict[str, list[int]]:
    """Return what a consumer that drops numbers it has seen takes from the records, by key."""
    taken: dict[str, list[int]] = {}
    for record in records:
        numbers = taken.setdefault(record.key.decode(), [])
        if not numbers or int(record.value) > numbers[-1]:
            numbers.append(int(record.value))
    return taken


@asynccontextmanager
async def relaying(relay: Relay, leases: Leases) -> AsyncIterator[None]:
    """Run a relay and its leases as a service does."""
    await leases.renew()
    tasks = [asyncio.create_task(relay.run()), asyncio.create_task(leases.run())]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if not isinstance(outcome, asyncio.CancelledError):
                raise AssertionError("the relay ended by itself") from outcome  # noqa: TRY004
