"""Replicas of a relay: customers are divided between them, and one that freezes loses its share and nothing else."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from amicable import migrate
from shared import relay
from shared.database import Pool
from shared.leases import Leases
from shared.relay import Relay
from tests.conftest import PASSWORDS
from tests.deployment import until
from tests.shared.kafka import new_topic, read_all
from tests.shared.outbox_rows import effects, put, relaying, unpublished

CUSTOMERS = [f"customer-{number}" for number in range(24)]


@pytest.fixture
def other_replica(own_database: str, kafka: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A second replica, as a process that can be frozen."""
    name = own_database.rpartition("/")[2]
    dsn = migrate.with_database(own_database, name, user="action_plans", password=PASSWORDS["action_plans"])
    with subprocess.Popen([sys.executable, "-m", "tests.shared.relaying", dsn, kafka]) as process:
        yield process
        process.kill()


async def _published(pool: Pool) -> None:
    async def done() -> bool:
        return await unpublished(pool) == 0

    await until(done, "everything is published")


async def _write(pool: Pool, topic: str, numbers: range) -> None:
    for number in numbers:
        async with pool.acquire() as connection, connection.transaction():
            for customer in CUSTOMERS:
                await put(connection, topic, customer, number, notify="outbox_action_plans")


async def test_order_is_kept_while_replicas_come_and_go(pool: Pool, kafka: str) -> None:
    """A second one joins and leaves while facts are written: nothing lost, nothing overtaken."""
    topic = await new_topic(kafka)
    every = [Leases(pool), Leases(pool)]
    first, second = (Relay(pool, "action_plans", held, lambda: relay.producer(kafka, "tests")) for held in every)
    writing = asyncio.create_task(_write(pool, topic, range(150)))
    async with relaying(first, every[0]):
        async with relaying(second, every[1]):

            async def divided() -> bool:
                return all(held.buckets for held in every)

            await until(divided, "both replicas hold a share")
        await writing
        await _published(pool)
        await _write(pool, topic, range(150, 160))
        await _published(pool)
    assert effects(await read_all(kafka, topic)) == {customer: list(range(160)) for customer in CUSTOMERS}


async def test_frozen_replica_loses_its_share_and_nothing_else(
    pool: Pool, kafka: str, other_replica: "subprocess.Popen[bytes]"
) -> None:
    """Its customers go on with the other one; when it thaws, what it repeats has no effect."""
    topic = await new_topic(kafka)
    leases = Leases(pool)
    async with relaying(Relay(pool, "action_plans", leases, lambda: relay.producer(kafka, "tests")), leases):

        async def divided() -> bool:
            held = await pool.fetchval(
                "SELECT count(DISTINCT holder) FROM leases"
                " WHERE name LIKE 'bucket/%' AND expires_at > clock_timestamp()"
            )
            return bool(held == 2)

        await until(divided, "both replicas hold a share")
        writing = asyncio.create_task(_write(pool, topic, range(60)))
        await until(lambda: pool.fetchval("SELECT true FROM outbox WHERE published_at IS NOT NULL"), "it is sending")
        other_replica.send_signal(signal.SIGSTOP)
        await writing
        await _published(pool)
        other_replica.send_signal(signal.SIGCONT)
        await _write(pool, topic, range(60, 80))
        await until(divided, "the thawed replica has a share again")
        await _published(pool)
    assert effects(await read_all(kafka, topic)) == {customer: list(range(80)) for customer in CUSTOMERS}
