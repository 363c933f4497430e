"""What the bench does with Kafka: makes topics, fills them, reads them back, and asks how far a group has come."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from bench.job import PARTITIONS, Told

_AT_ONCE = 20_000
_BATCH = 256 * 1024


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
        bootstrap_servers=kafka, acks="all", enable_idempotence=True, linger_ms=20, max_batch_size=_BATCH
    )
    await producer.start()
    try:
        for key, body in records:
            await producer.send(topic, body, key=key.encode())
        await producer.flush()
    finally:
        await producer.stop()


async def read(kafka: str, topic: str) -> dict[int, list[bytes]]:
    """Return the bodies that each partition holds, in order."""
    found: dict[int, list[bytes]] = {partition: [] for partition in range(PARTITIONS)}
    async for record in _records(kafka, topic):
        found[record.partition].append(record.value)
    return found


async def latest(kafka: str, topic: str) -> dict[bytes, bytes]:
    """Return the last value of each key of a compacted topic; a key whose last record is a tombstone is not there."""
    values: dict[bytes, bytes] = {}
    async for record in _records(kafka, topic):
        if record.value is None:
            values.pop(record.key, None)
        else:
            values[record.key] = record.value
    return values


async def told(kafka: str, topic: str) -> Told:
    """Return the bands told of each customer, in order."""
    bands: Told = defaultdict(list)
    async for record in _records(kafka, topic):
        change = json.loads(record.value)
        bands[change["customer_id"]].append(change["band"])
    return dict(bands)


async def _records(kafka: str, topic: str) -> AsyncIterator[ConsumerRecord[bytes, bytes]]:
    """Yield all that the topic has now, each partition's in its order. A changelog has as many as its source."""
    async with AIOKafkaConsumer(
        bootstrap_servers=kafka,
        isolation_level="read_committed",
        max_partition_fetch_bytes=8 * 1024 * 1024,
        enable_auto_commit=False,
    ) as consumer:
        partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning()
        ends = await consumer.end_offsets(partitions)
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=200, max_records=_AT_ONCE)).values():
                for record in records:
                    yield record


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
