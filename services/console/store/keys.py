"""Keys by which programs read, or act, in a person's name: kept as their hashes; times are the database's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import uuid4

from services.console.store.reading import PERSON, Person, person_of
from shared.database import Pool, Transaction

Scope = Literal["read", "act"]
MOST = 20  # good keys of one person
KEPT_DAYS = 90  # so long a key that is over is still listed


@dataclass(frozen=True)
class Key:
    """A key as its owner sees it. state: good, over (its time), or revoked."""

    key_id: str
    name: str
    scopes: tuple[str, ...]
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    used_at: datetime | None
    state: str


@dataclass(frozen=True)
class Bearer:
    """Whose a key is that a program came with, and what it may do."""

    key_id: str
    scopes: frozenset[str]
    person: Person


async def make(
    tx: Transaction, person_id: str, *, key_hash: str, name: str, scopes: Sequence[Scope], days: int
) -> str | None:
    """Keep a new key; returns its id, None where the person has too many."""
    await tx.execute("SELECT pg_advisory_xact_lock(hashtext($1))", f"api_keys {person_id}")
    made: str | None = await tx.value(
        """
        INSERT INTO api_keys (key_id, key_hash, person_id, name, scopes, expires_at)
        SELECT $1, $2, $3, $4, $5, clock_timestamp() + make_interval(days => $6)
        WHERE (SELECT count(*) FROM api_keys
               WHERE person_id = $3 AND revoked_at IS NULL AND expires_at > clock_timestamp()) < $7
        RETURNING key_id
        """,
        str(uuid4()),
        key_hash,
        person_id,
        name,
        sorted(scopes),
        days,
        MOST,
    )
    return made


async def revoke(tx: Transaction, person_id: str, key_id: str) -> bool:
    """Have a key open nothing any more; False where it is not this person's, or was revoked before."""
    return bool(
        await tx.value(
            """
            UPDATE api_keys SET revoked_at = clock_timestamp()
            WHERE key_id = $1 AND person_id = $2 AND revoked_at IS NULL RETURNING true
            """,
            key_id,
            person_id,
        )
    )


async def of_person(tx: Transaction, person_id: str) -> list[Key]:
    """Return a person's keys: good ones first, the latest first."""
    rows = await tx.fetch(
        """
        SELECT key_id, name, scopes, made_at, expires_at, revoked_at, used_at,
               CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN expires_at <= clock_timestamp() THEN 'over'
                    ELSE 'good' END AS state
        FROM api_keys WHERE person_id = $1
        ORDER BY revoked_at IS NOT NULL OR expires_at <= clock_timestamp(), made_at DESC
        """,
        person_id,
    )
    return [Key(**{**dict(row), "scopes": tuple(row["scopes"])}) for row in rows]


async def find(pool: Pool, key_hash: str) -> Bearer | None:
    """Return whose the key is, and note that it was used (once a minute); None where it is not good.

    It is good until it expires or is revoked, and as long as its person is active.
    """
    row = await pool.fetchrow(
        f"""
        WITH good AS (
            SELECT key_id, scopes, person_id, used_at FROM api_keys
            WHERE key_hash = $1 AND revoked_at IS NULL AND expires_at > clock_timestamp()
        ),
        used AS (
            UPDATE api_keys SET used_at = clock_timestamp()
            WHERE key_id IN (SELECT key_id FROM good WHERE used_at IS NULL
                             OR used_at < clock_timestamp() - interval '1 minute')
        )
        SELECT good.key_id, good.scopes, {PERSON} FROM good JOIN people USING (person_id) WHERE people.active
        """,  # noqa: S608  # a constant
        key_hash,
    )
    return Bearer(row["key_id"], frozenset(row["scopes"]), person_of(row)) if row is not None else None


async def forget(tx: Transaction, limit: int) -> int:
    """Forget keys that are long over, at most `limit`; returns how many."""
    return int(
        await tx.value(
            """
            WITH gone AS (
                DELETE FROM api_keys WHERE key_id IN (
                    SELECT key_id FROM api_keys
                    WHERE least(revoked_at, expires_at) < clock_timestamp() - make_interval(days => $2) LIMIT $1)
                RETURNING 1
            ) SELECT count(*) FROM gone
            """,
            limit,
            KEPT_DAYS,
        )
    )
