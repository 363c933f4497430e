"""health_scoring at work on a real database, with its lane and its sweep, and a clock and a Kafka that tests drive."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from aiokafka import TopicPartition
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.health_scoring import following
from services.health_scoring.handlers import Desk
from services.health_scoring.judging import Judge
from services.health_scoring.store import health
from services.health_scoring.sweeping import CaughtUp, Stream, Sweep
from shared import actors, database
from shared.contracts.event import Command
from shared.contracts.reading import read
from shared.contracts.topics import HEALTH_SCORING_COMMANDS, TOPICS, UPSTREAM_TOPIC_OF_TYPE
from shared.database import Pool, Transaction
from shared.firehose import Firehose, Taken
from shared.lanes import Lanes
from shared.service import Parts
from tests.records import record

KEY = Ed25519PrivateKey.generate()
TABLES = (
    "customers", "contacts", "usage_days", "usage_users", "usage_packed", "signals", "feed_days", "feeds_told",
    "partitions", "overrides", "people", "endings", "health", "due", "inbox", "outbox", "sequences", "dead_letters",
)  # fmt: skip


class Intake:
    """Where a process stands with Kafka: partition 0 of usage, without lag."""

    def __init__(self) -> None:
        self.partitions = {TopicPartition("usage.v1", 0)}
        self.behind = 0
        self.assigned_for = 3600.0

    def seconds_assigned(self) -> float:
        return self.assigned_for

    async def lag(self) -> dict[TopicPartition, int]:
        return dict.fromkeys(self.partitions, self.behind)


class Workshop:
    """The service's lane and sweep. Nothing happens unless a test does it."""

    def __init__(self, pool: Pool, now: datetime, *, quiet_seconds: float = 0.0) -> None:
        self.pool = pool
        self.now = now
        self.intake = Intake()
        self.begin(quiet_seconds)

    def begin(self, quiet_seconds: float = 0.0) -> None:
        """Start the process anew: nothing that was in memory is left."""
        judge, self.caught_up = Judge(), CaughtUp(quiet_seconds)
        desk = Desk(judge)

        async def apply(batch: Sequence[Taken], tx: Transaction) -> None:
            self.caught_up.note(await desk.keep_what_happened(batch, tx))

        self.lane = Firehose("health_scoring", self.pool, lambda: self.now, apply)
        casework = following.casework.connect(self.pool, lambda: self.now, {"tests": KEY.public_key()})
        self.lanes = Lanes(self.lane, casework)
        parts: Any = Parts(self.pool, lambda: self.now, None, self.intake)  # type: ignore[arg-type]  # all that is used
        self.sweep = Sweep(parts, judge, self.caught_up, Stream())

    async def empty(self) -> None:
        """Forget everything."""
        await self.pool.execute("; ".join(f"DELETE FROM {table}" for table in TABLES))

    async def take(self, events: Iterable[dict[str, Any]]) -> None:
        """Hand a batch over."""
        batch = [record(UPSTREAM_TOPIC_OF_TYPE[event["type"]], json.dumps(event).encode()) for event in events]
        if batch:
            await self.lanes.take(batch)

    async def ask(self, command: Command, who: str) -> dict[str, Any]:
        """Hand over what this person asks; return the answer."""
        body = command.body()
        token = actors.sign(KEY, "tests", person=who, command_id=command.event_id, body=body, at=datetime.now(UTC))
        await self.lanes.take([record(HEALTH_SCORING_COMMANDS, command, headers={actors.HEADER: token.encode()})])
        rows = await self.pool.fetch("SELECT body FROM outbox WHERE topic = 'health_scoring.answers.v1' ORDER BY id")
        answers: list[dict[str, Any]] = [json.loads(row["body"]) for row in rows]
        (answer,) = [answer for answer in answers if answer["command_id"] == command.event_id]
        return answer

    async def settle(self) -> None:
        """Judge everybody who is due."""
        await self.sweep.once()

    async def advance(self, span: timedelta, *, step: timedelta | None = None) -> None:
        """Move the clock, judging at every step on the way."""
        end = self.now + span
        while self.now < end:
            self.now = min(end, self.now + (step or span))
            await self.settle()

    async def health(self, customer: str) -> health.Kept | None:
        """Return a customer's health as it is kept."""
        async with database.transaction(self.pool, "health_scoring", self.now) as tx:
            return (await health.load(tx, [customer])).get(customer)

    async def told(self, *kinds: str) -> list[Any]:
        """Return what was put into the outbox, in order: all, or only messages of these types."""
        rows = await self.pool.fetch("SELECT topic, body FROM outbox ORDER BY id")
        messages = [read(TOPICS[row["topic"]], bytes(row["body"])) for row in rows]
        return [message for message in messages if not kinds or getattr(message, "type", None) in kinds]

    async def rows(self, *tables: str) -> dict[str, list[Any]]:
        """Return every row of these tables."""
        return {
            table: sorted((tuple(row) for row in await self.pool.fetch(f"SELECT * FROM {table}")), key=repr)
            for table in tables
        }
