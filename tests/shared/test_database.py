"""A service's role sees its own schema and nothing else; what it may not do there it cannot."""

import itertools
from contextlib import suppress
from datetime import UTC, datetime

import asyncpg
import pytest

from amicable import migrate
from amicable.services import NAMES
from shared import database
from tests.conftest import PASSWORDS


async def _as(own_database: str, role: str) -> asyncpg.Connection:
    name = own_database.rpartition("/")[2]
    return await asyncpg.connect(migrate.with_database(own_database, name, user=role, password=PASSWORDS[role]))


async def _tables(own_database: str, schema: str) -> list[str]:
    admin = await asyncpg.connect(own_database)
    rows = await admin.fetch("SELECT tablename FROM pg_tables WHERE schemaname = $1", schema)
    await admin.close()
    assert rows
    return [row["tablename"] for row in rows]


@pytest.mark.parametrize(("role", "schema"), [*itertools.permutations(NAMES, 2)])
async def test_role_cannot_touch_another_schema(own_database: str, role: str, schema: str) -> None:
    """Every role, every other schema, every table, every way."""
    connection = await _as(own_database, role)
    try:
        for table in await _tables(own_database, schema):
            for sql in (
                f"SELECT * FROM {schema}.{table}",
                f"DELETE FROM {schema}.{table}",
                f"INSERT INTO {schema}.{table} DEFAULT VALUES",
                f"TRUNCATE {schema}.{table}",
                f"DROP TABLE {schema}.{table}",
            ):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(sql)
    finally:
        await connection.close()


@pytest.mark.parametrize("role", NAMES)
async def test_role_can_read_its_own_schema(own_database: str, role: str) -> None:
    """Or the test above would prove nothing."""
    connection = await _as(own_database, role)
    for table in await _tables(own_database, role):
        await connection.execute(f"SELECT * FROM {role}.{table}")
    await connection.close()


@pytest.mark.parametrize("role", NAMES)
async def test_role_cannot_change_what_is_not_its_to_change(own_database: str, role: str) -> None:
    """Tables, roles, databases, its migrations, its epoch, the record of who asked for replays."""
    connection = await _as(own_database, role)
    for sql in (
        f"CREATE TABLE {role}.extra (one int)",
        "CREATE TABLE public.extra (one int)",
        "CREATE SCHEMA extra",
        f"DROP TABLE {role}.inbox",
        f"ALTER TABLE {role}.inbox ADD extra int",
        "CREATE ROLE extra",
        f"DELETE FROM {role}.migrations",
        f"UPDATE {role}.epoch SET number = 2",
        f"DELETE FROM {role}.dead_letter_audit",
        f"UPDATE {role}.dead_letter_audit SET who = 'nobody'",
        "SELECT pg_read_file('postgresql.conf')",
        "COPY (SELECT 1) TO PROGRAM 'true'",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(sql)
    await connection.close()


async def test_lock_holds_up_the_same_customer_of_the_same_service_only(own_database: str) -> None:
    """Until its transaction ends."""
    name = own_database.rpartition("/")[2]

    def pool(role: str) -> database.Pool:
        dsn = migrate.with_database(own_database, name, user=role, password=PASSWORDS[role])
        return database.create_pool(dsn, schema=role, connections=2)

    now = datetime.now(UTC)
    async with pool("action_plans") as plans, pool("notifications") as notices:
        async with database.transaction(plans, "action_plans", now) as one:
            await database.lock_customer(one, "acme")
            async with database.transaction(notices, "notifications", now) as elsewhere:
                await elsewhere.execute("SET lock_timeout = '50ms'")
                await database.lock_customer(elsewhere, "acme")
            async with database.transaction(plans, "action_plans", now) as two:
                await two.execute("SET LOCAL lock_timeout = '50ms'")
                await database.lock_customer(two, "other")
                with pytest.raises(asyncpg.LockNotAvailableError):
                    await database.lock_customer(two, "acme")
        async with database.transaction(plans, "action_plans", now) as after:
            await database.lock_customer(after, "acme")


async def test_transaction_that_raises_leaves_nothing(pool: database.Pool) -> None:
    """And gives its connection back."""
    for _ in range(10):
        with suppress(asyncpg.DivisionByZeroError):
            async with database.transaction(pool, "action_plans", datetime.now(UTC)) as tx:
                await tx.execute("INSERT INTO watermarks VALUES ('t', 'c', 1, 1)")
                await tx.execute("SELECT 1 / 0")
    assert await pool.fetchval("SELECT count(*) FROM watermarks") == 0
