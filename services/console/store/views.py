"""Views of the portfolio that people have saved: a name for a choice of filters."""

from dataclasses import dataclass
from uuid import uuid4

from shared.database import Transaction

MOST = 30


@dataclass(frozen=True)
class View:
    """A saved view; query: the address's query that shows it."""

    view_id: str
    name: str
    query: str


async def of_person(tx: Transaction, person_id: str) -> list[View]:
    """Return a person's views, by name."""
    rows = await tx.fetch("SELECT view_id, name, query FROM saved_views WHERE person_id = $1 ORDER BY name", person_id)
    return [View(**dict(row)) for row in rows]


async def save(tx: Transaction, person_id: str, name: str, query: str) -> bool:
    """Save a view, in place of one of the same name; False where there are too many."""
    return bool(
        await tx.value(
            """
            INSERT INTO saved_views (view_id, person_id, name, query)
            SELECT $1, $2, $3, $4
            WHERE (SELECT count(*) FROM saved_views WHERE person_id = $2 AND name <> $3) < $5
            ON CONFLICT (person_id, name) DO UPDATE SET query = excluded.query RETURNING true
            """,
            str(uuid4()),
            person_id,
            name,
            query,
            MOST,
        )
    )


async def remove(tx: Transaction, person_id: str, view_id: str) -> None:
    """Remove one of the person's views."""
    await tx.execute("DELETE FROM saved_views WHERE view_id = $1 AND person_id = $2", view_id, person_id)
