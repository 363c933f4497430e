"""A service's casework lane for tests, on a real Postgres: ask by signed commands, read what was answered and told."""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

from aiokafka import ConsumerRecord
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared import actors
from shared.contracts.event import Message
from shared.contracts.topics import TOPICS, Topic
from shared.database import BUCKETS, Pool
from tests.records import record

KEY = Ed25519PrivateKey.generate()
KEYS = {"tests": KEY.public_key()}


class LaneBench:
    """What every bench can do; which commands there are, its service's own bench says."""

    commands: Topic
    answered: Topic
    told: Topic
    lane: Any

    def __init__(self, pool: Pool, now: datetime) -> None:
        """Nothing was asked yet."""
        self.pool = pool
        self.now = now
        self._numbers = count(1)
        self._seq: dict[str, Iterator[int]] = defaultdict(lambda: count(1))  # of each topic

    async def ask(self, kind: str, /, who: str = "ana", **fields: Any) -> dict[str, Any]:
        """Ask for something; returns the answer."""
        raise NotImplementedError

    async def send(self, asked: Message, who: str) -> dict[str, Any]:
        """Send a command as somebody; returns its answer."""
        await self.lane.take([self.signed(asked, who)])
        (answer,) = await self.answers(asked.event_id)
        return answer

    @classmethod
    def signed(cls, asked: Message, who: str) -> ConsumerRecord[Any, Any]:
        """Return the record of a command with the proof of who asks."""
        at = datetime.now(UTC)
        token = actors.sign(KEY, "tests", person=who, command_id=asked.event_id, body=asked.body(), at=at)
        return record(cls.commands, asked, headers={actors.HEADER: token.encode()})

    async def answers(self, command_id: str) -> list[dict[str, Any]]:
        """Return the answers to a command, each of which its contract reads."""
        return await self._bodies(
            "topic = $1 AND convert_from(body, 'UTF8')::jsonb ->> 'command_id' = $2", self.answered.name, command_id
        )

    async def done(self, kind: str, /, who: str = "ana", **fields: Any) -> dict[str, Any]:
        """Ask for something that must be accepted."""
        answer = await self.ask(kind, who, **fields)
        assert answer["type"] == "CommandAccepted", answer
        return answer

    async def refused(self, kind: str, code: str, /, who: str = "ana", **fields: Any) -> list[str]:
        """Ask for something that must be refused with that code; returns what would have to be true."""
        answer = await self.ask(kind, who, **fields)
        assert answer["type"] == "CommandRejected", answer
        assert answer["problem"]["code"] == code, answer
        assert answer["problem"]["unmet"], "a refusal says what would meet it"
        unmet: list[str] = answer["problem"]["unmet"]
        return unmet

    async def published(self, topic: str | None = None) -> list[dict[str, Any]]:
        """Return the bodies in the outbox, each of which its contract reads: the service's own facts, or of a topic."""
        return await self._bodies("topic = $1", topic or self.told.name)

    async def types(self, topic: str | None = None) -> list[str]:
        """Return the types told on a topic, in order."""
        return [body["type"] for body in await self.published(topic)]

    async def _bodies(self, where: str, topic: str, *more: str) -> list[dict[str, Any]]:
        sql = f"SELECT body FROM outbox WHERE {where} ORDER BY id"  # fixed words
        bodies = [json.loads(row["body"]) for row in await self.pool.fetch(sql, topic, *more)]
        for body in bodies:
            TOPICS[topic].by_type[body["type"]].model_validate(body)
        return bodies


class AllBuckets:
    """What a sweep needs of a service: here all buckets are held."""

    def __init__(self, bench: LaneBench) -> None:
        """`bench`: whose clock and database it is."""
        self.pool = bench.pool
        self.clock = lambda: bench.now
        self.leases = self
        self.buckets = tuple(range(BUCKETS))
