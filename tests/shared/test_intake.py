"""The intake: records are committed once they were taken, and never before; what fails comes again."""

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import CommitFailedError

from shared.messaging import Intake, TryAgain
from tests.deployment import until
from tests.shared.intakes import Taker, consuming
from tests.shared.kafka import committed, new_topic, read_all, sending


@pytest.fixture
async def topic(kafka: str) -> str:
    """A topic of one's own."""
    return await new_topic(kafka)


@pytest.fixture
async def taker() -> Taker:
    """What takes the records."""
    return Taker()


async def _send(kafka: str, topic: str, *values: bytes | None, partition: int = 0, headers: Any = ()) -> None:
    async with sending(kafka) as producer:
        for value in values:
            await producer.send_and_wait(topic, value, partition=partition, key=b"k", headers=list(headers))


async def _taken(taker: Taker, *values: bytes | None) -> None:
    async def all_taken() -> bool:
        return sorted(map(str, taker.taken)) == sorted(map(str, values))

    await until(all_taken, f"{values} are taken, not {taker.taken}")


async def _committed(kafka: str, topic: str, count: int) -> None:
    async def all_committed() -> bool:
        return await committed(kafka, topic, topic) == count

    await until(all_committed, f"{count} are committed")


@pytest.mark.parametrize("batch", [False, True])
async def test_offset_is_committed_after_the_records_were_taken(
    kafka: str, topic: str, taker: Taker, batch: bool
) -> None:
    """Also those that were there before the group was."""
    await _send(kafka, topic, b"1")
    taker.gate.clear()
    async with consuming(kafka, [topic], taker.take, batch=batch):

        async def in_hand() -> int:
            return taker.in_hand

        await until(in_hand, "the record is in hand")
        assert await committed(kafka, topic, topic) == 0
        taker.gate.set()
        await _committed(kafka, topic, 1)
    assert taker.taken == [b"1"]


@pytest.mark.parametrize("batch", [False, True])
async def test_records_handed_back_come_again_in_order(kafka: str, topic: str, taker: Taker, batch: bool) -> None:
    """From every partition, before later ones; nothing is committed meanwhile."""
    taker.failures = [TryAgain(), TryAgain()]
    await _send(kafka, topic, b"1", b"2")
    await _send(kafka, topic, b"3", partition=1)
    async with consuming(kafka, [topic], taker.take, batch=batch):
        await _taken(taker, b"1", b"2", b"3")
        await _committed(kafka, topic, 3)
    assert taker.taken.index(b"1") < taker.taken.index(b"2")


async def test_lane_that_fails_unexpectedly_loses_nothing_and_does_not_run_hot(
    kafka: str, topic: str, taker: Taker, lines: list[Any]
) -> None:
    """There is a pause before each redelivery."""
    taker.failures = [ZeroDivisionError() for _ in range(4)]
    await _send(kafka, topic, b"1")
    started = time.monotonic()
    async with consuming(kafka, [topic], taker.take):
        await _taken(taker, b"1")
    assert time.monotonic() - started > 4 * 0.2
    assert taker.calls == 5


@pytest.mark.parametrize("batch", [False, True])
async def test_odd_headers_lose_nothing(kafka: str, topic: str, taker: Taker, batch: bool) -> None:
    """A null or non-UTF-8 header value, an empty body; and nobody is told where to publish."""
    answers = await new_topic(kafka)
    odd = [("a", None), ("b", b"\xff\xfe"), ("content-type", b"\xff"), ("reply_to", answers.encode())]
    await _send(kafka, topic, b"1", headers=odd)
    await _send(kafka, topic, None, b"", b"2", headers=[("correlation_id", b"\xff")])
    async with consuming(kafka, [topic], taker.take, batch=batch):
        await _taken(taker, b"1", None, b"", b"2")
        await _committed(kafka, topic, 4)
    assert await read_all(kafka, answers) == []


