"""Logins that were begun at the identity provider and are not back yet."""

from dataclasses import dataclass

from shared.database import Pool

MINUTES = 10


@dataclass(frozen=True)
class Login:
    """What a login was begun with. wanted: the page to go on with."""

    nonce: str
    verifier: str
    wanted: str


async def begin(pool: Pool, state_hash: str, login: Login) -> None:
    """Keep a login until it is back; those that never came back are forgotten."""
    await pool.execute("DELETE FROM logins WHERE expires_at < clock_timestamp()")
    await pool.execute(
        """
        INSERT INTO logins (state_hash, nonce, verifier, wanted, expires_at)
        VALUES ($1, $2, $3, $4, clock_timestamp() + make_interval(mins => $5))
        """,
        state_hash,
        login.nonce,
        login.verifier,
        login.wanted,
        MINUTES,
    )


async def take(pool: Pool, state_hash: str) -> Login | None:
    """Return the login that was begun with this state, once; None where there is none."""
    row = await pool.fetchrow(
        """
        DELETE FROM logins WHERE state_hash = $1 AND expires_at > clock_timestamp()
        RETURNING nonce, verifier, wanted
        """,
        state_hash,
    )
    return Login(row["nonce"], row["verifier"], row["wanted"]) if row else None


async def person_by(pool: Pool, field: str, value: str) -> str | None:
    """Return the one active person of this mail address (whatever its case) or id; None where none or several are."""
    rows = await pool.fetch(
        """
        SELECT person_id FROM people
        WHERE active AND CASE $1 WHEN 'email' THEN lower(email) = lower($2) ELSE person_id = $2 END LIMIT 2
        """,
        field,
        value,
    )
    return str(rows[0]["person_id"]) if len(rows) == 1 else None
