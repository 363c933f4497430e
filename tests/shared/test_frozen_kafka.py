"""Kafka stops answering and goes on later: nothing is lost, and nothing is sent behind anybody's back."""

from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from shared import relay
from shared.database import Pool
from shared.leases import Leases
from shared.relay import Relay
from tests.deployment import until
from tests.shared.conftest import OwnKafka
from tests.shared.intakes import Taker, consuming
from tests.shared.kafka import new_topic, read_all, sending
from tests.shared.outbox_rows import effects, put, relaying, unpublished


async def test_relay_loses_nothing_and_discards_its_producer(
    pool: Pool, own_kafka: OwnKafka, monkeypatch: pytest.MonkeyPatch, lines: list[Any]
) -> None:
    """What was sent into the silence is sent again by a new one, in order, and the old one ends."""
    monkeypatch.setattr(relay, "STOP_SECONDS", 0.3)
    topic = await new_topic(own_kafka.address)
    made: list[AIOKafkaProducer] = []

    def make() -> AIOKafkaProducer:
        made.append(relay.producer(own_kafka.address, "tests"))
        return made[-1]

    leases = Leases(pool)
    one = Relay(pool, "action_plans", leases, make, send_seconds=1)
    async with relaying(one, leases):
        for number in range(20):
            await put(pool, topic, f"c{number % 4}", number)
        await until(lambda: pool.fetchval("SELECT bool_and(published_at IS NOT NULL) FROM outbox"), "all is published")
        with own_kafka.frozen():
            for number in range(20, 40):
                await put(pool, topic, f"c{number % 4}", number)

            async def discarded() -> bool:
                return bool(made[0]._sender.sender_task.done())

            await until(discarded, "the producer is discarded, and sends no more")
            assert await unpublished(pool) == 20
        await until(lambda: pool.fetchval("SELECT bool_and(published_at IS NOT NULL) FROM outbox"), "all is published")
    assert len(made) > 1
    expected = {f"c{key}": list(range(key, 40, 4)) for key in range(4)}
    assert effects(await read_all(own_kafka.address, topic)) == expected


async def test_intake_loses_nothing(own_kafka: OwnKafka, lines: list[Any]) -> None:
    """It was silent for longer than the commit that waited for it."""
    topic = await new_topic(own_kafka.address)
    taker = Taker()
    async with sending(own_kafka.address) as producer, consuming(own_kafka.address, [topic], taker.take) as intake:
        taker.gate.clear()
        await producer.send_and_wait(topic, b"1", partition=0)

        async def in_hand() -> int:
            return taker.in_hand

        await until(in_hand, "a record is in hand")
        with own_kafka.frozen():
            taker.gate.set()

            async def silent() -> bool:
                return (intake.seconds_since_poll() or 0) > 1.5

            await until(silent, "Kafka is silent")
        await producer.send_and_wait(topic, b"2", partition=0)

        async def both() -> bool:
            return {*taker.taken} == {b"1", b"2"}

        await until(both, "both are taken")