async def test_commit_that_fails_loses_nothing_and_repeats_nothing(
    kafka: str, topic: str, taker: Taker, lines: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next one covers it."""
    async with consuming(kafka, [topic], taker.take) as intake:
        commit, failures = intake.consumer.commit, [CommitFailedError(), CommitFailedError()]

        async def failing(offsets: Any = None) -> None:
            if failures:
                raise failures.pop()
            await commit(offsets)

        monkeypatch.setattr(intake.consumer, "commit", failing)
        await _send(kafka, topic, b"1", b"2")
        await _committed(kafka, topic, 2)
    assert taker.taken == [b"1", b"2"]


async def test_stop_finishes_what_is_in_hand(kafka: str, topic: str, taker: Taker) -> None:
    """And commits it."""
    await _send(kafka, topic, b"1", b"2")
    taker.gate.clear()
    async with consuming(kafka, [topic], taker.take):

        async def in_hand() -> int:
            return taker.in_hand

        await until(in_hand, "a record is in hand")
        asyncio.get_running_loop().call_later(0.3, taker.gate.set)
    assert taker.in_hand == 0
    assert await committed(kafka, topic, topic) == len(taker.taken) >= 1


async def _state(kafka: str, group: str) -> str:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    try:
        await admin.start()
        (described,) = await admin.describe_consumer_groups([group])
        return str(described.groups[0][2])
    finally:
        await admin.close()


async def test_no_two_processes_have_a_partition_at_once(kafka: str, topic: str, taker: Taker) -> None:
    """One joins while the other has a record in hand: it waits, and nothing is handled twice."""
    other = Taker()
    await _send(kafka, topic, b"a1", b"a2")
    await _send(kafka, topic, b"b1", b"b2", partition=1)
    taker.gate.clear()
    async with consuming(kafka, [topic], taker.take) as first:

        async def in_hand() -> int:
            return taker.in_hand

        await until(in_hand, "a record is in hand")
        joining = AsyncExitStack()
        second = asyncio.create_task(joining.enter_async_context(consuming(kafka, [topic], other.take)))

        async def told() -> bool:
            return bool(first.consumer._subscription.reassignment_in_progress)

        await until(told, "the first process hears that it must let go")
        await asyncio.wait({second}, timeout=2)
        assert not second.done()
        assert await _state(kafka, topic) == "PreparingRebalance"
        assert other.calls == 0
        taker.gate.set()
        async with joining:
            joined = await second

            async def divided() -> bool:
                return len(first.partitions) == len(joined.partitions) == 1

            await until(divided, "both have a partition")
            await _send(kafka, topic, b"a3")
            await _send(kafka, topic, b"b3", partition=1)

            async def all_taken() -> bool:
                return len(taker.taken) + len(other.taken) >= 6

            await until(all_taken, "everything is taken")
    assert sorted(map(str, taker.taken + other.taken)) == [str(f"{p}{n}".encode()) for p in "ab" for n in (1, 2, 3)]


async def test_record_fetched_just_before_its_partition_went_is_not_taken(
    kafka: str, topic: str, taker: Taker, monkeypatch: pytest.MonkeyPatch, lines: list[Any]
) -> None:
    """It is its new owner's to take; nor is it committed."""
    async with consuming(kafka, [topic], taker.take) as intake:

        async def assigned() -> bool:
            return len(intake.partitions) == 2

        await until(assigned, "both partitions are assigned")
        gone = {TopicPartition(topic, 1)}
        monkeypatch.setattr(Intake, "partitions", property(lambda _: gone))
        await _send(kafka, topic, b"not ours", partition=0)
        await _send(kafka, topic, b"ours", partition=1)
        await _taken(taker, b"ours")
        assert intake.seconds_failing() == 0.0
        assert await committed(kafka, topic, topic) <= 1
        monkeypatch.undo()
        await _taken(taker, b"ours", b"not ours")


async def test_lag_is_known_per_partition(kafka: str, topic: str, taker: Taker) -> None:
    """Zero when everything was taken; nothing is said of partitions that were taken away."""
    await _send(kafka, topic, b"1", b"2", b"3")
    taker.gate.clear()
    async with consuming(kafka, [topic], taker.take) as intake:

        async def behind() -> bool:
            return (await intake.lag()).get(TopicPartition(topic, 0)) == 3

        await until(behind, "one is in hand and two are to come")
        taker.gate.set()

        async def caught_up() -> bool:
            return await intake.lag() == {TopicPartition(topic, 0): 0, TopicPartition(topic, 1): 0}

        await until(caught_up, "nothing is left")
    assert await intake.lag() == {}
