"""The real health_scoring, with the shipped scorecards, and a Kafka, a Postgres and a clock of its own."""

import asyncio
import contextlib
import os
import secrets
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import asyncpg
import httpx
import psutil

from amicable import migrate, topics
from amicable.runtime.ports import choose
from bench.measuring import Wrong, megabytes
from bench.surroundings import Surroundings, surroundings
from services.health_scoring.app import NAME
from shared import clock

PATIENCE_SECONDS = 1800.0
POLL_SECONDS = 0.05
SAMPLE_SECONDS = 0.5


@dataclass
class HealthService:
    """One process of health_scoring. most_megabytes: resident, the most seen while it ran. pid: its process."""

    around: Surroundings
    database: str
    clock_file: Path
    port: int
    log: Path
    most_megabytes: float = 0.0
    pid: int = 0

    @property
    def kafka(self) -> str:
        """Its Kafka, as HOST:PORT."""
        return self.around.kafka

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Have it run, and ready; it is stopped on leaving."""
        with self.log.open("ab") as log:
            process = self._start(log)
        self.pid = process.pid
        watching = asyncio.create_task(self._watch(process.pid))
        try:
            await self.until(lambda: self._is_ready(process), "health_scoring is ready")
            yield
        finally:
            watching.cancel()
            process.terminate()
            await asyncio.to_thread(process.wait)

    def _start(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        environment = {
            "HEALTH_SCORING_DATABASE_URL": self.database,
            "HEALTH_SCORING_KAFKA": self.kafka,
            "HEALTH_SCORING_HTTP_PORT": str(self.port),
            "HEALTH_SCORING_CLOCK_FILE": str(self.clock_file),
            "HEALTH_SCORING_LOG_FORMAT": "json",
            "HEALTH_SCORING_QUIET_SECONDS": "1",  # not what is measured
        }
        return subprocess.Popen(
            [sys.executable, "-m", "amicable", "run", NAME],
            env={**os.environ, **environment},
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )

    async def _is_ready(self, process: subprocess.Popen[bytes]) -> bool:
        if process.poll() is not None:
            raise Wrong(f"health_scoring ended:\n{self.log.read_text()[-2000:]}")
        with contextlib.suppress(httpx.HTTPError):
            async with httpx.AsyncClient() as http:
                return (await http.get(f"http://127.0.0.1:{self.port}/readyz", timeout=5)).status_code == 200
        return False

    async def _watch(self, pid: int) -> None:
        while True:
            self.most_megabytes = max(self.most_megabytes, megabytes(pid))
            await asyncio.sleep(SAMPLE_SECONDS)

    async def until(self, condition: Callable[[], Awaitable[Any]], what: str) -> None:
        """Wait until the condition holds; Wrong after half an hour."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not await condition():
            if time.monotonic() > deadline:
                raise Wrong(f"waited {PATIENCE_SECONDS:.0f} s in vain: {what}; its log: {self.log}")
            await asyncio.sleep(POLL_SECONDS)

    async def value(self, sql: str, *args: object) -> Any:
        """Ask its database for one value."""
        connection = await self._connect()
        try:
            return await connection.fetchval(sql, *args)
        finally:
            await connection.close()

    async def execute(self, statements: Sequence[str]) -> None:
        """Have its database carry out statements, each by itself."""
        connection = await self._connect()
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    async def _connect(self) -> asyncpg.Connection:
        return await asyncpg.connect(self.database, server_settings={"search_path": NAME})

    async def cpu(self) -> tuple[float, float]:
        """Return how many seconds of CPU time it has taken so far, and its database."""
        connection = await self._connect()
        try:
            server = psutil.Process(await connection.fetchval("SELECT pg_backend_pid()")).parent()
        finally:
            await connection.close()
        return _seconds(psutil.Process(self.pid)), _seconds(server)

    async def taken(self, events: int) -> None:
        """Wait until it has taken so many different upstream events."""

        async def all_taken() -> bool:
            return bool(await self.value("SELECT count(*) >= $1 FROM inbox", events))

        await self.until(all_taken, f"{events} events are taken")

    async def nobody_is_due(self) -> None:
        """Wait until all partitions are live, and everybody is judged."""

        async def done() -> bool:
            return bool(
                await self.value(
                    "SELECT bool_and(live) AND NOT EXISTS (SELECT FROM due)"
                    " AND NOT EXISTS (SELECT FROM health WHERE next_at <= $1) FROM partitions",
                    self.now(),
                )
            )

        await self.until(done, "everybody is judged")

    def now(self) -> datetime:
        """Return its clock's time."""
        return clock.clock(self.clock_file)()


def _seconds(process: psutil.Process | None) -> float:
    """Return the CPU time of a process and its children, those included who have ended."""
    total = 0.0
    for one in [process, *process.children()] if process else ():
        with contextlib.suppress(psutil.Error):
            times = one.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


@asynccontextmanager
async def health_service(folder: Path) -> AsyncIterator[HealthService]:
    """Start Kafka and Postgres for it in the folder (others may read it); until its clock is written it is real."""
    async with surroundings(folder) as around:
        await topics.create(around.kafka)
        await migrate.migrate(around.postgres, {role: secrets.token_hex(8) for role in migrate.ROLES}, name="bench")
        url = migrate.with_database(around.postgres, "bench")
        yield HealthService(around, url, folder / "clock", choose(), folder / "health_scoring.log")
