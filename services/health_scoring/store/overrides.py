"""What people say instead of the score, and who they are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from shared.database import Row, Transaction


@dataclass(frozen=True)
class Override:
    """A person's word on a customer: another band, why, and until when."""

    id: str
    customer_id: str
    band: str
    reason: str
    by: str
    at: datetime
    expires_at: datetime


async def open_at(tx: Transaction, customers: Iterable[str], at: datetime) -> dict[str, Override]:
    """Return the override that counts for each of these customers at the moment: the latest that is open."""
    rows = await tx.fetch(
        """
        SELECT DISTINCT ON (customer_id) id, customer_id, band, reason, by, at, expires_at FROM overrides
        WHERE customer_id = ANY($1::text[]) AND at <= $2 AND expires_at > $2
          AND (cleared_at IS NULL OR cleared_at > $2)
        ORDER BY customer_id, at DESC, id DESC
        """,
        sorted(customers),
        at,
    )
    return {row["customer_id"]: _override(row) for row in rows}


def _override(row: Row) -> Override:
    return Override(**row)
