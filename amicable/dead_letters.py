"""The kept records of every service, as an operator sees them, and the wish to have some taken again."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from amicable.problems import USAGE, Problem
from amicable.services import NAMES
from shared import database


@dataclass(frozen=True)
class Letter:
    """A kept record. `state`: parked (holds its customer up), kept (alone), asked (its replay), resolved."""

    service: str
    id: int
    kind: str
    state: str
    topic: str
    partition: int
    offset: int
    key: str | None
    type: str | None
    reason: str
    attempts: int
    parked_at: datetime

    @property
    def name(self) -> str:
        """How the command line names it."""
        return f"{self.service}/{self.id}"


@dataclass(frozen=True)
class Content:
    """What a kept record holds."""

    headers: list[list[str]]
    body: str


@dataclass(frozen=True)
class Choice:
    """Which letters are meant: by service and id, or all of a customer, or of a service."""

    names: tuple[tuple[str, int], ...] = ()
    customer: str | None = None
    service: str | None = None


async def letters(dsn: str, choice: Choice, *, resolved: bool = False, limit: int = 1000) -> list[Letter]:
    """Return the letters that are meant, oldest first within each service."""
    found: list[Letter] = []
    async with _connected(dsn) as connection:
        for service in NAMES:
            if choice.service not in {None, service}:
                continue
            ids = [number for name, number in choice.names if name == service] if choice.names else None
            rows = await connection.fetch(
                f"""
                SELECT id, kind, topic, partition, kafka_offset, key, event_type, reason, attempts, parked_at,
                       CASE WHEN resolved_at IS NOT NULL THEN 'resolved' WHEN replay_at IS NOT NULL THEN 'asked'
                            WHEN blocking THEN 'parked' ELSE 'kept' END AS state
                FROM {service}.dead_letters
                WHERE ($1::bigint[] IS NULL OR id = ANY($1)) AND ($2::text IS NULL OR key = $2)
                  AND ($3 OR resolved_at IS NULL)
                ORDER BY topic, key, epoch, seq, id LIMIT $4
                """,  # noqa: S608  # a service's name
                ids,
                choice.customer,
                resolved,
                limit,
            )
            found += [
                Letter(
                    service, row["id"], row["kind"], row["state"], row["topic"], row["partition"], row["kafka_offset"],
                    row["key"], row["event_type"], row["reason"], row["attempts"], row["parked_at"],
                )
                for row in rows
            ]  # fmt: skip
    return found


async def content(dsn: str, service: str, number: int) -> Content:
    """Return headers and body of one letter. Raises Problem where there is none."""
    async with _connected(dsn) as connection:
        row = await connection.fetchrow(
            f"SELECT headers, body FROM {service}.dead_letters WHERE id = $1",  # noqa: S608  # a service's name
            number,
        )
    if row is None:
        raise Problem(f"There is no letter {service}/{number}: see `amicable dlq list`.", USAGE)
    return Content(json.loads(row["headers"]), bytes(row["body"]).decode("utf-8", "replace"))


async def ask_for_replay(dsn: str, asked: Sequence[Letter], *, send: bool, who: str) -> None:
    """Ask each service to take the letters again, and note who asked."""
    async with _connected(dsn) as connection:
        for service in sorted({letter.service for letter in asked}):
            ids = [letter.id for letter in asked if letter.service == service]
            async with connection.transaction():
                await connection.execute(
                    f"""
                    UPDATE {service}.dead_letters SET replay_at = clock_timestamp(), replay_send = $2
                    WHERE id = ANY($1::bigint[]) AND resolved_at IS NULL
                    """,  # noqa: S608  # a service's name
                    ids,
                    send,
                )
                await connection.execute(
                    f"INSERT INTO {service}.dead_letter_audit (who, action, letters) VALUES ($1, $2, $3)",  # noqa: S608
                    who,
                    "replay and send" if send else "replay",
                    ids,
                )


async def new_epoch(dsn: str, service: str) -> int:
    """Begin a new epoch of the service's numbers, after its schema was restored from a backup; returns it.

    It is the number of minutes since 1970: a second restore of the same backup must not meet a number used before.
    """
    async with _connected(dsn) as connection:
        return int(
            await connection.fetchval(
                f"""
                UPDATE {service}.epoch
                SET number = greatest(number + 1, (extract(epoch FROM clock_timestamp()) / 60)::int) RETURNING number
                """  # noqa: S608  # a service's name
            )
        )


@asynccontextmanager
async def _connected(dsn: str) -> AsyncIterator[Any]:
    """A connection for a few statements; where there is none to be had, a sentence says so."""
    host = urlsplit(dsn).netloc.rpartition("@")[2]
    try:
        connection = await asyncpg.connect(dsn, timeout=10)
    except database.UNREACHABLE as error:
        raise Problem(f"Postgres does not let us in at {host} ({type(error).__name__}): is it running?") from None
    try:
        yield connection
    finally:
        await connection.close()
