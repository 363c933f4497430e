"""notifications at work for a measurement: its loops, a Postgres that loses nothing, an SMTP server of its own."""

import asyncio
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psutil
from aiokafka import ConsumerRecord

from amicable import migrate
from amicable.runtime import ports
from amicable.runtime.home import Home
from amicable.runtime.postgres import running_postgres
from services.notifications import publishing
from services.notifications.addressing import Addressing
from services.notifications.channels.smtp import Server, Smtp
from services.notifications.delivery import Post, deliver
from services.notifications.domain.parcel import Parcel
from services.notifications.handlers import hearing
from services.notifications.rules.reading import shipped_rules
from services.notifications.writing import ANYWHERE, Writer
from shared import database
from shared.batches import Batches
from shared.contracts.event import Message
from shared.database import BUCKETS, Pool

CONNECTIONS = 20
SAMPLE_SECONDS = 0.2


class Timed(Smtp):
    """The mail channel, noting when each fact was handed over."""

    def __init__(self, server: Server) -> None:
        """`handed`: by the id of the fact, the moment of the performance counter."""
        super().__init__(server, "bench@example.com", connections=CONNECTIONS)
        self.handed: dict[str, float] = {}

    async def send(self, parcel: Parcel) -> None:
        """Hand it over, and note when that was done."""
        await super().send(parcel)
        for fact in (parcel.fact, *parcel.fact.get("others", ())):
            self.handed[fact["event_id"]] = time.perf_counter()


@dataclass
class NotifyService:
    """buckets: all, as a single process has them."""

    pool: Pool
    smtp: Timed
    most_an_hour: int
    buckets: tuple[int, ...] = tuple(range(BUCKETS))
    holder: UUID = field(default_factory=uuid4)
    most_megabytes: float = 0.0
    _offsets: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        """Connect the lane and the loops."""
        rules, names = shipped_rules(), frozenset({"mail"})
        self.leases = self
        parts: Any = self
        lane = hearing.casework(rules, names, lambda *_: None).connect(self.pool, self.clock)
        self.lane = Batches(hearing.NAME, self.pool, self.clock, lane, partial(hearing.apply, rules))
        self._noted = asyncio.Event()
        self._post = Post(parts, self.smtp, Writer(rules, domains=ANYWHERE), workers=CONNECTIONS, noted=self._noted)
        self._addressing = Addressing(parts, names, self.most_an_hour, [self._post.wake])

    def clock(self) -> datetime:
        """Return the real time."""
        return datetime.now(UTC)

    async def take(self, records: Sequence[ConsumerRecord[Any, Any]]) -> None:
        """Take records, as the service does."""
        await self.lane.take(records)
        self._addressing.wake.set()

    def record(self, topic: str, message: Message) -> ConsumerRecord[Any, Any]:
        """Return a message as Kafka hands it over."""
        return ConsumerRecord(
            topic=topic,
            partition=0,
            offset=next(self._offsets),
            timestamp=round(time.time() * 1000),
            timestamp_type=1,
            key=message.key.encode(),
            value=message.body(),
            checksum=None,
            serialized_key_size=-1,
            serialized_value_size=-1,
            headers=(),
        )

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Run what the service does beside taking facts."""
        parts: Any = self
        loops = (self._addressing.run(), deliver([self._post]), publishing.run(parts, self._noted), self._watch())
        tasks = [asyncio.create_task(loop) for loop in loops]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _watch(self) -> None:
        while True:
            self.most_megabytes = max(self.most_megabytes, psutil.Process().memory_info().rss / 1e6)
            await asyncio.sleep(SAMPLE_SECONDS)


@contextmanager
def mail_sink() -> Iterator[int]:
    """Run an SMTP server as a process; yields its port."""
    port = ports.choose()
    process = subprocess.Popen([sys.executable, "-m", "bench.mail_sink", str(port)])
    try:
        deadline = time.monotonic() + 30
        while socket.socket().connect_ex(("127.0.0.1", port)):
            if time.monotonic() > deadline:
                raise TimeoutError("the SMTP server has not started")
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(10)


@asynccontextmanager
async def notify_service(folder: Path, most_an_hour: int) -> AsyncIterator[NotifyService]:
    """Start all of it."""
    passwords = {role: secrets.token_hex(8) for role in migrate.ROLES}
    async with running_postgres(Home(folder / "home"), wanted_port=None) as postgres:
        await migrate.migrate(postgres.address, passwords, name="bench")
        own = migrate.with_database(postgres.address, "bench", user=hearing.NAME, password=passwords[hearing.NAME])
        with mail_sink() as port:
            async with database.create_pool(own, schema=hearing.NAME, connections=6) as pool:
                yield NotifyService(pool, Timed(Server("127.0.0.1", port, tls="off")), most_an_hour)
