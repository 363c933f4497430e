"""Who is logged in: a session's token is kept as its hash, and its times are the database's."""

from services.console.store.reading import PERSON, Person, person_of
from shared.database import Pool, Transaction

MOST = 20  # sessions of one person; the oldest go first


async def begin(pool: Pool, token_hash: str, person_id: str, hours: int) -> bool:
    """Log a person in; False where there is no such active person."""
    found = await pool.fetchval(
        """
        INSERT INTO sessions (token_hash, person_id, expires_at)
        SELECT $1, person_id, clock_timestamp() + make_interval(hours => $3) FROM people WHERE person_id = $2 AND active
        RETURNING true
        """,
        token_hash,
        person_id,
        hours,
    )
    await pool.execute(
        """
        DELETE FROM sessions WHERE token_hash IN (
            SELECT token_hash FROM sessions WHERE person_id = $1 ORDER BY began_at DESC OFFSET $2)
        """,
        person_id,
        MOST,
    )
    return bool(found)


async def find(pool: Pool, token_hash: str) -> Person | None:
    """Return who has the session, None where it is none, is over, or its person is not active any more."""
    row = await pool.fetchrow(
        f"""
        SELECT {PERSON} FROM sessions JOIN people USING (person_id)
        WHERE token_hash = $1 AND expires_at > clock_timestamp() AND people.active
        """,  # noqa: S608  # a constant
        token_hash,
    )
    return person_of(row) if row is not None else None


async def end(pool: Pool, token_hash: str) -> None:
    """Log out."""
    await pool.execute("DELETE FROM sessions WHERE token_hash = $1", token_hash)


async def active_people(pool: Pool) -> list[Person]:
    """Return everybody who may log in, by name."""
    rows = await pool.fetch(f"SELECT {PERSON} FROM people WHERE active ORDER BY name LIMIT 200")  # noqa: S608  # a constant
    return [person_of(row) for row in rows]


async def forget(tx: Transaction, limit: int) -> int:
    """Forget sessions that are over, at most `limit`; returns how many."""
    return int(
        await tx.value(
            """
            WITH gone AS (
                DELETE FROM sessions WHERE token_hash IN (
                    SELECT token_hash FROM sessions WHERE expires_at < clock_timestamp() LIMIT $1)
                RETURNING 1
            ) SELECT count(*) FROM gone
            """,
            limit,
        )
    )
