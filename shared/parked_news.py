"""Tells administrators that records were kept because they could not be taken: a few facts, however many records."""

import asyncio
from uuid import uuid4

import structlog

from shared import database, outbox
from shared.clock import Clock
from shared.contracts.parked import RecordsParked
from shared.contracts.topics import PARKED
from shared.database import Pool, Transaction, is_transient
from shared.leases import Leases
from shared.outbox import bucket_of

LOOK_SECONDS = 15.0
PATIENCE_SECONDS = 30  # what is kept for a gap is often taken soon
REST_SECONDS = 900  # between two facts of one service
MOST_TOPICS = 50

log = structlog.get_logger(__name__)


async def run(pool: Pool, schema: str, clock: Clock, leases: Leases) -> None:
    """Look again and again until cancelled, in the replica that holds the first bucket."""
    while True:
        if bucket_of("") in leases.buckets:
            try:
                async with database.transaction(pool, schema, clock()) as tx:
                    await tell(tx)
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning("news of parked records postponed", exc_info=error)
        await asyncio.sleep(LOOK_SECONDS)


async def tell(tx: Transaction, *, patience: float = PATIENCE_SECONDS, rest: float = REST_SECONDS) -> int:
    """Tell of the records that nobody was told of yet; returns how many. patience, rest: in seconds."""
    await database.lock_customer(tx, tx.schema)
    rows = await tx.fetch(
        """
        UPDATE dead_letters SET told_at = clock_timestamp()
        WHERE told_at IS NULL AND resolved_at IS NULL
          AND EXISTS (SELECT FROM dead_letters WHERE told_at IS NULL AND resolved_at IS NULL
                      AND parked_at <= clock_timestamp() - make_interval(secs => $1))
          AND NOT EXISTS (SELECT FROM dead_letters WHERE told_at > clock_timestamp() - make_interval(secs => $2))
        RETURNING topic
        """,
        patience,
        rest,
    )
    if rows:
        id_ = str(uuid4())
        told = {"event_id": id_, "correlation_id": id_, "causation_id": id_, "occurred_at": tx.now}
        topics = sorted({row["topic"] for row in rows})[:MOST_TOPICS]
        fact = RecordsParked.model_validate({**told, "service": tx.schema, "parked": len(rows), "topics": topics})
        await outbox.add(tx, PARKED.name, fact)
    return len(rows)
