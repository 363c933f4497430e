"""What is forgotten once it is good for nothing any more."""

from services.action_plans.store import links
from shared.database import Transaction
from shared.documents import requested


async def forget(tx: Transaction, limit: int) -> int:
    """Forget what is too old, at most so many of each kind; returns of how many there were the most."""
    return max(await links.forget(tx, limit), await requested.forget(tx, limit))
