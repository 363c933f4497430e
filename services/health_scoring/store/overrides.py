"""What people say instead of the score: from when until when, and how it ended."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.database import Row, Transaction

Ending = Literal["cleared", "replaced", "expired"]


@dataclass(frozen=True)
class Override:
    """A person's word on a customer: another band, why, and until when."""

    id: str
    customer_id: str
    band: str
    reason: str
    by: str
    at: datetime
    expires_at: datetime


_COLUMNS = "id, customer_id, band, reason, by, at, expires_at"


async def open_at(tx: Transaction, customers: Iterable[str], at: datetime) -> dict[str, Override]:
    """Return the override that counts for each of these customers at the moment."""
    rows = await tx.fetch(
        f"""
        SELECT DISTINCT ON (customer_id) {_COLUMNS} FROM overrides
        WHERE customer_id = ANY($1::text[]) AND at <= $2 AND coalesce(ended_at, expires_at) > $2
        ORDER BY customer_id, at DESC, id DESC
        """,  # noqa: S608  # the columns above
        sorted(customers),
        at,
    )
    return {row["customer_id"]: _override(row) for row in rows}


async def add(tx: Transaction, said: Override) -> None:
    """Keep what a person says."""
    await tx.execute(
        "INSERT INTO overrides (id, customer_id, band, reason, by, at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        said.id,
        said.customer_id,
        said.band,
        said.reason,
        said.by,
        said.at,
        said.expires_at,
    )


async def end(tx: Transaction, override_id: str, how: Ending, by: str) -> None:
    """Note that a person took the word back, or put another in its place."""
    await tx.execute(
        "UPDATE overrides SET ended_at = $2, how = $3, ended_by = $4 WHERE id = $1", override_id, tx.now, how, by
    )


async def expire(tx: Transaction, customers: Iterable[str]) -> list[Override]:
    """Note whose time is over now, and return those that were not noted before, oldest first."""
    rows = await tx.fetch(
        f"""
        UPDATE overrides SET ended_at = expires_at, how = 'expired'
        WHERE customer_id = ANY($1::text[]) AND ended_at IS NULL AND expires_at <= $2
        RETURNING {_COLUMNS}
        """,  # noqa: S608  # the columns above
        sorted(customers),
        tx.now,
    )
    return sorted((_override(row) for row in rows), key=lambda word: (word.customer_id, word.at, word.id))


async def revision(tx: Transaction, customer_id: str) -> int:
    """Return how many times a word on the customer began or ended."""
    found = await tx.value("SELECT count(*) + count(ended_at) FROM overrides WHERE customer_id = $1", customer_id)
    return int(found)


def _override(row: Row) -> Override:
    return Override(**row)
