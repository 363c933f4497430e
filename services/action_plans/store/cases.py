"""Cases: the whole of each as one JSON text, beside what it is found by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from services.action_plans.domain import due
from services.action_plans.domain.case import Case
from services.action_plans.domain.terms import Terms, content
from services.action_plans.store.record import Head
from shared.database import Row, Transaction
from shared.outbox import bucket_of

MOST_BYTES = 500_000  # of a case that people write on: it travels in one message, with what follows from it

_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Case)


def encode(case: Case) -> bytes:
    """Return the case as JSON; equal cases are equal texts."""
    return _encoder.encode(case)


def decode(text: str | bytes) -> Case:
    """Return the case of a JSON text. Raises msgspec.ValidationError."""
    return _decoder.decode(text)


def plain(thing: object) -> dict[str, Any]:
    """Return a case, or a part of one, as JSON values, as it is told."""
    return msgspec.to_builtins(thing)  # type: ignore[no-any-return]


async def open_of(tx: Transaction, customer_id: str) -> tuple[Case, Head] | None:
    """Return the customer's open case and the head of its record, None if there is none."""
    return _case(await tx.row("SELECT * FROM cases WHERE customer_id = $1 AND open", customer_id))


async def find(tx: Transaction, case_id: str) -> tuple[Case, Head] | None:
    """Return a case and the head of its record, None if there is no such case."""
    return _case(await tx.row("SELECT * FROM cases WHERE case_id = $1", case_id))


async def latest_of(tx: Transaction, customer_id: str) -> tuple[Case, Head] | None:
    """Return the customer's open case, else its last one; None if it never had any."""
    return _case(
        await tx.row(
            "SELECT * FROM cases WHERE customer_id = $1 ORDER BY open DESC, opened_at DESC LIMIT 1", customer_id
        )
    )


async def kept(tx: Transaction, case_id: str) -> tuple[bytes, Head, str | None]:
    """Return the case's JSON text as its record has hashed it, the record's head, the checklist as last signed."""
    row = await tx.row(
        "SELECT content, chain_number, chain_hash, signed_checklist FROM cases WHERE case_id = $1", case_id
    )
    if row is None:
        raise LookupError(case_id)
    return row["content"].encode(), Head(row["chain_number"], row["chain_hash"]), row["signed_checklist"]


async def had_episode(tx: Transaction, customer_id: str, episode_id: str) -> bool:
    """Tell whether the episode had a case already."""
    return bool(
        await tx.value(
            "SELECT EXISTS (SELECT FROM episodes WHERE customer_id = $1 AND episode_id = $2)", customer_id, episode_id
        )
    )


async def save(tx: Transaction, case: Case, text: bytes, head: Head, signed: str) -> None:
    """Keep the case as it is now, and that its episode had one.

    text: the case as JSON, as the record's head has hashed it; signed: its checklist.
    """
    await tx.execute(
        """
        WITH episode AS (
            INSERT INTO episodes (customer_id, episode_id, case_id)
            SELECT $2, $15::text, $1 WHERE $15::text IS NOT NULL ON CONFLICT DO NOTHING
        )
        INSERT INTO cases (case_id, customer_id, revision, state, open, csm, opened_at, closed_at, bucket, next_at,
                           content, chain_number, chain_hash, signed_checklist)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        ON CONFLICT (case_id) DO UPDATE
        SET revision = excluded.revision, state = excluded.state, open = excluded.open, csm = excluded.csm,
            closed_at = excluded.closed_at, next_at = excluded.next_at, content = excluded.content,
            chain_number = excluded.chain_number, chain_hash = excluded.chain_hash,
            signed_checklist = excluded.signed_checklist
        """,
        case.case_id,
        case.customer_id,
        case.revision,
        case.state,
        case.is_open,
        case.csm,
        case.opened_at,
        case.ending.at if case.ending else None,
        bucket_of(case.customer_id),
        due.look(case, tx.now).next_at,
        text.decode(),
        head.number,
        head.hash,
        signed,
        case.episode_id,
    )


