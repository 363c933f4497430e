"""Postgres: the pool, the transaction that handlers work in, and whether the schema is as the code expects it."""

import asyncio
import hashlib
import importlib.resources
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

Pool = asyncpg.Pool
Row = asyncpg.Record
UNREACHABLE = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)
NO_DATABASE = (asyncpg.InvalidCatalogNameError,)
NO_TABLE = (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError, asyncpg.InvalidSchemaNameError)
NO_RIGHT = (asyncpg.InsufficientPrivilegeError,)
LOCKED_OUT = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidPasswordError)
PING_SECONDS = 2.0
BUCKETS = 64  # customers are divided into this many for background work; fixed for ever
# Failures of the surroundings, which waiting may mend; everything else is the record's or the code's own. 28, 3D and
# 55000 are said to new connections: a password or database that is being changed.
TRANSIENT_CLASSES = ("08", "25006", "28", "3D", "40", "53", "55000", "55P03", "57", "58")


class SchemaBehind(Exception):
    """The schema lacks migrations that the code needs, or has other ones."""


@dataclass(frozen=True)
class Transaction:
    """An open transaction in which one record is handled.

    now: the clock's time. quiet: nothing is to be announced to people (a replay that was not told to send).
    actor: the person who asks, proved, while a command is handled. sends: a person has asked that people are told.
    """

    connection: Any
    schema: str
    now: datetime
    quiet: bool = False
    actor: str | None = None
    sends: bool = False

    async def fetch(self, sql: str, *args: object) -> list[Row]:
        """Return all rows."""
        rows: list[Row] = await self.connection.fetch(sql, *args)
        return rows

    async def row(self, sql: str, *args: object) -> Row | None:
        """Return the first row, None if there is none."""
        row: Row | None = await self.connection.fetchrow(sql, *args)
        return row

    async def value(self, sql: str, *args: object) -> Any:
        """Return the first column of the first row, None if there is none."""
        return await self.connection.fetchval(sql, *args)

    async def execute(self, sql: str, *args: object) -> None:
        """Run a statement."""
        await self.connection.execute(sql, *args)

    async def execute_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """Run a statement for every row."""
        await self.connection.executemany(sql, rows)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Open a block that leaves nothing behind when it raises, while the transaction goes on."""
        async with self.connection.transaction():
            yield


async def connect(url: str) -> Any:
    """Open one connection, for a check at the start."""
    return await asyncpg.connect(url, timeout=5)


def create_pool(url: str, *, schema: str, connections: int) -> Pool:
    """Return a pool that connects when it is entered; the service's role sees its own schema first."""
    return asyncpg.create_pool(
        url,
        min_size=1,
        max_size=connections,
        command_timeout=30,
        server_settings={"application_name": schema, "search_path": schema, "timezone": "UTC"},
    )


@asynccontextmanager
async def transaction(
    pool: Pool, schema: str, now: datetime, *, quiet: bool = False, sends: bool = False
) -> AsyncIterator[Transaction]:
    """Open a transaction: committed when the block ends, rolled back when it raises."""
    async with pool.acquire() as connection, connection.transaction():
        yield Transaction(connection, schema, now, quiet, sends=sends)


@asynccontextmanager
async def reading(url: str, schema: str, now: datetime) -> AsyncIterator[Transaction]:
    """Open a connection and a transaction in which nothing can be written."""
    connection = await asyncpg.connect(url, timeout=5, server_settings={"search_path": schema, "timezone": "UTC"})
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            yield Transaction(connection, schema, now)
    finally:
        await connection.close()


async def lock_customer(tx: Transaction, key: str) -> None:
    """Wait until nobody else in this service works on the customer; held until the transaction ends."""
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"{tx.schema}/{key}")


async def lock_customers(tx: Transaction, keys: Iterable[str]) -> None:
    """Wait until nobody else in this service works on any of them; in one order, so that nobody waits in a circle."""
    names = [f"{tx.schema}/{key}" for key in sorted(set(keys))]
    await tx.execute(
        """
        SELECT pg_advisory_xact_lock(hash) FROM (
            SELECT DISTINCT hashtextextended(name, 0) AS hash FROM unnest($1::text[]) AS name ORDER BY hash
        ) AS each
        """,
        names,
    )


def is_transient(error: BaseException) -> bool:
    """Tell whether waiting may mend it: the connection, the server's state, a lock or a deadlock."""
    if isinstance(error, asyncpg.PostgresError):
        return str(error.sqlstate or "").startswith(TRANSIENT_CLASSES)
    # asyncpg's internal error is what a connection says that is ended at the wrong moment.
    return isinstance(error, OSError | TimeoutError | asyncpg.InterfaceError | asyncpg.InternalClientError)


async def answers(pool: Pool, seconds: float = PING_SECONDS) -> bool:
    """Tell whether Postgres answers within `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            return bool(await pool.fetchval("SELECT true"))
    except UNREACHABLE:
        return False


def migrations(schema: str) -> dict[str, str]:
    """Return the SQL of every migration that `schema` needs, by name, in order: the shared ones, then its own."""
    found = {}
    for package in ("shared", f"services.{schema}"):
        folder = importlib.resources.files(package) / "migrations"
        for file in sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda f: f.name):
            found[f"{package.removeprefix('services.')}/{file.name}"] = file.read_text()
    return found


def checksum(sql: str) -> str:
    """Return what an applied migration is recognised by."""
    return hashlib.sha256(sql.encode()).hexdigest()


async def applied(connection: Any, schema: str) -> dict[str, str]:
    """Return name and checksum of the migrations that the schema has; none if it has no such table."""
    if await connection.fetchval("SELECT to_regclass($1)", f"{schema}.migrations") is None:
        return {}
    rows = await connection.fetch(f'SELECT name, checksum FROM "{schema}".migrations')  # noqa: S608  # a package's name
    return {row["name"]: row["checksum"] for row in rows}


async def require_schema(pool: Pool, schema: str) -> None:
    """Raise SchemaBehind unless exactly the migrations of this code are applied."""
    async with pool.acquire() as connection:
        await require_schema_on(connection, schema)


async def require_schema_on(connection: Any, schema: str) -> None:
    """Raise SchemaBehind unless exactly the migrations of this code are applied."""
    have = await applied(connection, schema)
    missing = [name for name, sql in migrations(schema).items() if have.get(name) != checksum(sql)]
    if missing:
        raise SchemaBehind(
            f"The schema {schema} lacks {missing[0]}{' and others' * (len(missing) > 1)}: run `amicable db migrate`."
        )
