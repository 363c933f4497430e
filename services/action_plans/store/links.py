"""Links to the shared plan, who used them, and the one-time codes to answer with; tokens and codes as hashes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.database import Transaction

KEPT = timedelta(days=400)  # visits and codes


@dataclass(frozen=True)
class Link:
    """A link for one contact to one case."""

    link_id: str
    customer_id: str
    case_id: str
    contact_id: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    def is_good(self, now: datetime) -> bool:
        """Tell whether it opens anything."""
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True)
class Visit:
    """A contact used a link. what: what for."""

    contact_id: str
    at: datetime
    what: str


@dataclass(frozen=True)
class Code:
    """A one-time code for one content."""

    code_id: str
    content_hash: str
    code_hash: str
    created_at: datetime
    expires_at: datetime
    attempts: int = 0


_COLUMNS = "link_id, customer_id, case_id, contact_id, created_by, created_at, expires_at, revoked_at"


async def add(tx: Transaction, link: Link, token_hash: str) -> None:
    """Keep a new link."""
    await tx.execute(
        f"INSERT INTO links ({_COLUMNS}, token_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",  # noqa: S608
        link.link_id,
        link.customer_id,
        link.case_id,
        link.contact_id,
        link.created_by,
        link.created_at,
        link.expires_at,
        link.revoked_at,
        token_hash,
    )


async def find(tx: Transaction, link_id: str) -> Link | None:
    """Return a link by its id."""
    row = await tx.row(f"SELECT {_COLUMNS} FROM links WHERE link_id = $1", link_id)  # noqa: S608
    return Link(*row) if row else None


async def of_case(tx: Transaction, case_id: str) -> list[Link]:
    """Return every link to a case, the first one first."""
    rows = await tx.fetch(f"SELECT {_COLUMNS} FROM links WHERE case_id = $1 ORDER BY created_at, link_id", case_id)  # noqa: S608
    return [Link(*row) for row in rows]


async def visits_of(tx: Transaction, case_id: str) -> list[Visit]:
    """Return who used the links to a case, in order."""
    rows = await tx.fetch(
        """
        SELECT contact_id, at, what FROM visits JOIN links USING (link_id) WHERE case_id = $1 ORDER BY at, id
        """,
        case_id,
    )
    return [Visit(*row) for row in rows]


async def by_token(tx: Transaction, token_hash: str) -> Link | None:
    """Return the link that a token opens, good or not; None if it is nobody's."""
    row = await tx.row(f"SELECT {_COLUMNS} FROM links WHERE token_hash = $1", token_hash)  # noqa: S608
    return Link(*row) if row else None


async def is_taken(tx: Transaction, link_id: str, token_hash: str) -> bool:
    """Tell whether the id or the token is another link's."""
    return bool(
        await tx.value("SELECT EXISTS (SELECT FROM links WHERE link_id = $1 OR token_hash = $2)", link_id, token_hash)
    )


async def revoke(tx: Transaction, link_id: str) -> None:
    """Make it open nothing any more, and its codes good for nothing."""
    await tx.execute("UPDATE links SET revoked_at = $2 WHERE link_id = $1 AND revoked_at IS NULL", link_id, tx.now)
    await tx.execute("UPDATE codes SET used_at = $2 WHERE link_id = $1 AND used_at IS NULL", link_id, tx.now)


async def revoke_all(tx: Transaction, case_id: str, contact_id: str | None = None) -> None:
    """Revoke the links of a case: those of a contact, or all of them."""
    for row in await tx.fetch(
        "SELECT link_id FROM links WHERE case_id = $1 AND revoked_at IS NULL AND contact_id = coalesce($2, contact_id)",
        case_id,
        contact_id,
    ):
        await revoke(tx, row["link_id"])


async def note_visit(tx: Transaction, link_id: str, what: str) -> None:
    """Keep that the link was used, and for what."""
    await tx.execute("INSERT INTO visits (link_id, at, what) VALUES ($1, $2, $3)", link_id, tx.now, what)


async def visits_since(tx: Transaction, link_id: str, what: str, since: datetime) -> int:
    """Return how often the link was used for something since a moment."""
    return int(
        await tx.value(
            "SELECT count(*) FROM visits WHERE link_id = $1 AND at >= $3 AND what = $2", link_id, what, since
        )
    )


async def forget(tx: Transaction, limit: int) -> int:
    """Forget visits and codes that are too old, at most so many of each; returns of how many there were the most."""
    gone = [
        await tx.value(sql, tx.now - KEPT, limit)
        for sql in (
            """
            WITH gone AS (DELETE FROM visits WHERE id IN (SELECT id FROM visits WHERE at < $1 LIMIT $2) RETURNING 1)
            SELECT count(*) FROM gone
            """,
            """
            WITH gone AS (
                DELETE FROM codes WHERE code_id IN (SELECT code_id FROM codes WHERE created_at < $1 LIMIT $2)
                RETURNING 1
            )
            SELECT count(*) FROM gone
            """,
        )
    ]
    return max(int(count) for count in gone)


async def codes_since(tx: Transaction, link_id: str, since: datetime) -> int:
    """Return how many codes were asked for by the link since a moment."""
    return int(await tx.value("SELECT count(*) FROM codes WHERE link_id = $1 AND created_at >= $2", link_id, since))


async def add_code(tx: Transaction, link_id: str, code: Code) -> None:
    """Keep a new code; those before it are good for nothing any more."""
    await tx.execute("UPDATE codes SET used_at = $2 WHERE link_id = $1 AND used_at IS NULL", link_id, tx.now)
    await tx.execute(
        """
        INSERT INTO codes (code_id, link_id, content_hash, code_hash, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        """,
        code.code_id,
        link_id,
        code.content_hash,
        code.code_hash,
        code.created_at,
        code.expires_at,
    )


async def open_code(tx: Transaction, link_id: str) -> Code | None:
    """Return the code that waits to be typed, None if there is none that is good."""
    row = await tx.row(
        """
        SELECT code_id, content_hash, code_hash, created_at, expires_at, attempts FROM codes
        WHERE link_id = $1 AND used_at IS NULL AND expires_at > $2 FOR UPDATE
        """,
        link_id,
        tx.now,
    )
    return Code(*row) if row else None


async def count_attempt(tx: Transaction, code_id: str) -> None:
    """Count a wrong code."""
    await tx.execute("UPDATE codes SET attempts = attempts + 1 WHERE code_id = $1", code_id)


async def use_code(tx: Transaction, code_id: str) -> None:
    """A code is good once."""
    await tx.execute("UPDATE codes SET used_at = $2 WHERE code_id = $1", code_id, tx.now)
