"""Whose relationship is being ended, or has ended."""

from collections.abc import Iterable
from datetime import date

from services.health_scoring.domain.ending import Ending
from shared.database import Transaction


async def keep(tx: Transaction, customer_id: str, transition_id: str, ended_on: date | None) -> None:
    """Keep that an ending goes on, or that it is over since its last day."""
    await tx.execute(
        """
        INSERT INTO endings (customer_id, transition_id, ended_on) VALUES ($1, $2, $3)
        ON CONFLICT (customer_id) DO UPDATE SET transition_id = excluded.transition_id, ended_on = excluded.ended_on
        """,
        customer_id,
        transition_id,
        ended_on,
    )


async def forget(tx: Transaction, customer_id: str, transition_id: str) -> None:
    """Forget an ending that came to nothing, or whose customer is back."""
    await tx.execute("DELETE FROM endings WHERE customer_id = $1 AND transition_id = $2", customer_id, transition_id)


async def of(tx: Transaction, customers: Iterable[str]) -> dict[str, Ending]:
    """Return the endings of those of these customers who have one."""
    rows = await tx.fetch(
        "SELECT customer_id, ended_on FROM endings WHERE customer_id = ANY($1::text[])", sorted(customers)
    )
    return {row["customer_id"]: Ending(row["ended_on"]) for row in rows}
