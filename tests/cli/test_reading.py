"""What stands between a command and what it reads is said by its name: each is mended otherwise."""

import asyncio
from datetime import UTC, datetime

import asyncpg
import pytest

from amicable import migrate, reading
from amicable.problems import UNREACHABLE, Problem
from amicable.runtime import ports
from services.health_scoring.store import customers
from shared.database import Transaction
from tests.conftest import PASSWORDS

SCHEMA = "health_scoring"
NOW = datetime(2026, 3, 15, 12, 20, tzinfo=UTC)


async def ask(tx: Transaction) -> int:
    return (await customers.rows(tx))[1]


async def refusal(dsn: str) -> str:
    with pytest.raises(Problem) as refused:
        await reading.read(dsn, SCHEMA, NOW, ask)
    assert refused.value.code == UNREACHABLE
    return str(refused.value)


@pytest.fixture
def reader(own_database: str) -> str:
    """The reader's address of a database of one's own."""
    name = own_database.rpartition("/")[2]
    return migrate.with_database(own_database, name, user=migrate.READER, password=PASSWORDS[migrate.READER])


async def run(admin: str, sql: str) -> None:
    connection = await asyncpg.connect(admin)
    await connection.execute(sql)
    await connection.close()


async def test_what_is_there_is_read(reader: str) -> None:
    assert await reading.read(reader, SCHEMA, NOW, ask) == 0


@pytest.mark.parametrize("lacks", ["DROP SCHEMA health_scoring CASCADE", "DROP TABLE health_scoring.overrides"])
async def test_missing_table_asks_for_the_migrations(own_database: str, reader: str, lacks: str) -> None:
    if "overrides" in lacks:
        lacks += "; INSERT INTO health_scoring.customers VALUES ('a', now(), 'e', 'ana', 'A', '{}')"
    await run(own_database, lacks)
    said = await refusal(reader)
    assert said.startswith(f"The database {reader.rpartition('/')[2]} at ")
    assert said.endswith("does not exist): check the address, or run `amicable db migrate`.")


@pytest.mark.parametrize(
    ("lacks", "why"),
    [
        ("USAGE ON SCHEMA health_scoring", "permission denied for schema health_scoring"),
        ("SELECT ON health_scoring.health", "permission denied for table health"),
    ],
)
async def test_missing_right_names_the_role(own_database: str, reader: str, lacks: str, why: str) -> None:
    await run(own_database, f"REVOKE {lacks} FROM amicable_reader")
    assert f"does not let amicable_reader read health_scoring ({why}): run `amicable db" in await refusal(reader)


async def test_database_that_is_not_there_is_named(reader: str) -> None:
    said = await refusal(migrate.with_database(reader, "elsewhere"))
    assert said.endswith(" has no database elsewhere: check the address.")


async def test_wrong_password_is_said_and_not_shown(own_database: str, reader: str) -> None:
    name = reader.rpartition("/")[2]
    said = await refusal(migrate.with_database(own_database, name, user=migrate.READER, password="guessed"))
    assert said.endswith("refuses the user or the password: check the address.")
    assert "guessed" not in said


async def test_only_who_does_not_answer_is_said_not_to(reader: str) -> None:
    said = await refusal(f"postgresql://amicable_reader:secret@127.0.0.1:{ports.choose()}/amicable")
    assert "does not answer" in said
    assert "is it running?" in said
    assert "secret" not in said


async def test_statement_that_postgres_refuses_is_told_as_it_is(reader: str) -> None:
    async def wrong(tx: Transaction) -> None:
        await tx.fetch("SELECT 1 / 0")

    with pytest.raises(Problem, match=r"cannot do that: division by zero\.$"):
        await reading.read(reader, SCHEMA, NOW, wrong)


async def test_database_that_goes_away_does_not_answer(own_database: str, reader: str) -> None:
    async def cut_off(tx: Transaction) -> None:
        pid = await tx.value("SELECT pg_backend_pid()")
        await run(own_database, f"SELECT pg_terminate_backend({pid})")
        await asyncio.sleep(0.1)
        await tx.fetch("SELECT 1")

    with pytest.raises(Problem, match="does not answer"):
        await reading.read(reader, SCHEMA, NOW, cut_off)
