"""Reads what a contender left in Kafka after it stopped: committed records only."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from bench.job import PARTITIONS, Told

_AT_ONCE = 20_000


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
