"""The program of `handler`: FastStream, pydantic, one transaction for each message, an outbox and its relay."""

import asyncio
import json
import sys
from datetime import UTC
from typing import Any

from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker
from pydantic import AwareDatetime, BaseModel

from bench.contenders.contender import Given
from bench.job import MOST_OF_A_METRIC, band
from services.health_scoring.app import NAME
from shared import database, relay
from shared.leases import Leases
from shared.outbox import bucket_of
from shared.relay import Relay


class UsageRecorded(BaseModel):
    """The event, as far as the job needs it."""

    event_id: str
    source: str
    occurred_at: AwareDatetime
    customer_id: str
    metric: str
    quantity: float


async def take(event: UsageRecorded, connection: Any, told: str) -> None:
    """Take one event in the transaction."""
    day, at = event.occurred_at.astimezone(UTC).date(), event.occurred_at
    fresh = await connection.fetchval(
        "INSERT INTO inbox (day, source, event_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING true",
        day,
        event.source,
        event.event_id,
    )
    if not fresh:
        return
    before = await _points(connection, event.customer_id)
    await connection.execute(
        """
        INSERT INTO usage_days (customer_id, metric, day, quantity, events, first_at, last_at, last_id)
        VALUES ($1, $2, $3, $4::float8::numeric, 1, $5, $5, $6)
        ON CONFLICT (customer_id, metric, day) DO UPDATE
        SET quantity = usage_days.quantity + excluded.quantity, events = usage_days.events + 1
        """,
        event.customer_id,
        event.metric,
        day,
        event.quantity,
        at,
        event.event_id,
    )
    after = band(await _points(connection, event.customer_id))
    if after != band(before):
        await connection.execute(
            "INSERT INTO outbox (bucket, topic, key, headers, body) VALUES ($1, $2, $3, '{}', $4)",
            bucket_of(event.customer_id),
            told,
            event.customer_id,
            json.dumps({"customer_id": event.customer_id, "band": after}).encode(),
        )


async def _points(connection: Any, customer: str) -> int:
    return int(
        await connection.fetchval(
            "SELECT coalesce(sum(least(used, $2)), 0)::int FROM"
            " (SELECT sum(quantity) AS used FROM usage_days WHERE customer_id = $1 GROUP BY metric) AS metrics",
            customer,
            MOST_OF_A_METRIC,
        )
    )


async def run(given: Given, *, ack_first: bool) -> None:
    """Do the job until SIGTERM."""
    broker = KafkaBroker(given.kafka)
    policy = AckPolicy.ACK_FIRST if ack_first else AckPolicy.NACK_ON_ERROR
    async with database.create_pool(given.postgres, schema=NAME, connections=6) as pool:

        @broker.subscriber(given.topic, group_id=given.group, auto_offset_reset="earliest", ack_policy=policy)
        async def handle(event: UsageRecorded) -> None:
            async with pool.acquire() as connection, connection.transaction():
                await take(event, connection, given.told)

        leases = Leases(pool)
        await leases.renew()
        sending = Relay(pool, given.group, leases, lambda: relay.producer(given.kafka, given.group))
        beside = [asyncio.create_task(leases.run()), asyncio.create_task(sending.run())]
        await FastStream(broker).run()
        await sending.drain(30)
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(run(Given.from_environment(), ack_first="--ack-first" in sys.argv[1:]))
