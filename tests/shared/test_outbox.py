"""The outbox: written with the decision, numbered without a gap."""

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime

import asyncpg
import pytest
from asyncpg import DivisionByZeroError

from shared import database, outbox
from shared.contracts.health import RiskDetected
from shared.contracts.topics import HEALTH, PLANS
from shared.database import Pool
from tests.deployment import until
from tests.shared.records import risk, usage

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


async def _add(pool: Pool, customer: str, *, fail: bool = False) -> RiskDetected:
    async with database.transaction(pool, "action_plans", NOW) as tx:
        await database.lock_customer(tx, customer)
        added = await outbox.add(tx, HEALTH.name, risk(customer, 99))
        if fail:
            await tx.execute("SELECT 1 / 0")
        return added


async def test_numbers_grow_by_one_per_topic_and_customer(pool: Pool) -> None:
    """Whatever the fact said before."""
    assert [(await _add(pool, name)).seq for name in ("a", "a", "b", "a")] == [1, 2, 1, 3]


async def test_rolled_back_fact_leaves_no_gap(pool: Pool) -> None:
    """Its number is given to the next one."""
    await _add(pool, "a")
    with suppress(DivisionByZeroError):
        await _add(pool, "a", fail=True)
    assert (await _add(pool, "a")).seq == 2
    assert await pool.fetchval("SELECT count(*) FROM outbox") == 2


async def test_numbers_given_at_once_have_no_gap_and_keep_the_rows_order(pool: Pool) -> None:
    """Transactions of one customer wait for each other."""
    await asyncio.gather(*(_add(pool, "a") for _ in range(20)))
    bodies = [json.loads(row["body"]) for row in await pool.fetch("SELECT body FROM outbox ORDER BY id")]
    assert [body["seq"] for body in bodies] == list(range(1, 21))


async def test_restored_producer_numbers_a_new_epoch(own_database: str, pool: Pool) -> None:
    """The operator raises the epoch; facts say so from then on."""
    admin = await asyncpg.connect(own_database)
    await admin.execute("UPDATE action_plans.epoch SET number = 2")
    await admin.close()
    assert (await _add(pool, "a")).epoch == 2


async def test_row_is_the_whole_message(pool: Pool) -> None:
    """CloudEvents headers, a body that stands alone, and FastStream's correlation id."""
    added = await _add(pool, "a")
    (row,) = await pool.fetch("SELECT * FROM outbox")
    headers = json.loads(row["headers"])
    assert (row["topic"], row["key"], row["bucket"]) == (HEALTH.name, "a", outbox.bucket_of("a"))
    assert headers["ce_id"] == added.event_id
    assert headers["ce_type"] == "RiskDetected"
    assert headers["ce_source"] == "action_plans"
    assert headers["ce_subject"] == "a"
    assert headers["ce_correlationid"] == headers["correlation_id"] == "began-a"
    assert headers["ce_causationid"] == "cause"
    assert RiskDetected.model_validate_json(row["body"]) == added


async def test_what_is_not_ours_or_too_large_is_refused(pool: Pool) -> None:
    """At the desk, before a relay would choke on it."""
    async with database.transaction(pool, "action_plans", NOW) as tx:
        with pytest.raises(TypeError):
            await outbox.add(tx, PLANS.name, risk("a", 1))
        with pytest.raises(TypeError):
            await outbox.add(tx, "usage.v1", usage("a"))
        many = [{"code": str(number), "text": "x" * 500} for number in range(2000)]
        with pytest.raises(outbox.TooLarge):
            await outbox.add(tx, HEALTH.name, risk("a", 1, reasons=many))


async def test_commit_notifies_the_relay_once(own_database: str, pool: Pool) -> None:
    """However many rows the transaction wrote."""
    heard: list[object] = []
    listener = await asyncpg.connect(own_database)
    await listener.add_listener("outbox_action_plans", lambda *said: heard.append(said))
    async with database.transaction(pool, "action_plans", NOW) as tx:
        for number in range(3):
            await outbox.add(tx, HEALTH.name, risk("a", number + 1))
        await asyncio.wait([asyncio.create_task(listener.execute("SELECT 1"))])
        assert heard == []

    async def told() -> list[object]:
        await listener.execute("SELECT 1")
        return heard

    await until(told, "the commit is told")
    assert len(heard) == 1
    await listener.close()
