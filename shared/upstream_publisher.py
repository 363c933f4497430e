"""Publishes upstream events, in order per customer and at full speed: Kafka batches are filled here, not one by one."""

import asyncio
from asyncio import Future
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from types import TracebackType
from typing import Any, Protocol, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import murmur2

from shared.contracts.topics import UPSTREAM_TOPIC_OF_TYPE
from shared.kafka_access import OPEN, Access
from shared.kafka_entry import NotLetIn, knock

BATCH_BYTES = 262_144
PATIENCE_SECONDS = 15.0  # how long a batch may wait for the broker; given up after two of these at most
CLOSING_SECONDS = 5.0
CHUNK = 2000


class NotPublished(Exception):
    """Says in a sentence why events could not be published."""


class Event(Protocol):
    """An upstream event, as the contract or as the fast decoder has it."""

    @property
    def type(self) -> str: ...
    @property
    def event_id(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def occurred_at(self) -> datetime: ...
    @property
    def key(self) -> str: ...
    def body(self) -> bytes: ...


async def publish(events: Iterable[Event], kafka: str) -> int:
    """Publish the events in order and return how many; NotPublished says why they could not be."""
    async with UpstreamPublisher(kafka) as publisher:
        waiting: list[Event] = []
        for event in events:
            waiting.append(event)
            if len(waiting) == CHUNK:
                await publisher.send(waiting)
                waiting = []
        await publisher.send(waiting)
        await publisher.flush()
        return publisher.published


class UpstreamPublisher:
    """A connection to Kafka for upstream events. `published` counts what Kafka has acknowledged on all replicas.

    Order is kept per partition, and so per customer. Repeating events is harmless: they are taken once.
    """

    def __init__(self, kafka: str, access: Access = OPEN) -> None:
        """`kafka`: bootstrap servers, `HOST:PORT[,HOST:PORT…]`."""
        self.published = 0
        self._kafka = kafka
        self._access = access
        self._producer: Any = None
        self._given_up = False
        self._partitions: dict[str, list[int]] = {}
        self._under_way: deque[tuple[int, Future[Any]]] = deque()

    async def __aenter__(self) -> Self:
        """Connect; NotPublished where no Kafka answers."""
        try:
            await knock(self._kafka, self._access)
            self._producer = AIOKafkaProducer(
                bootstrap_servers=self._kafka,
                client_id="upstream",
                acks="all",
                enable_idempotence=True,
                max_batch_size=BATCH_BYTES,
                request_timeout_ms=int(PATIENCE_SECONDS * 1000),
                **self._access.of_client(),
            )
            await self._producer.start()
            cluster = await self._producer.client.fetch_all_metadata()  # asking for one topic could create it
        except NotLetIn as why:
            raise NotPublished(str(why)) from None
        except (KafkaError, OSError, ValueError) as error:
            await self._stop()
            raise NotPublished(
                f"Kafka does not answer at {self._kafka} ({type(error).__name__}): is it running?"
            ) from None
        self._partitions = {name: sorted(cluster.partitions_for_topic(name)) for name in cluster.topics()}
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect; what was sent and not yet acknowledged is given a few seconds."""
        await self._stop()

    async def send(self, events: Sequence[Event]) -> None:
        """Hand the events over, in order; returns when Kafka has room for them, `flush` waits until it has them."""
        open_batches: dict[tuple[str, int], Any] = {}
        for event in events:
            topic = UPSTREAM_TOPIC_OF_TYPE[event.type].name
            key = event.key.encode()
            place = (topic, self._partition(topic, key))
            batch = open_batches.get(place) or self._producer.create_batch()
            record = {"timestamp": None, "key": key, "value": event.body(), "headers": headers(event)}
            if batch.append(**record) is None:  # full
                await self._submit(place, batch)
                batch = self._producer.create_batch()
                batch.append(**record)
            open_batches[place] = batch
        for place, batch in open_batches.items():
            await self._submit(place, batch)

    async def flush(self) -> None:
        """Wait until Kafka has acknowledged everything; NotPublished where it does not."""
        while self._under_way:
            await self._settle()

    def _partition(self, topic: str, key: bytes) -> int:
        partitions = self._partitions.get(topic)
        if not partitions:
            raise NotPublished(f"Kafka at {self._kafka} has no topic {topic}: make the topics with `amicable topics`.")
        return partitions[_hash(key) % len(partitions)]

    async def _submit(self, place: tuple[str, int], batch: Any) -> None:
        batch.close()
        try:
            acknowledged = await self._producer.send_batch(batch, place[0], partition=place[1])
        except KafkaError as error:
            raise self._give_up(error) from None
        self._under_way.append((batch.record_count(), acknowledged))
        while self._under_way and self._under_way[0][1].done():
            await self._settle()

    async def _settle(self) -> None:
        events, acknowledged = self._under_way[0]
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):  # an idempotent producer tries again for ever
                await acknowledged
        except (KafkaError, TimeoutError) as error:
            raise self._give_up(error) from None
        self._under_way.popleft()
        self.published += events

    def _give_up(self, error: Exception) -> NotPublished:
        self._given_up = True
        return NotPublished(
            f"Kafka at {self._kafka} stopped taking events ({type(error).__name__}). "
            "Send them again when it runs: what it has is not taken twice."
        )

    async def _stop(self) -> None:
        if self._producer is None:
            return
        with suppress(TimeoutError, KafkaError, NotPublished):
            async with asyncio.timeout(0 if self._given_up else CLOSING_SECONDS):
                await self.flush()
        with suppress(TimeoutError, KafkaError):
            async with asyncio.timeout(1 if self._given_up else CLOSING_SECONDS):
                await self._producer.stop()


def headers(event: Event) -> list[tuple[str, bytes]]:
    """Return the CloudEvents headers (Kafka binding, binary mode) of an upstream event, which begins its own story."""
    event_id = event.event_id.encode()
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", event_id),
        ("ce_type", event.type.encode()),
        ("ce_source", event.source.encode()),
        ("ce_time", event.occurred_at.isoformat().replace("+00:00", "Z").encode()),
        ("ce_subject", event.key.encode()),
        ("ce_correlationid", event_id),
        ("content-type", b"application/json"),
        ("correlation_id", event_id),
    ]


@lru_cache(maxsize=100_000)
def _hash(key: bytes) -> int:
    hashed: int = murmur2(key) & 0x7FFFFFFF  # as every Kafka client does, so that a key has one partition
    return hashed
