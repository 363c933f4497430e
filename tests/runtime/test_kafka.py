"""Kafka comes up wherever it is put, and has after any end what it had acknowledged."""

import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from amicable.runtime import ports
from amicable.runtime.errors import RuntimeProblem
from amicable.runtime.home import Home
from amicable.runtime.kafka import running_kafka
from amicable.runtime.running import Running


@asynccontextmanager
async def kafka(home: Home) -> AsyncIterator[Running]:
    async with running_kafka(home, wanted_port=None) as running:
        yield running


async def send(address: str, *values: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=address, acks="all")
    await producer.start()
    try:
        for value in values:
            await producer.send_and_wait("kept", value)
    finally:
        await producer.stop()


async def received(address: str, count: int) -> list[bytes]:
    consumer = AIOKafkaConsumer("kept", bootstrap_servers=address, auto_offset_reset="earliest")
    await consumer.start()
    try:
        return [(await consumer.getone()).value for _ in range(count)]
    finally:
        await consumer.stop()


async def make_topic(address: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        await admin.create_topics([NewTopic("kept", num_partitions=1, replication_factor=1)])
    finally:
        await admin.close()


async def test_what_kafka_acknowledged_is_there_after_a_stop_and_after_a_kill(home: Home) -> None:
    async with kafka(home) as first:
        await make_topic(first.address)
        await send(first.address, b"before the stop")
    async with kafka(home) as second:
        await send(second.address, b"before the kill")
        assert second.child
        os.kill(second.child.pid, signal.SIGKILL)
        await second.child.wait()
    async with kafka(home) as third:
        assert await received(third.address, 2) == [b"before the stop", b"before the kill"]


async def test_kafka_takes_another_port_where_the_wanted_one_is_taken(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        async with running_kafka(home, wanted_port=taken) as running:
            assert running.address != f"127.0.0.1:{taken}"


async def test_kafka_that_loses_the_race_for_its_port_tries_another(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        chosen_first, choose = [taken], ports.choose
        monkeypatch.setattr(ports, "choose", lambda wanted=None: chosen_first.pop() if chosen_first else choose())
        async with kafka(home) as running:
            assert not chosen_first
            assert running.address != f"127.0.0.1:{taken}"


async def test_formatting_that_was_cut_short_is_done_again(home: Home) -> None:
    half_done = home.kafka / "data"
    half_done.mkdir()
    (half_done / "bootstrap.checkpoint").write_bytes(b"half")
    async with kafka(home):
        pass


async def test_kafka_that_cannot_start_says_where_its_log_is_and_how_it_ends(home: Home) -> None:
    async with kafka(home):
        pass
    (home.kafka / "data" / "meta.properties").write_text("version=1\ncluster.id=another\nnode.id=2\n")
    with pytest.raises(RuntimeProblem, match="kafka ended at its start with exit code 1") as failure:
        async with kafka(home):
            pass
    assert str(home.logs / "kafka.log") in str(failure.value)
    assert "Stored node id 2" in str(failure.value), "the reason is missing"
