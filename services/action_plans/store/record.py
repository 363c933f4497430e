"""The record of a case: append-only, each row bound to the one before it by its hash."""

import hashlib
from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from typing import Any

import msgspec
import rfc8785

from shared.database import Row, Transaction

BEGINNING = "0" * 64


@dataclass(frozen=True)
class Head:
    """The last row of a record: its number and hash; number 0 before the first."""

    number: int = 0
    hash: str = BEGINNING


@dataclass(frozen=True)
class Entry:
    """One row: what happened (`kind`: the fact's type), by whom, about what, and the hash of the case after it."""

    case_id: str
    number: int
    at: datetime
    kind: str
    by: str | None
    about: str | None
    revision: int
    details: str
    state_hash: str
    previous: str = BEGINNING
    hash: str = ""

    def expected(self) -> str:
        """Return the hash that the row must have: SHA-256 of its canonical JSON (RFC 8785) without the hash itself."""
        row = {name: value for name, value in msgspec.to_builtins(self).items() if name != "hash" and value is not None}
        return hashlib.sha256(rfc8785.dumps(row)).hexdigest()


def state_hash(text: bytes) -> str:
    """Return the hash of a case's JSON text."""
    return hashlib.sha256(text).hexdigest()


def details_of(values: Mapping[str, Any]) -> str:
    """Return the details of a row as canonical JSON; absent ones are left out."""
    return rfc8785.dumps({name: value for name, value in values.items() if value is not None}).decode()


def bind(head: Head, entry: Entry) -> Entry:
    """Return the entry as the next one after the head, with its hash."""
    placed = replace(entry, number=head.number + 1, previous=head.hash)
    return replace(placed, hash=placed.expected())


async def add(tx: Transaction, entry: Entry) -> None:
    """Write a row; the one before it was read under the customer's lock."""
    await tx.execute(
        """
        INSERT INTO record (case_id, number, at, kind, by, about, revision, details, state_hash, previous, hash)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """,
        *astuple(entry),
    )


async def of_case(tx: Transaction, case_id: str, *, since_revision: int = 0) -> list[Entry]:
    """Return the rows of a case in order; since_revision: only those of later revisions."""
    rows = await tx.fetch(
        "SELECT * FROM record WHERE case_id = $1 AND revision > $2 ORDER BY number", case_id, since_revision
    )
    return [_entry(row) for row in rows]


async def last_of(tx: Transaction, case_id: str, count: int) -> list[Entry]:
    """Return the last rows of a case, the newest first."""
    rows = await tx.fetch("SELECT * FROM record WHERE case_id = $1 ORDER BY number DESC LIMIT $2", case_id, count)
    return [_entry(row) for row in rows]


def _entry(row: Row) -> Entry:
    return Entry(**dict(row))
