"""Many events while a service is killed (`make soak`): each is counted once, and sending again changes nothing."""

import asyncio
import gzip
import json
import os
import random
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient

from tests.deployment import Deployment, until

pytestmark = pytest.mark.soak

EVENTS = 100_000
CUSTOMERS = 500
DOUBLED = 1_000


def write(file: Path, run: str) -> Counter[tuple[str, str, str]]:
    """Write the events, some twice, all of them mixed; return how many there are by customer, metric and day."""
    chance = random.Random(run)
    start = datetime.now(UTC) - timedelta(hours=20)
    events = [
        {
            "type": "UsageRecorded",
            "event_id": f"{run}-{number}",
            "customer_id": f"{run}-{number % CUSTOMERS}",
            "occurred_at": (start + timedelta(seconds=chance.randrange(70_000))).isoformat(),
            "metric": chance.choice(["logins", "exports", "api_calls"]),
        }
        for number in range(EVENTS)
    ]
    expected = Counter((event["customer_id"], event["metric"], event["occurred_at"][:10]) for event in events)
    lines = events + chance.sample(events, DOUBLED)
    chance.shuffle(lines)
    with gzip.open(file, "wt") as out:
        out.writelines(json.dumps(line) + "\n" for line in lines)
    return expected


async def test_kill_amid_100_000_events_loses_and_doubles_nothing(deployment: Deployment, tmp_path: Path) -> None:
    """`amicable send` while health_scoring is killed three times, then the same file again."""
    run, service = uuid4().hex[:8], deployment.services["health_scoring"]
    expected = write(tmp_path / "events.ndjson.gz", run)

    async def count() -> int:
        rows = await deployment.query(
            "SELECT coalesce(sum(events), 0)::int AS n FROM health_scoring.usage_days WHERE customer_id LIKE $1",
            f"{run}-%",
        )
        return int(rows[0]["n"])

    sending = asyncio.create_task(send(deployment, tmp_path / "events.ndjson.gz"))
    for share in (0.1, 0.4, 0.7):

        async def reached(wanted: float = share * EVENTS) -> bool:
            return await count() >= wanted

        await until(reached, f"{share:.0%} of the events are counted", patience=180)
        await service.kill()
        service.start()
    assert await sending == 0
    await service.ready()

    async def all_counted() -> bool:
        return await count() >= EVENTS

    await until(all_counted, "all events are counted", patience=180)
    assert await totals(deployment, run) == expected

    assert await send(deployment, tmp_path / "events.ndjson.gz") == 0
    await until(lambda: nothing_waits(deployment), "the second sending is taken", patience=180)
    assert await totals(deployment, run) == expected
    assert not await deployment.query("SELECT 1 FROM health_scoring.dead_letters WHERE key LIKE $1", f"{run}-%")


async def send(deployment: Deployment, file: Path) -> int:
    """Run `amicable send FILE`; return its exit code."""
    environment = {**os.environ, "AMICABLE_KAFKA": deployment.kafka}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "amicable", "send", str(file), env=environment)
    return await process.wait()


async def totals(deployment: Deployment, run: str) -> Counter[tuple[str, str, str]]:
    """Return the counted events by customer, metric and day."""
    rows = await deployment.query(
        "SELECT customer_id, metric, day, quantity, events FROM health_scoring.usage_days WHERE customer_id LIKE $1",
        f"{run}-%",
    )
    assert all(row["quantity"] == row["events"] for row in rows)
    return Counter({(row["customer_id"], row["metric"], row["day"].isoformat()): row["events"] for row in rows})


async def nothing_waits(deployment: Deployment) -> Any:
    """Tell whether health_scoring has committed everything on usage.v1."""
    admin = AIOKafkaAdminClient(bootstrap_servers=deployment.kafka)
    consumer = AIOKafkaConsumer("usage.v1", bootstrap_servers=deployment.kafka, group_id=None)
    await admin.start()
    await consumer.start()
    try:
        ends = await consumer.end_offsets(sorted(consumer.assignment()))
        committed = await admin.list_consumer_group_offsets("health_scoring")
        return all(end == 0 or (tp in committed and committed[tp].offset == end) for tp, end in ends.items())
    finally:
        await consumer.stop()
        await admin.close()
