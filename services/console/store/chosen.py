"""How the reader is told, as notifications published it last."""

from shared.contracts.choices import NotificationsChosen
from shared.database import Transaction

Chosen = NotificationsChosen


async def of_reader(tx: Transaction) -> Chosen | None:
    """Return what the reader chose, None where they never did."""
    body = await tx.value("SELECT body FROM choices WHERE person_id = reader()")
    return NotificationsChosen.model_validate_json(body) if body is not None else None
