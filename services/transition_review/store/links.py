"""Links by which a contact opens the customer's transition plan, and what they were used for."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.database import Transaction

KEPT = timedelta(days=400)  # visits


@dataclass(frozen=True)
class Link:
    """A link for one contact to one transition."""

    link_id: str
    customer_id: str
    transition_id: str
    contact_id: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def is_good(self, now: datetime) -> bool:
        """Tell whether it opens anything."""
        return self.revoked_at is None and now < self.expires_at


_COLUMNS = "link_id, customer_id, transition_id, contact_id, created_by, created_at, expires_at, revoked_at"


async def add(tx: Transaction, link: Link, token_hash: str) -> None:
    """Keep a new link."""
    await tx.execute(
        f"INSERT INTO links ({_COLUMNS}, token_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",  # noqa: S608
        link.link_id,
        link.customer_id,
        link.transition_id,
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


async def by_token(tx: Transaction, token_hash: str) -> Link | None:
    """Return the link that a token opens, good or not; None if it is nobody's."""
    row = await tx.row(f"SELECT {_COLUMNS} FROM links WHERE token_hash = $1", token_hash)  # noqa: S608
    return Link(*row) if row else None


async def count_of(tx: Transaction, transition_id: str) -> int:
    """Return how many links to a transition were ever made."""
    return int(await tx.value("SELECT count(*) FROM links WHERE transition_id = $1", transition_id))


async def revoke(tx: Transaction, link_id: str) -> None:
    """Make it open nothing any more."""
    await tx.execute("UPDATE links SET revoked_at = $2 WHERE link_id = $1 AND revoked_at IS NULL", link_id, tx.now)


async def note_visit(tx: Transaction, link_id: str, what: str) -> None:
    """Keep that the link was used, and for what."""
    await tx.execute("INSERT INTO visits (link_id, at, what) VALUES ($1, $2, $3)", link_id, tx.now, what)


async def forget(tx: Transaction, limit: int) -> int:
    """Forget visits that are too old, at most so many; returns how many there were."""
    return int(
        await tx.value(
            """
            WITH gone AS (DELETE FROM visits WHERE id IN (SELECT id FROM visits WHERE at < $1 LIMIT $2) RETURNING 1)
            SELECT count(*) FROM gone
            """,
            tx.now - KEPT,
            limit,
        )
    )
