"""Scorecards by version, and which was in force when."""

from dataclasses import dataclass
from datetime import UTC, datetime

from shared.database import Transaction

EVER = datetime(1970, 1, 1, tzinfo=UTC)
SHIPPED = "shipped"


@dataclass(frozen=True)
class Stored:
    """A card's version as it was stored."""

    card: str
    version: int
    body: str


async def in_force(tx: Transaction, at: datetime) -> list[tuple[str, int]]:
    """Return name and version of the cards in force at the moment, the one that came into force last first."""
    rows = await tx.fetch(
        """
        SELECT card, version FROM (
            SELECT DISTINCT ON (card) card, version, since, id FROM scorecards_in_force WHERE since <= $1
            ORDER BY card, since DESC, id DESC
        ) AS newest ORDER BY since DESC, id DESC
        """,
        at,
    )
    return [(row["card"], row["version"]) for row in rows]


async def body(tx: Transaction, card: str, version: int) -> str | None:
    """Return the card's text, None if it was never stored."""
    text: str | None = await tx.value("SELECT body FROM scorecards WHERE card = $1 AND version = $2", card, version)
    return text


async def keep(tx: Transaction, stored: Stored) -> bool:
    """Store a card; False if another text is stored under its version, which is never changed."""
    await tx.execute(
        "INSERT INTO scorecards (card, version, body, stored_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        stored.card,
        stored.version,
        stored.body,
        tx.now,
    )
    return await body(tx, stored.card, stored.version) == stored.body


async def activate(tx: Transaction, card: str, version: int, *, since: datetime, by: str) -> None:
    """Put a stored card into force."""
    await tx.execute(
        "INSERT INTO scorecards_in_force (card, version, since, by) VALUES ($1, $2, $3, $4)", card, version, since, by
    )


async def require(tx: Transaction, shipped: list[Stored]) -> bool:
    """Store the shipped cards and put them into force as of ever, where no card of that name was.

    Return whether they all were there: what this transaction adds may still be rolled back, and nobody sees it yet.
    """
    await tx.execute("LOCK TABLE scorecards_in_force IN SHARE ROW EXCLUSIVE MODE")
    were_there = True
    for stored in shipped:
        known = await tx.value("SELECT EXISTS (SELECT FROM scorecards_in_force WHERE card = $1)", stored.card)
        if not known and await keep(tx, stored):
            await activate(tx, stored.card, stored.version, since=EVER, by=SHIPPED)
            were_there = False
    return were_there
