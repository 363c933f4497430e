"""Our people, to choose from."""

from shared.database import Transaction

MOST = 1000


async def active(tx: Transaction) -> dict[str, str]:
    """Return what active people of ours are called, by id."""
    rows = await tx.fetch("SELECT person_id, name FROM people WHERE active ORDER BY name LIMIT $1", MOST)
    return {row["person_id"]: row["name"] for row in rows}


async def stands_in_for(tx: Transaction, transition_id: str) -> frozenset[str]:
    """Return the teams that this reader answers for in a transition, besides their own."""
    rows = await tx.fetch(
        "SELECT team FROM stand_ins WHERE transition_id = $1 AND person_id = reader() AND until > $2",
        transition_id,
        tx.now,
    )
    return frozenset(row["team"] for row in rows)
