"""The catalogue of alternatives: kept by command, and told whole, each entry, on alternatives.v1."""

from typing import Any

import structlog

from services.transition_review.store import known
from shared import database, outbox, people
from shared.commands import Done
from shared.contracts.endings.alternatives import AlternativeKept
from shared.contracts.endings.commands import KeepAlternative
from shared.contracts.topics import ALTERNATIVES
from shared.database import Transaction, is_transient
from shared.service import Parts

NAME = "transition_review"

log = structlog.get_logger(__name__)


async def keep(command: KeepAlternative, tx: Transaction) -> Done:
    """Put an alternative into the catalogue, or change what is said of it."""
    people.require_senior(await people.find(tx, tx.actor or ""))
    await known.keep_alternative(tx, command)
    await _tell(tx, command.model_dump(), cause=command.event_id)
    return Done(command.alternative_id, 1)


async def tell_kept_before(parts: Parts) -> None:
    """Tell once of what was kept before that topic was there. What fails, a later start does."""
    try:
        async with database.transaction(parts.pool, NAME, parts.clock()) as tx:
            await database.lock_customers(tx, [one["alternative_id"] for one in await known.untold_alternatives(tx)])
            for one in await known.untold_alternatives(tx):  # another process may have been faster
                await _tell(tx, one, cause=f"kept-before:{one['alternative_id']}")
    except Exception as error:
        if not is_transient(error):
            raise
        log.warning("what was kept before is told at the next start", exc_info=error)


async def _tell(tx: Transaction, entry: dict[str, Any], *, cause: str) -> None:
    said = {name: entry[name] for name in ("alternative_id", "name", "fits", "retired")}
    fact = {**said, "correlation_id": cause, "causation_id": cause, "occurred_at": tx.now}
    await outbox.add(tx, ALTERNATIVES.name, AlternativeKept.model_validate(fact))
