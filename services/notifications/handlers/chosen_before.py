"""Tells once, on choices.v1, what people chose before that topic was there; whoever has been told of is left alone."""

import structlog

from services.notifications.handlers.choosing import told_of
from services.notifications.store import choosing
from shared import database, outbox
from shared.contracts.topics import CHOICES
from shared.database import Transaction, is_transient
from shared.service import Parts

AT_ONCE = 100  # people

log = structlog.get_logger(__name__)


async def tell(parts: Parts) -> None:
    """Tell of all of them, some at a time. What fails, a later start does."""
    after = ""
    try:
        while True:
            async with database.transaction(parts.pool, "notifications", parts.clock()) as tx:
                people = await choosing.never_told(tx, after, AT_ONCE)
                await database.lock_customers(tx, people)
                for person_id in people:
                    await _tell(tx, person_id)
            if len(people) < AT_ONCE:
                return
            after = people[-1]
    except Exception as error:
        if not is_transient(error):
            raise
        log.warning("what was chosen before is told at the next start", exc_info=error)


async def _tell(tx: Transaction, person_id: str) -> None:
    if await choosing.is_told(tx, person_id):  # they chose, or another process was here, meanwhile
        return
    try:
        chosen, _ = await choosing.of(tx, person_id)
        told = told_of(person_id, chosen, tx.now, f"chosen-before:{person_id}")
    except (LookupError, ValueError) as error:  # what one person has chosen stops nobody's notifications
        log.warning("choices cannot be read", person_id=person_id, exc_info=error)
        return
    await outbox.add(tx, CHOICES.name, told)
