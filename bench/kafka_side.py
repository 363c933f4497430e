"""What the bench does with Kafka: makes topics, fills them, reads them back, and asks how far a group has come."""

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from bench.job import PARTITIONS, Told

BATCH = 256 * 1024


@asynccontextmanager
async def connected(kafka: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """Connect as an administrator."""
    client = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def make_topics(kafka: str, names: Iterable[str]) -> None:
    """Make topics of 6 partitions."""
    async with connected(kafka) as admin:
        await admin.create_topics([NewTopic(name, PARTITIONS, 1) for name in names])


async def fill(kafka: str, topic: str, records: Iterable[tuple[str, bytes]]) -> None:
    """Send records, each to the partition of its key, in their order."""
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka, acks="all", enable_idempotence=True, linger_ms=20, max_batch_size=BATCH
    )
    await producer.start()
    try:
        for key, body in records:
            await producer.send(topic, body, key=key.encode())
        await producer.flush()
    finally:
        await producer.stop()


async def read(kafka: str, topic: str) -> dict[int, list[bytes]]:
    """Return the bodies that each partition holds, in order, without those of undone transactions."""
    found: dict[int, list[bytes]] = {partition: [] for partition in range(PARTITIONS)}
    async for partition, _, body in _records(kafka, topic):
        found[partition].append(body)
    return found


async def told(kafka: str, topic: str) -> Told:
    """Return the bands that each customer was told to get into, in order."""
    found: Told = {}
    async for _, key, body in _records(kafka, topic):
        found.setdefault(key, []).append(json.loads(body)["band"])
    return found


async def _records(kafka: str, topic: str) -> AsyncIterator[tuple[int, str, bytes]]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka, isolation_level="read_committed", max_partition_fetch_bytes=8 * 1024 * 1024
    )
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        while any([await consumer.position(partition) < ends[partition] for partition in partitions]):
            for partition, records in (await consumer.getmany(timeout_ms=200)).items():
                for record in records:
                    yield partition.partition, (record.key or b"").decode(), record.value
    finally:
        await consumer.stop()


class Watched:
    """A group, seen from outside."""

    def __init__(self, admin: AIOKafkaAdminClient, group: str, topic: str) -> None:
        """`admin` is started."""
        self._admin = admin
        self._group = group
        self._topic = topic

    async def committed(self) -> dict[int, int]:
        """Return the offset that the group has committed of each partition; without those of which there is none."""
        offsets = await self._admin.list_consumer_group_offsets(self._group)
        return {tp.partition: at.offset for tp, at in offsets.items() if tp.topic == self._topic and at.offset >= 0}
