"""Brings a database to the state that the code expects: roles, schemas, numbered migrations. Never done by a service.

One at a time, under a lock; each migration in a transaction of its own with its note, so that none is half done.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from amicable import scram
from amicable.problems import REFUSED, Problem, no_answer
from amicable.services import NAMES
from shared import database

DATABASE = "amicable"
READER = "amicable_reader"
OPERATOR = "amicable_operator"
ROLES = (*NAMES, READER, OPERATOR)
_LOCK = 4_711_001  # any number that nothing else in the database uses


@dataclass(frozen=True)
class MigrationState:
    """A migration of a schema: applied, missing, or changed after it was applied."""

    schema: str
    name: str
    state: str


async def migrate(admin: str, passwords: Mapping[str, str], *, name: str = DATABASE) -> list[str]:
    """Create what is missing in the database `name` of the server that `admin` (a DSN) leads to.

    passwords: one for each of ROLES. Returns the names of the migrations applied now. Raises Problem.
    """
    with _sentences(admin):
        server = await asyncpg.connect(admin, timeout=10)
        try:
            await server.execute("SELECT pg_advisory_lock($1)", _LOCK)
            await _make_roles(server, passwords)
            if not await server.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
                await server.execute(f'CREATE DATABASE "{name}"')
            inside = await asyncpg.connect(with_database(admin, name), timeout=10)
            try:
                return await _migrate_schemas(inside, name)
            finally:
                await inside.close()
        finally:
            await server.close()


async def state(reader: str) -> list[MigrationState]:
    """Return every migration and whether the database has it."""
    with _sentences(reader):
        connection = await asyncpg.connect(reader, timeout=10)
        try:
            found = []
            for schema in NAMES:
                have = await database.applied(connection, schema)
                for name, sql in database.migrations(schema).items():
                    same = have.get(name) == database.checksum(sql)
                    found.append(
                        MigrationState(schema, name, "applied" if same else "changed" if name in have else "missing")
                    )
            return found
        finally:
            await connection.close()


def with_database(dsn: str, name: str, *, user: str | None = None, password: str | None = None) -> str:
    """Return the DSN with another database, and another user where one is given."""
    parts = urlsplit(dsn)
    host = parts.netloc.rpartition("@")[2]
    netloc = f"{user}:{password}@{host}" if user else parts.netloc
    return urlunsplit(parts._replace(netloc=netloc, path=f"/{name}"))


async def _make_roles(server: Any, passwords: Mapping[str, str]) -> None:
    for role in ROLES:
        known = await server.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role)
        words = "ALTER ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD %L"
        words = words if known else words.replace("ALTER", "CREATE")
        await server.execute(
            await server.fetchval("SELECT format($1, $2::text, $3::text)", words, role, scram.verifier(passwords[role]))
        )


async def _migrate_schemas(inside: Any, name: str) -> list[str]:
    await inside.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC; REVOKE ALL ON SCHEMA public FROM PUBLIC')
    await inside.execute(f'GRANT CONNECT ON DATABASE "{name}" TO {", ".join(ROLES)}')
    rules = files("amicable").joinpath("roles.sql").read_text()
    done = []
    for schema in NAMES:
        async with inside.transaction():
            await inside.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
            await inside.execute(
                f"CREATE TABLE IF NOT EXISTS {schema}.migrations (name text PRIMARY KEY, checksum text NOT NULL,"
                " applied_at timestamptz NOT NULL DEFAULT clock_timestamp())"
            )
        have = await database.applied(inside, schema)
        for migration, sql in database.migrations(schema).items():
            if migration not in have:
                await _apply(inside, schema, migration, sql)
                done.append(f"{schema}: {migration}")
            elif have[migration] != database.checksum(sql):
                raise Problem(
                    f"The migration {migration} was changed after {schema} had it: add a new one instead.", REFUSED
                )
        async with inside.transaction():
            await inside.execute(rules.format(schema=schema, service=schema))
    return done


async def _apply(inside: Any, schema: str, migration: str, sql: str) -> None:
    try:
        async with inside.transaction():
            await inside.execute(f"SET LOCAL search_path = {schema}")
            await inside.execute(sql)
            await inside.execute(
                f"INSERT INTO {schema}.migrations (name, checksum) VALUES ($1, $2)",  # noqa: S608  # a package's name
                migration,
                database.checksum(sql),
            )
    except asyncpg.PostgresError as error:
        raise Problem(f"The migration {migration} failed in {schema}, and was undone: {error}.", REFUSED) from None


@contextmanager
def _sentences(dsn: str) -> Iterator[None]:
    """Turn what Postgres and the network raise into a sentence without the password."""
    host = urlsplit(dsn).netloc.rpartition("@")[2]
    try:
        yield
    except database.LOCKED_OUT:
        raise Problem(f"Postgres at {host} refuses the user or the password: check the address.") from None
    except (OSError, TimeoutError) as error:
        raise no_answer("Postgres", host, error) from None
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise Problem(f"Postgres at {host} cannot do that: {error}.") from None