async def looked_at(tx: Transaction, case: Case) -> None:
    """Keep when the clock has to look again at a case that has not changed."""
    await tx.execute("UPDATE cases SET next_at = $2 WHERE case_id = $1", case.case_id, due.look(case, tx.now).next_at)


async def add_version(tx: Transaction, case: Case) -> None:
    """Keep the terms of the version that waits, for ever."""
    version = case.plan.proposed
    if version is not None:
        await tx.execute(
            "INSERT INTO plan_versions (case_id, number, author, proposed_at, content_hash, terms)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            case.case_id,
            version.number,
            version.author,
            version.proposed_at,
            version.content_hash,
            msgspec.json.encode(content(version.terms)).decode(),
        )


async def versions(tx: Transaction, case_id: str) -> list[tuple[int, str, datetime, str, Terms]]:
    """Return number, author, time, content hash and terms of every version, the first one first."""
    rows = await tx.fetch("SELECT * FROM plan_versions WHERE case_id = $1 ORDER BY number", case_id)
    return [
        (
            row["number"],
            row["author"],
            row["proposed_at"],
            row["content_hash"],
            msgspec.json.decode(row["terms"], type=Terms),
        )
        for row in rows
    ]


async def terms_of(tx: Transaction, case_id: str, number: int) -> Terms | None:
    """Return the terms of a version, None where there is no such version."""
    text = await tx.value("SELECT terms FROM plan_versions WHERE case_id = $1 AND number = $2", case_id, number)
    return msgspec.json.decode(text, type=Terms) if text else None


@dataclass(frozen=True)
class Due:
    """A case that the clock has to look at, read without a lock. at: since when; csm_left: its CSM is no longer here.

    content: the case as JSON.
    """

    customer_id: str
    case_id: str
    revision: int
    at: datetime
    csm_left: bool
    content: str


async def due_now(
    pool: Any, now: datetime, buckets: Sequence[int], limit: int, set_aside: Sequence[str] = ()
) -> list[Due]:
    """Return open cases that the clock has to look at, those who wait longest first; without some."""
    rows = await pool.fetch(
        """
        SELECT customer_id, case_id, revision, next_at,
               EXISTS (SELECT FROM people WHERE person_id = cases.csm AND NOT active), content
        FROM cases WHERE next_at <= $1 AND bucket = ANY($2::smallint[]) AND case_id <> ALL($4::text[])
        ORDER BY next_at LIMIT $3
        """,
        now,
        list(buckets),
        limit,
        list(set_aside),
    )
    return [Due(*row) for row in rows]


async def looked_at_all(pool: Any, later: Sequence[tuple[Due, datetime | None]]) -> None:
    """Keep when the clock looks again at cases that have not changed, and that nothing else has to be looked at for."""
    await pool.execute(
        """
        UPDATE cases SET next_at = later.next_at
        FROM unnest($1::text[], $2::bigint[], $3::timestamptz[], $4::timestamptz[])
             AS later (case_id, revision, at, next_at)
        WHERE cases.case_id = later.case_id AND cases.revision = later.revision AND cases.next_at = later.at
        """,
        [one.case_id for one, _ in later],
        [one.revision for one, _ in later],
        [one.at for one, _ in later],
        [at for _, at in later],
    )


async def count_due(pool: Any, now: datetime) -> int:
    """Return how many cases the clock has to look at."""
    return int(await pool.fetchval("SELECT count(*) FROM cases WHERE next_at <= $1", now))


async def customers_of(tx: Transaction, csm: str) -> list[str]:
    """Return the customers whose open cases a CSM has, in order."""
    rows = await tx.fetch("SELECT customer_id FROM cases WHERE csm = $1 AND open ORDER BY customer_id", csm)
    return [row["customer_id"] for row in rows]


async def look_again(tx: Transaction, csm: str) -> None:
    """Have the clock look at every open case of a CSM at once: whoever has left can have none."""
    await tx.execute("UPDATE cases SET next_at = $2 WHERE csm = $1 AND open", csm, tx.now)


def _case(row: Row | None) -> tuple[Case, Head] | None:
    if row is None:
        return None
    return decode(row["content"]), Head(row["chain_number"], row["chain_hash"])
