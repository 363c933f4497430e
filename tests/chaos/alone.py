"""health_scoring alone: a real process with a database of its own, on a clock that is held, killed again and again."""

import random
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from amicable import migrate
from amicable.runtime import ports
from tests.chaos.a_day import Event
from tests.conftest import PASSWORDS
from tests.deployment import Catcher, Deployment, Service, bury, until

NAME = "health_scoring"
PARTITIONS = 4
STEP = 10  # events that are published at once, where the stream is to be seen flowing
AHEAD = 30  # events at most that are published there and not yet taken, without those
PATIENCE_OF_THE_STREAM = 3600.0  # seconds: processes die meanwhile, each of whom is waited for by itself
FIRST_JUDGED = 10  # amid so many customers more it is killed while it judges
Rows = dict[tuple[str, str], list[dict[str, Any]]]
TABLES = (
    "customers", "contacts", "usage_days", "usage_users", "signals", "overrides", "health", "due", "sequences",
    "feed_days", "feeds_told", "partitions", "dead_letters",
)  # fmt: skip
STATE = dict.fromkeys(TABLES, "*") | {"inbox": "day, source, event_id"}


@dataclass
class Alone:
    """One run of the service, from an empty database on.

    allowed: how many different events may be published by now. ends: the exit codes of the processes that were killed.
    """

    system: Deployment
    service: Service
    chance: random.Random
    allowed: int = 0
    ends: list[int] = field(default_factory=list)

    async def publish(self, events: Sequence[Event]) -> None:
        """Publish all of them at once."""
        await self.system.publish(*events)

    async def publish_slowly(self, events: Sequence[Event], before: int) -> None:
        """Publish as many as are allowed, in order, and never many more than are taken: something is always to come.

        before: how many different events were published before them.
        """
        for start in range(0, len(events), STEP):
            first, last = (before + _different(events[:end]) for end in (start, start + STEP))

            async def is_time(first: int = first, last: int = last) -> bool:
                return last <= self.allowed and first <= await self.taken() + AHEAD

            await until(is_time, "the stream is taken", patience=PATIENCE_OF_THE_STREAM)
            await self.publish(events[start : start + STEP])

    async def dies(self, how: str) -> None:
        """Have a process work until it is killed: by us amid its work, or at a point of tests.chaos.crashing."""
        if how in ("taking", "judging"):
            self.service.start()
            await (self._is_taking() if how == "taking" else self._is_judging())
        else:
            self.service.start(sys.executable, "-m", "tests.chaos.crashing", NAME, how, CRASH_MARK="-")  # anybody
            await self.service.ended()
        await self.kill()

    async def _is_taking(self) -> None:
        """Wait until it has taken some of what it can take, how many is chance."""
        some = await self.taken() + 1
        wanted = self.chance.randint(some, max(some, self.allowed - STEP))

        async def taken() -> bool:
            return await self.taken() >= wanted

        await until(taken, f"{wanted} events are taken")

    async def _is_judging(self) -> None:
        """Wait until it has judged some customers for the first time, how many is chance."""
        wanted = await self.judged() + self.chance.randrange(1, FIRST_JUDGED)

        async def judged() -> bool:
            return await self.judged() >= wanted

        await until(judged, f"{wanted} customers are judged")

    async def kill(self) -> None:
        """kill -9, unless it is dead already; and Kafka is told, who would find out by itself some seconds later."""
        await self.service.kill()
        self.ends.append(await self.service.ended())
        await bury(self.system.kafka, NAME)

    async def settled(self, events: Sequence[Event], customers: int) -> None:
        """Wait until these are all that it has taken, everybody is judged, and all that follows is published."""

        wanted = {
            "taken": _different(events),
            "judged": customers,
            "partitions that have caught up": PARTITIONS,
            "due": 0,
            "to be published": 0,
        }

        async def done() -> bool:
            return await self._counts() == wanted

        try:
            await until(done, "everything is taken, judged and published")
        except AssertionError as late:
            raise AssertionError(f"{late}: {await self._counts()}, not {wanted}") from None

    async def _counts(self) -> dict[str, int]:
        (row,) = await self.system.query(
            f"""
            SELECT (SELECT count(*) FROM {NAME}.inbox) AS taken, (SELECT count(*) FROM {NAME}.health) AS judged,
                   (SELECT count(*) FROM {NAME}.partitions WHERE live) AS "partitions that have caught up",
                   (SELECT count(*) FROM {NAME}.due) AS due,
                   (SELECT count(*) FROM {NAME}.outbox WHERE published_at IS NULL) AS "to be published"
            """
        )
        return dict(row)

    async def taken(self) -> int:
        """Return how many different events it has taken."""
        return int((await self.system.query(f"SELECT count(*) FROM {NAME}.inbox"))[0][0])

    async def has_taken(self, events: Sequence[Event]) -> None:
        """Wait until it has taken all of these; others may be still to come."""
        wanted = {event["event_id"] for event in events}

        async def taken() -> bool:
            return wanted <= {str(row[0]) for row in await self.system.query(f"SELECT event_id FROM {NAME}.inbox")}

        await until(taken, "these events are taken")

    async def judged(self) -> int:
        """Return how many customers it has judged at all."""
        return int((await self.system.query(f"SELECT count(*) FROM {NAME}.health"))[0][0])

    async def state(self) -> Rows:
        """Return all that it knows: the rows by table and customer, or by table and "" what is about everybody."""
        found: Rows = defaultdict(list)
        for table, columns in STATE.items():
            for row in await self.system.query(f"SELECT {columns} FROM {NAME}.{table}"):
                found[table, row.get("customer_id", "")].append(dict(row))
        return {place: sorted(rows, key=repr) for place, rows in found.items()}


@asynccontextmanager
async def alone(kafka: str, database: str, clock: Path, seed: int) -> AsyncIterator[Alone]:
    """Yield a run; what it starts ends with it. `database`: an administrator's DSN. `clock`: a file with the moment."""
    port = ports.choose()
    name = database.rpartition("/")[2]
    settings = {
        "DATABASE_URL": migrate.with_database(database, name, user=NAME, password=PASSWORDS[NAME]),
        "KAFKA": kafka,
        "HTTP_PORT": str(port),
        "CLOCK_FILE": str(clock),
        "LOG_FORMAT": "json",
        "QUIET_SECONDS": "1",
    }
    environment = {f"{NAME.upper()}_{key}": value for key, value in settings.items()}
    command = [sys.executable, "-m", "amicable", "run", NAME]
    service = Service(NAME, port, environment, clock.with_name(f"{name}.log"), command)
    try:
        yield Alone(Deployment(kafka, database, Catcher()), service, random.Random(seed))
    finally:
        await service.kill()


def _different(events: Sequence[Event]) -> int:
    return len({event["event_id"] for event in events})
