"""The Kafka and the Postgres that all contenders share, and a database of its own for each run."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from amicable import migrate
from amicable.runtime.home import Home
from amicable.runtime.kafka import running_kafka
from amicable.runtime.postgres import running_postgres
from bench import job, kafka_side
from bench.contenders import reduced
from bench.contenders.contender import Given
from services.health_scoring.app import NAME

AGED = "bench_aged"
PAST_EVENTS = 10_000_000
PAST_DAYS = 365
PAST = (  # ids are random, as those of upstream systems are; a row of use for nearly each event
    f"""
    INSERT INTO {NAME}.inbox (day, source, event_id)
    SELECT current_date - {PAST_DAYS} + (number % {PAST_DAYS})::int, 'product', gen_random_uuid()::text
    FROM generate_series(1, {PAST_EVENTS}) AS number
    """,  # noqa: S608  # numbers and a name of ours
    f"""
    INSERT INTO {NAME}.usage_days (customer_id, metric, day, quantity, events, first_at, last_at, last_id)
    SELECT 'past-' || lpad(customer::text, 6, '0'), 'metric-' || metric, day, 5, 1, day, day, gen_random_uuid()::text
    FROM generate_series(1, {PAST_EVENTS // PAST_DAYS // 8}) AS customer, generate_series(0, 7) AS metric,
         generate_series(current_date - {PAST_DAYS}, current_date - 1, interval '1 day') AS day
    """,  # noqa: S608  # the same
    "VACUUM ANALYZE",
    "CHECKPOINT",
)


@dataclass
class Surroundings:
    """What is running. sent: what each partition of the job's topic holds."""

    kafka: str
    postgres: str
    folder: Path
    sent: dict[int, list[bytes]]
    runs: int = 0

    @asynccontextmanager
    async def given(self, name: str, *, aged: bool = False) -> AsyncIterator[Given]:
        """Yield what one run works with: a group, and a database that nobody had before; `aged`: with a past."""
        self.runs += 1
        run = f"{name}-{self.runs}"
        await kafka_side.make_topics(self.kafka, [f"{run}-told"])
        database = f"bench_{self.runs}"
        url = migrate.with_database(self.postgres, database)
        if aged:
            await self._execute(self.postgres, f'CREATE DATABASE "{database}" TEMPLATE {AGED} STRATEGY file_copy')
        else:
            await self._migrate(database)
        folder = self.folder / run
        folder.mkdir()
        try:
            yield Given(self.kafka, job.TOPIC, run, f"{run}-told", url, folder)
        finally:
            await self._execute(self.postgres, f'DROP DATABASE "{database}" WITH (FORCE)')

    async def age(self) -> None:
        """Make the database that has a past: 10 million events of other customers in a year, each id, each day."""
        await self._migrate(AGED)
        url = migrate.with_database(self.postgres, AGED)
        for statement in PAST:
            await self._execute(url, statement)

    async def _migrate(self, database: str) -> None:
        await migrate.migrate(self.postgres, {role: secrets.token_hex(8) for role in migrate.ROLES}, name=database)
        url = migrate.with_database(self.postgres, database)
        await self._execute(url, f"SET search_path = {NAME}; {reduced.TURNS}")

    async def _execute(self, url: str, sql: str) -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(sql)
        finally:
            await connection.close()


@asynccontextmanager
async def surroundings(folder: Path) -> AsyncIterator[Surroundings]:
    """Start Kafka and a Postgres that loses nothing, with their data in the folder."""
    home = Home(folder / "home")
    async with running_kafka(home, wanted_port=None) as kafka, running_postgres(home, wanted_port=None) as postgres:
        yield Surroundings(kafka.address, postgres.address, folder, {})
