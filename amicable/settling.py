"""When is everything done? When Kafka's lag, every outbox and every timer due by the clock are zero, twice in a row."""

import asyncio
import importlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from amicable.addresses import Addresses
from amicable.problems import Problem, no_answer
from shared.kafka_entry import knock

PAUSE = 0.05
PATIENCE = 120.0
LEARN_MS = 5  # it learns of a topic at a time where its partitions are, and waits so long after each: usually 100


class Settling:
    """Watches a running system. An async context manager; raises Problem when it does not answer."""

    def __init__(self, addresses: Addresses) -> None:
        """Nothing is connected yet."""
        self._addresses = addresses
        self._http = httpx.AsyncClient(trust_env=False, timeout=10)
        self._access = addresses.kafka_access()
        login = self._access.of_client()
        self._admin = AIOKafkaAdminClient(bootstrap_servers=addresses.kafka, **login)
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=addresses.kafka, group_id=None, retry_backoff_ms=LEARN_MS, **login
        )
        self._topics = {name: consumed(name) for name in addresses.services}

    async def __aenter__(self) -> "Settling":
        try:
            await knock(self._addresses.kafka, self._access)
            await self._admin.start()
            await self._consumer.start()
        except (KafkaError, OSError) as error:
            await self.__aexit__()
            raise no_answer("Kafka", self._addresses.kafka, error) from None
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()
        await self._admin.close()
        await self._http.aclose()

    async def settled(self, by: datetime | None = None, *, patience: float = PATIENCE) -> None:
        """Return when nothing is left to do, with every service's clock at `by` or later; Problem after `patience`."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience
        before: Any = None
        while True:
            waiting, ends = await self._look(by)
            if not waiting and ends == before:
                return
            before = ends if not waiting else None
            if loop.time() > deadline:
                raise Problem(f"After {patience:.0f} s there is still something to do: {waiting or 'Kafka moves on'}.")
            await asyncio.sleep(PAUSE)

    async def _look(self, by: datetime | None) -> tuple[str, Mapping[TopicPartition, int]]:
        """Return what is waited for, in words (empty: nothing), and where Kafka's topics end."""
        ends = await self._ends()
        for name, url in self._addresses.services.items():
            if (lag := await self._lag(name, ends)) > 0:
                return f"{name} has {lag} records to take", ends
            report = await self._report(name, url)
            if by is not None and datetime.fromisoformat(report["clock"]) < by:
                return f"{name} does not see the clock move", ends
            for what, count in report["waiting"].items():
                if count != 0:
                    return f"{name} has {'no word on its' if count is None else count} {what}", ends
        return "", ends

    async def _report(self, name: str, url: str) -> dict[str, Any]:
        try:
            report: dict[str, Any] = (await self._http.get(f"{url}/readyz")).json()
        except (httpx.HTTPError, ValueError):
            raise Problem(f"The service {name} does not answer at {url}: see `amicable status`.") from None
        return report

    async def _ends(self) -> dict[TopicPartition, int]:
        names = sorted({topic for topics in self._topics.values() for topic in topics})
        described = await self._admin.describe_topics(names)
        tps = [TopicPartition(topic["topic"], part["partition"]) for topic in described for part in topic["partitions"]]
        if missing := set(names) - {tp.topic for tp in tps}:
            raise Problem(f"Kafka has no topic {min(missing)}: run `amicable topics`.")
        ends: dict[TopicPartition, int] = await self._consumer.end_offsets(tps)
        return ends

    async def _lag(self, group: str, ends: Mapping[TopicPartition, int]) -> int:
        committed = await self._admin.list_consumer_group_offsets(group)
        return sum(
            end - max(0, committed[tp].offset if tp in committed else 0)
            for tp, end in ends.items()
            if tp.topic in self._topics[group]
        )


def consumed(service: str) -> frozenset[str]:
    """Return the names of the topics that a service consumes."""
    handlers: Any = importlib.import_module(f"services.{service}.handlers")
    return frozenset(topic.name for topic in handlers.CONSUMES)
