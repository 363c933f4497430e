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


@dataclass
class Surroundings:
    """What is running. sent: what each partition of the job's topic holds."""

    kafka: str
    postgres: str
    folder: Path
    sent: dict[int, list[bytes]]
    runs: int = 0

    @asynccontextmanager
    async def given(self, name: str, topic: str = job.TOPIC) -> AsyncIterator[Given]:
        """Yield what one run works with: a group, a topic and a database that nobody had before."""
        self.runs += 1
        run = f"{name}-{self.runs}"
        await kafka_side.make_topics(self.kafka, [f"{run}-told"])
        database = f"bench_{self.runs}"
        await migrate.migrate(self.postgres, {role: secrets.token_hex(8) for role in migrate.ROLES}, name=database)
        url = migrate.with_database(self.postgres, database)
        await self._execute(url, f"SET search_path = {NAME}; {reduced.TURNS}")
        folder = self.folder / run
        folder.mkdir()
        try:
            yield Given(self.kafka, topic, run, f"{run}-told", url, folder)
        finally:
            await self._execute(self.postgres, f'DROP DATABASE "{database}" WITH (FORCE)')

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
