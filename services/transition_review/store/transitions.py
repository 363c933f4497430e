"""Transitions: the whole of each as one JSON text, beside what it is found by; its record and its versions."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from services.transition_review.domain.transition import Transition, Version
from shared.database import Row, Transaction
from shared.outbox import bucket_of

MOST_BYTES = 500_000  # of a transition that people write on: it travels in one message

_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Transition)


def encode(transition: Transition) -> bytes:
    """Return the transition as JSON; equal ones are equal texts."""
    return _encoder.encode(transition)


def decode(text: str | bytes) -> Transition:
    """Return the transition of a JSON text. Raises msgspec.ValidationError."""
    return _decoder.decode(text)


def plain(thing: object) -> Any:
    """Return a transition, or a part of one, as JSON values."""
    return msgspec.to_builtins(thing)


async def find(tx: Transaction, transition_id: str) -> Transition | None:
    """Return a transition, None if there is no such one."""
    return _transition(await tx.row("SELECT content FROM transitions WHERE transition_id = $1", transition_id))


async def open_of(tx: Transaction, customer_id: str) -> Transition | None:
    """Return the customer's open transition, None if there is none."""
    return _transition(await tx.row("SELECT content FROM transitions WHERE customer_id = $1 AND open", customer_id))


async def latest_of(tx: Transaction, customer_id: str) -> Transition | None:
    """Return the customer's latest transition, None if it never had any."""
    return _transition(
        await tx.row("SELECT content FROM transitions WHERE customer_id = $1 ORDER BY number DESC LIMIT 1", customer_id)
    )


def _transition(row: Row | None) -> Transition | None:
    return decode(row["content"]) if row else None


async def save(tx: Transaction, transition: Transition, text: bytes, next_at: datetime | None) -> None:
    """Keep the transition as it is now. text: the transition as JSON."""
    talk = transition.talk
    await tx.execute(
        """
        INSERT INTO transitions (transition_id, customer_id, case_id, revision, state, open, proposed_at, approved_at,
                                 held_at, bucket, next_at, content)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        ON CONFLICT (transition_id) DO UPDATE
        SET revision = excluded.revision, state = excluded.state, open = excluded.open,
            approved_at = excluded.approved_at, held_at = excluded.held_at, next_at = excluded.next_at,
            content = excluded.content
        """,
        transition.transition_id,
        transition.customer_id,
        transition.case_id,
        transition.revision,
        transition.state,
        transition.is_open,
        transition.proposed_at,
        transition.first_approved_at,
        talk.held_at if talk else None,
        bucket_of(transition.customer_id),
        next_at,
        text.decode(),
    )


async def looked_at(tx: Transaction, transition_id: str, next_at: datetime | None) -> None:
    """Keep when the clock has to look again at a transition that has not changed."""
    await tx.execute("UPDATE transitions SET next_at = $2 WHERE transition_id = $1", transition_id, next_at)


@dataclass(frozen=True)
class Entry:
    """One row of the record: what happened (`kind`: the fact's type), by whom, about what, said how."""

    kind: str
    by: str | None
    about: str | None
    details: Mapping[str, Any]


async def record(tx: Transaction, transition: Transition, entries: Sequence[Entry]) -> None:
    """Write rows of the record, after those that are there; the customer is locked."""
    await tx.execute(
        """
        INSERT INTO record (transition_id, number, at, kind, by, about, revision, details)
        SELECT $1, (SELECT coalesce(max(number), 0) FROM record WHERE transition_id = $1) + place, $2, kind, by, about,
               $3, details
        FROM unnest($4::text[], $5::text[], $6::text[], $7::jsonb[]) WITH ORDINALITY
             AS row (kind, by, about, details, place)
        """,
        transition.transition_id,
        tx.now,
        transition.revision,
        [one.kind for one in entries],
        [one.by for one in entries],
        [one.about for one in entries],
        [json.dumps(one.details) for one in entries],
    )


async def record_of(tx: Transaction, transition_id: str, *, since_revision: int = 0) -> list[Row]:
    """Return the rows of a transition's record in order; since_revision: only those of later revisions."""
    return list(
        await tx.fetch(
            "SELECT * FROM record WHERE transition_id = $1 AND revision > $2 ORDER BY number",
            transition_id,
            since_revision,
        )
    )


async def keep_return(tx: Transaction, customer_id: str, transition_id: str) -> None:
    """Link a customer to the ending that it is known from."""
    await tx.execute(
        "INSERT INTO returns (customer_id, transition_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        customer_id,
        transition_id,
    )


async def add_version(tx: Transaction, transition_id: str, version: Version) -> None:
    """Keep a version, for ever."""
    await tx.execute(
        "INSERT INTO plan_versions (transition_id, number, submitted_by, at, content_hash, parts)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        transition_id,
        version.number,
        version.submitted_by,
        version.at,
        version.content_hash,
        _encoder.encode(version.parts).decode(),
    )


async def due_now(
    pool: Any, now: datetime, buckets: Sequence[int], limit: int, set_aside: Sequence[str] = ()
) -> list[tuple[str, str]]:
    """Return customer and id of transitions that the clock has to look at, those who wait longest first."""
    rows = await pool.fetch(
        """
        SELECT customer_id, transition_id FROM transitions
        WHERE next_at <= $1 AND bucket = ANY($2::smallint[]) AND transition_id <> ALL($4::text[])
        ORDER BY next_at LIMIT $3
        """,
        now,
        list(buckets),
        limit,
        list(set_aside),
    )
    return [(row["customer_id"], row["transition_id"]) for row in rows]


async def count_due(pool: Any, now: datetime) -> int:
    """Return how many transitions the clock has to look at."""
    return int(await pool.fetchval("SELECT count(*) FROM transitions WHERE next_at <= $1", now))
