"""Ours, with the reduced score: the firehose lane, the inbox, the roll-ups, the outbox and the relay as services have
them; only the judgement is the job's own, so that it can be set beside others'.

What each customer has used is kept in memory while nobody else has written it: every transaction takes the next turn
of its partitions, and what is in memory is dropped where that turn was another's, or was undone.
"""

import asyncio
import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import uvicorn

from bench import kafka_side
from bench.contenders.contender import Given
from bench.job import MOST_OF_A_METRIC, Outcome, band
from services.health_scoring.app import NAME
from services.health_scoring.config import Settings
from services.health_scoring.store import knowledge
from services.health_scoring.store.knowledge import Used
from shared import database, service
from shared.database import Transaction
from shared.firehose import Firehose, Taken
from shared.outbox import bucket_of
from shared.service import Work

TURNS = "CREATE TABLE turns (partition int PRIMARY KEY, turn bigint NOT NULL)"


def command(root: Path) -> list[str]:  # noqa: ARG001  # others need a place to install things
    """Return how it is started."""
    return [sys.executable, "-m", "bench.contenders.reduced"]


class Scores:
    """Takes batches: adds up what each customer used, and tells each change of its band."""

    def __init__(self, given: Given) -> None:
        """Nothing is known before the first batch."""
        self._given = given
        self._turns: dict[int, int] = {}
        self._used: dict[int, dict[str, dict[str, int]]] = {}

    async def take(self, batch: Sequence[Taken], tx: Transaction) -> None:
        """Take a batch in the transaction."""
        if not batch:
            return
        await self._take_turns(tx, {taken.partition for taken in batch})
        await self._load(tx, batch)
        uses, told = [], []
        for taken in batch:
            event: Any = taken.message
            customer, metric, quantity = event.customer_id, event.metric, event.quantity
            uses.append(Used(customer, metric, event.occurred_at, quantity, event.event_id, None))
            used = self._used[taken.partition][customer]
            before = used.get(metric, 0)
            after = used[metric] = before + int(quantity)
            if before < MOST_OF_A_METRIC:
                points = used[""]
                used[""] = more = points + min(after, MOST_OF_A_METRIC) - before
                if (new := band(more)) != band(points):
                    told.append((customer, new))
        await knowledge.add_uses(tx, uses)
        await self._tell(tx, told)

    async def _take_turns(self, tx: Transaction, partitions: set[int]) -> None:
        rows = await tx.fetch(
            """
            INSERT INTO turns (partition, turn) SELECT unnest($1::int[]), 1
            ON CONFLICT (partition) DO UPDATE SET turn = turns.turn + 1 RETURNING partition, turn
            """,
            sorted(partitions),
        )
        for partition, turn in rows:
            if self._turns.get(partition) != turn - 1:
                self._used[partition] = {}
            self._turns[partition] = turn

    async def _load(self, tx: Transaction, batch: Sequence[Taken]) -> None:
        """Read what is not in memory. The points are under the empty name, which no metric has."""
        missing = {
            taken.message.key: taken.partition
            for taken in batch
            if taken.message.key not in self._used[taken.partition]
        }
        if not missing:
            return
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for customer, metric, total in await tx.fetch(
            "SELECT customer_id, metric, sum(quantity)::bigint FROM usage_days"
            " WHERE customer_id = ANY($1::text[]) GROUP BY customer_id, metric",
            list(missing),
        ):
            found[customer][metric] = total
        for customer, partition in missing.items():
            used = found[customer]
            used[""] = sum(min(total, MOST_OF_A_METRIC) for total in used.values())
            self._used[partition][customer] = used

    async def _tell(self, tx: Transaction, told: Sequence[tuple[str, str]]) -> None:
        if not told:
            return
        await tx.execute(
            """
            INSERT INTO outbox (bucket, topic, key, headers, body)
            SELECT bucket, $1, key, '{}', body
            FROM unnest($2::smallint[], $3::text[], $4::bytea[]) WITH ORDINALITY AS row (bucket, key, body, place)
            ORDER BY place
            """,
            self._given.told,
            [bucket_of(customer) for customer, _ in told],
            [customer for customer, _ in told],
            [json.dumps({"customer_id": customer, "band": into}).encode() for customer, into in told],
        )
        await tx.execute("SELECT pg_notify($1, '')", f"outbox_{tx.schema}")


async def run(given: Given) -> None:
    """Do the job until SIGTERM."""
    pool = database.create_pool(given.postgres, schema=NAME, connections=6)
    settings = Settings(database_url=given.postgres, kafka=given.kafka, http_port=0)

    def now() -> datetime:
        return datetime.now(UTC)

    firehose = Firehose(given.group, pool, now, Scores(given).take)
    work = Work(firehose.take, firehose.replay, firehose.unknown, batch=True)
    app = service.assemble(given.group, settings, pool=pool, clock=now, topics=[given.topic], work=work)
    service.collect_rarely()
    await uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False)).serve()


async def outcome(given: Given) -> Outcome:
    """Return what it kept and told."""
    connection = await asyncpg.connect(given.postgres, server_settings={"search_path": NAME})
    try:
        rows = await connection.fetch(
            "SELECT customer_id, metric, day, quantity, events FROM usage_days"
            " WHERE NOT starts_with(customer_id, 'past-')"
        )
    finally:
        await connection.close()
    kept = {(row[0], row[1], row[2].isoformat()): (int(row[3]), int(row[4])) for row in rows}
    return Outcome(kept, await kafka_side.told(given.kafka, given.told))


if __name__ == "__main__":
    asyncio.run(run(Given.from_environment()))
