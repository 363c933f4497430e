"""What revenue and operations were told, fact by fact, as it was put out."""

import json
from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any

from shared.database import Transaction

AT_ONCE = 200  # facts
_TOLD_SINCE = """(
    $1::timestamptz IS NULL OR termination_id IN (SELECT termination_id FROM told_outside WHERE occurred_at >= $1)
)"""


async def currencies(tx: Transaction, since: datetime | None = None) -> list[str]:
    """Return the currencies of all settlements that were told. since: as of `endings`."""
    rows = await tx.fetch(
        f"""
        SELECT DISTINCT settlement->>'currency' AS currency
        FROM told_outside, jsonb_array_elements(body->'termination'->'settlement') AS settlement
        WHERE {_TOLD_SINCE} ORDER BY currency
        """,  # noqa: S608  # no words of others
        since,
    )
    return [row["currency"] for row in rows]


async def facts(tx: Transaction, since: datetime | None = None) -> AsyncGenerator[dict[str, Any], None]:
    """Yield every fact in order, ending by ending, holding some at a time. since: only what was told from then on."""
    async for fact in _stream(tx, "$1::timestamptz IS NULL OR occurred_at >= $1", since):
        yield fact


async def endings(tx: Transaction, since: datetime | None = None) -> AsyncGenerator[list[dict[str, Any]], None]:
    """Yield the facts of one ending after the other. since: only endings of which something was told from then on."""
    of_one: list[dict[str, Any]] = []
    async for fact in _stream(tx, _TOLD_SINCE, since):
        if of_one and of_one[0]["termination_id"] != fact["termination_id"]:
            yield of_one
            of_one = []
        of_one.append(fact)
    if of_one:
        yield of_one


async def _stream(tx: Transaction, which: str, since: datetime | None) -> AsyncGenerator[dict[str, Any], None]:
    sql = f"SELECT body FROM told_outside WHERE {which} ORDER BY termination_id, id"  # noqa: S608  # no words of others
    async for row in tx.connection.cursor(sql, since, prefetch=AT_ONCE):
        yield json.loads(row["body"])
