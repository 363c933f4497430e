"""A topic of one's own, and what is on it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

Headers = Sequence[tuple[str, bytes | None]]


async def new_topic(kafka: str, *, partitions: int = 2) -> str:
    """Create a topic that nobody else uses and return its name."""
    name = f"test-{uuid4()}"
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    try:
        await admin.start()
        await admin.create_topics([NewTopic(name, num_partitions=partitions, replication_factor=1)])
    finally:
        await admin.close()
    return name


async def read_all(kafka: str, topic: str) -> list[Any]:
    """Return every record of the topic, partition by partition in order."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka, auto_offset_reset="earliest", group_id=None)
    await consumer.start()
    try:
        found = []
        for tp, end in (await consumer.end_offsets(sorted(consumer.assignment()))).items():
            while await consumer.position(tp) < end:
                for records in (await consumer.getmany(tp, timeout_ms=500)).values():
                    found += records
        return found
    finally:
        await consumer.stop()


@asynccontextmanager
async def sending(kafka: str) -> AsyncIterator[AIOKafkaProducer]:
    """A producer as upstream systems have one."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all")
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def committed(kafka: str, group: str, topic: str) -> int:
    """Return how many records of the topic the group has committed."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    try:
        await admin.start()
        offsets = await admin.list_consumer_group_offsets(group)
    finally:
        await admin.close()
    return sum(max(0, meta.offset) for tp, meta in offsets.items() if tp.topic == topic)
