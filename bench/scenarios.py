"""What the real health_scoring with the shipped scorecards is measured at: a backlog, its latency, a sweep."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from bench.cases import cases
from bench.company import METRICS, Company, Sent
from bench.console import console
from bench.finding import Finding
from bench.health_service import HealthService, health_service
from bench.measuring import Wrong
from bench.notifications import notifications
from shared import clock
from shared.contracts.topics import SCORES

MOST_MEGABYTES = 200.0
MOST_LATENCY = 0.250  # seconds, of 99 in 100
MOST_SWEEP = 60.0  # seconds, for 100,000 customers
SWEPT_GOAL = 100_000
AFTER_MIDNIGHT = timedelta(hours=13, seconds=1)  # since noon: so late that a fourth of all are packed anew as well
COPIED = ("customers", "contacts", "usage_days", "usage_users", "usage_packed", "signals", "health")


@dataclass
class Latencies:
    """How long after it was sent an event's `HealthScored` was there, in seconds."""

    sent: dict[str, float] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """Return the latency that this share of the events did not exceed (nearest rank)."""
        if not self.took:
            raise Wrong("no event had a HealthScored")
        return sorted(self.took)[min(len(self.took) - 1, int(share * len(self.took)))]

    def findings(self, when: str) -> list[Finding]:
        """Return the percentiles."""
        return [
            Finding(f"{len(self.took):,} tickets to HealthScored, {when}, half", self.percentile(0.5) * 1e3, "ms"),
            Finding("the same, 99 of 100", self.percentile(0.99) * 1e3, "ms", MOST_LATENCY * 1e3),
        ]


@asynccontextmanager
async def _producer(service: HealthService) -> AsyncIterator[AIOKafkaProducer]:
    async with AIOKafkaProducer(bootstrap_servers=service.kafka, acks="all", enable_idempotence=True) as producer:
        yield producer


async def _send(service: HealthService, events: Iterable[Sent]) -> None:
    async with _producer(service) as producer:
        for topic, name, body in events:
            await producer.send(topic, body, key=name.encode())
        await producer.flush()


@asynccontextmanager
async def _listening(service: HealthService, heard: Latencies) -> AsyncIterator[None]:
    """Note when the HealthScored of each event sent arrives."""
    async with AIOKafkaConsumer(SCORES.name, bootstrap_servers=service.kafka, auto_offset_reset="latest") as consumer:
        await consumer.seek_to_end()

        async def listen() -> None:
            async for record in consumer:
                sent = heard.sent.pop(json.loads(record.value)["causation_id"], None)
                if sent is not None:
                    heard.took.append(time.monotonic() - sent)

        listening = asyncio.create_task(listen())
        try:
            yield
        finally:
            listening.cancel()


async def _pace(
    service: HealthService, company: Company, names: Sequence[str], heard: Latencies, seconds: float, rate: int
) -> None:
    """Send so many events a second: every tenth a ticket, the others uses."""
    async with _producer(service) as producer:
        began = time.monotonic()
        for index in range(int(seconds * rate)):
            await asyncio.sleep(max(0.0, began + index / rate - time.monotonic()))
            name, now = names[index % len(names)], service.now() - timedelta(milliseconds=1)
            if index % 10:
                topic, key, body = company.use(name, now, METRICS[index % len(METRICS)])
            else:
                topic, key, body = company.ticket(name, now)
                heard.sent[json.loads(body)["event_id"]] = time.monotonic()
            await producer.send(topic, body, key=key.encode())
        await producer.flush()


async def _backlog(service: HealthService, company: Company, names: list[str], days: int) -> None:
    await _send(service, company.announced(names, service.now()))
    await _send(service, company.used(names, service.now(), days))


