"""Publishes what became of notices on notifications.v1: each once, whatever message it went in."""

import asyncio

import structlog

from services.notifications.store import messages
from shared import database, outbox
from shared.contracts.event import Message
from shared.contracts.notices import NoticeFailed, NoticeSent
from shared.contracts.topics import NOTIFICATIONS
from shared.database import Row, is_transient
from shared.service import Parts

POLL_SECONDS = 0.3
AT_ONCE = 200  # notices, each of a customer that is locked

log = structlog.get_logger(__name__)


async def run(parts: Parts, noted: asyncio.Event) -> None:
    """Publish until cancelled. noted: rings when the fate of messages was noted."""
    while True:
        noted.clear()
        try:
            while await publish(parts):
                pass
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("publishing postponed", exc_info=error)
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await noted.wait()
        except TimeoutError:
            continue


async def publish(parts: Parts) -> int:
    """Publish some; returns how many notices there were. What is about no customer is told to nobody."""
    buckets = parts.leases.buckets
    if not buckets:
        return 0
    async with database.transaction(parts.pool, "notifications", parts.clock()) as tx:
        rows = await messages.unpublished(tx, buckets, AT_ONCE)
        about = [row for row in rows if row["customer_id"] is not None]
        await database.lock_customers(tx, {row["customer_id"] for row in about})
        told: list[tuple[str, Message]] = [(NOTIFICATIONS.name, _fact(row, tx.now)) for row in about]
        await outbox.add_many(tx, told)
    return len(rows)


def _fact(row: Row, now: object) -> NoticeSent | NoticeFailed:
    common = {
        "customer_id": row["customer_id"],
        "correlation_id": row["correlation_id"],
        "causation_id": row["fact_id"],
        "occurred_at": now,
        "notice_id": row["notice_id"],
        "person_id": row["recipient"],
        "channel": row["channel"],
        "fact_id": row["fact_id"],
    }
    if row["state"] == "failed":
        return NoticeFailed.model_validate({**common, "reason": row["last_answer"][:200]})
    sent = {"fact_type": row["fact_type"], "message_id": row["message_id"], "ask_id": row["own_ask_id"]}
    return NoticeSent.model_validate({**common, **sent})
