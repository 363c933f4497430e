"""A topic of one's own, and what is on it."""

import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.record.util import calc_crc32c

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


async def send_unreadable(kafka: str, topic: str) -> None:
    """Send a record that aiokafka cannot read: the name of its header is not UTF-8."""
    async with sending(kafka) as producer:
        batch = producer.create_batch()
        batch.append(key=b"k", value=b"bad", timestamp=None, headers=[("hh", b"v")])
        batch.close()
        raw = bytearray(batch._build())
        name = bytes(raw).index(b"hh")
        raw[name : name + 2] = b"\xff\xfe"
        struct.pack_into(">I", raw, 17, calc_crc32c(bytes(raw[21:])))
        batch._build = lambda: bytes(raw)
        await (await producer.send_batch(batch, topic, partition=0))