async def backlog(folder: Path, customers: int = 1000, days: int = 120) -> list[Finding]:
    """Years wait when it starts for the first time: how fast it takes and judges them, and how much memory it needs."""
    company, names = Company(), [f"customer-{number:06d}" for number in range(customers)]
    async with health_service(folder) as service:
        await _backlog(service, company, names, days)
        began = time.monotonic()
        async with service.running():
            ready = time.monotonic()
            await service.taken(company.upstream)
            taken = time.monotonic()
            await service.nobody_is_due()
            judged = time.monotonic()
        return [
            Finding("from its start until it is ready", ready - began, "s"),
            Finding(f"a backlog of {company.upstream:,} events, taken", company.upstream / (taken - ready), "events/s"),
            Finding("judged for the first time", customers / (judged - taken), "customers/s"),
            Finding("resident, the most", service.most_megabytes, "MB", MOST_MEGABYTES),
        ]


async def latency(folder: Path, customers: int = 1000, rate: int = 500, seconds: float = 60) -> list[Finding]:
    """How long it takes from an event to `HealthScored` while so many events come in a second."""
    company, names, heard = Company(), [f"customer-{number:06d}" for number in range(customers)], Latencies()
    async with health_service(folder) as service:
        await _backlog(service, company, names, 30)
        async with service.running():
            await service.taken(company.upstream)
            await service.nobody_is_due()
            async with _listening(service, heard):
                await _pace(service, company, names, Latencies(), 5, rate)
                await _pace(service, company, names, heard, seconds, rate)
                await service.taken(company.upstream)
        return heard.findings(f"{rate} events/s")


async def sweep(folder: Path, customers: int = 20_000, samples: int = 200, days: int = 140) -> list[Finding]:
    """Midnight: everybody is judged again. Customers are copies of some, each with its own rows, use and course."""
    company, names, heard = Company(), [f"customer-{number:06d}" for number in range(samples)], Latencies()
    noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
    async with health_service(folder) as service:
        clock.move(service.clock_file, noon)
        await _backlog(service, company, names, days)
        async with service.running():
            await service.taken(company.upstream)
            await service.nobody_is_due()
        await service.execute(_copies(await _columns(service), customers // samples - 1))
        async with service.running():
            await service.nobody_is_due()
            async with _listening(service, heard):
                clock.move(service.clock_file, noon + AFTER_MIDNIGHT)
                began, before = time.monotonic(), await service.cpu()
                sending = asyncio.create_task(_pace(service, company, names, heard, 15, 50))
                await service.nobody_is_due()
                seconds, after = time.monotonic() - began, await service.cpu()
                await sending
                await service.taken(company.upstream)
        return [
            Finding(f"a sweep of {customers:,} customers", seconds, "s"),
            Finding(f"which for {SWEPT_GOAL:,} would be", seconds * SWEPT_GOAL / customers, "s", MOST_SWEEP),
            *(
                Finding(f"CPU time of {whose}, a customer", (now - then) / customers * 1e3, "ms")
                for whose, then, now in zip(("the process", "Postgres"), before, after, strict=True)
            ),
            *heard.findings("during the sweep"),
            Finding("resident, the most", service.most_megabytes, "MB", MOST_MEGABYTES),
        ]


async def _columns(service: HealthService) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for table in COPIED:
        names: str = await service.value(
            "SELECT string_agg(quote_ident(attname), ' ' ORDER BY attnum) FROM pg_attribute"
            " WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped",
            table,
        )
        found[table] = names.split()
    return found


def _copies(columns: dict[str, list[str]], copies: int) -> list[str]:
    """Return the statements that make so many copies of each customer, in its partition, under other names."""
    statements = []
    for table, names in columns.items():
        others = [name for name in names if name != "customer_id"]
        statements.append(
            f"INSERT INTO {table} (customer_id, {', '.join(others)})"  # noqa: S608  # names of ours
            f" SELECT customer_id || '-' || copy, {', '.join(others)}"
            f" FROM {table}, generate_series(1, {copies}) AS copy ORDER BY copy, customer_id"
        )
    return [*statements, "VACUUM ANALYZE", "CHECKPOINT"]


SCENARIOS: dict[str, Callable[[Path], Awaitable[list[Finding]]]] = {
    "backlog": backlog,
    "latency": latency,
    "sweep": sweep,
    "cases": cases,
    "notifications": notifications,
    "console": console,
}
