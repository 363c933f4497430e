"""An intake at work for tests: what it takes, and when, is the test's to say."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from shared.messaging import Intake, create_broker


class Taker:
    """Notes what is taken; waits at the gate before each batch, and fails as it is told to."""

    def __init__(self) -> None:
        """The gate is open."""
        self.taken: list[bytes | None] = []
        self.calls = 0
        self.in_hand = 0
        self.failures: list[Exception] = []
        self.failures_of: dict[bytes | None, Exception] = {}
        self.gate = asyncio.Event()
        self.gate.set()

    async def take(self, records: Sequence[Any]) -> None:
        """Take a batch."""
        self.calls += 1
        self.in_hand += 1
        try:
            await self.gate.wait()
            if self.failures:
                raise self.failures.pop(0)
            for record in records:
                if record.value in self.failures_of:
                    raise self.failures_of[record.value]
            self.taken += [record.value for record in records]
        finally:
            self.in_hand -= 1


@asynccontextmanager
async def consuming(
    kafka: str, topics: Sequence[str], take: Any, *, group: str | None = None, batch: bool = False
) -> AsyncIterator[Intake]:
    """Run an intake as a service does; its group is named after its first topic."""
    broker = create_broker(kafka, group or topics[0])
    intake = Intake(broker, group or topics[0], topics, take, batch=batch)
    await broker.start()
    try:
        yield intake
    finally:
        await broker.stop()
