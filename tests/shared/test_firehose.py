"""The firehose: a batch, one transaction; what fails by itself is found and kept alone."""

import asyncio
from typing import Any

import pytest

from shared import firehose, parking
from shared.database import Transaction
from shared.messaging import TryAgain
from tests.shared.desk import Desk, Poison
from tests.shared.records import altered, record, risk, usage, used


def _failing_on(*events: str) -> Any:
    async def fail(message: Any, tx: Transaction) -> None:
        if message.event_id in events:
            raise Poison

    return fail


async def _events(desk: Desk) -> list[str]:
    return [row["event_id"] for row in await desk.pool.fetch("SELECT event_id FROM effects ORDER BY id")]


async def test_duplicates_are_taken_once(desk: Desk) -> None:
    """Inside a batch, across batches, and at another offset."""
    await desk.firehose.take([used(usage("a", "1")), used(usage("a", "2")), used(usage("a", "1"))])
    await desk.firehose.take([used(usage("a", "2")), used(usage("a", "3"))])
    assert await _events(desk) == ["1", "2", "3"]


async def test_equal_places_in_two_partitions_are_two_events(desk: Desk) -> None:
    """An offset and a timestamp are no id: two partitions have the same ones."""
    moment = usage("a").occurred_at
    await desk.firehose.take(
        [used(usage("a", str(number)), offset=5, partition=number, at=moment) for number in (1, 2)]
    )
    assert await _events(desk) == ["1", "2"]


async def test_poison_is_found_and_kept_alone(desk: Desk) -> None:
    """The rest of the batch is taken, in order."""
    desk.before = _failing_on("3", "11")
    await desk.firehose.take([used(usage(f"c{number}", str(number))) for number in range(16)])
    assert await _events(desk) == [str(number) for number in range(16) if number not in {3, 11}]
    assert await desk.letters() == [("poison", "c11", None), ("poison", "c3", None)]


async def test_poison_holds_up_nothing_of_its_customer(desk: Desk) -> None:
    """Upstream events are taken in any order."""
    desk.before = _failing_on("1")
    await desk.firehose.take([used(usage("acme", "1")), used(usage("acme", "2"))])
    assert await _events(desk) == ["2"]


async def test_poison_is_taken_when_its_cause_is_mended(desk: Desk) -> None:
    """Once, though it was in a batch that others of were taken from."""
    desk.before = _failing_on("1")
    await desk.firehose.take([used(usage("acme", "1")), used(usage("acme", "2"))])
    desk.before = _failing_on()
    await desk.ask()
    (letter,) = await parking.asked_for(desk.pool)
    await desk.firehose.replay(letter)
    await desk.firehose.replay(letter)
    assert await _events(desk) == ["2", "1"]
    assert await desk.letters() == []


async def test_batch_that_takes_too_long_is_cut_until_it_does_not(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, lines: list[Any]
) -> None:
    """Handed back each time, so that a rebalance never waits longer than one deadline."""
    monkeypatch.setattr(firehose, "HANDLER_SECONDS", 0.3)

    async def slow(message: Any, tx: Transaction) -> None:
        await tx.execute("SELECT pg_sleep(0.05)")

    desk.before = slow
    batch = [used(usage("acme", str(number))) for number in range(16)]
    handed_back = 0
    while True:
        try:
            await desk.firehose.take(batch)
        except TryAgain:
            handed_back += 1
        else:
            break
    assert await _events(desk) == [str(number) for number in range(16)]
    assert handed_back >= 2
    assert await desk.letters() == []


async def test_record_that_always_takes_too_long_is_kept(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, lines: list[Any]
) -> None:
    """After it was handed back twice, alone."""
    monkeypatch.setattr(firehose, "HANDLER_SECONDS", 0.2)

    async def slow(message: Any, tx: Transaction) -> None:
        if message.event_id == "1":
            await tx.execute("SELECT pg_sleep(60)")

    desk.before = slow
    batch = [used(usage("acme", "1")), used(usage("acme", "2"))]
    for _ in range(10):
        try:
            await desk.firehose.take(batch)
        except TryAgain:
            continue
        break
    assert await _events(desk) == ["2"]
    assert await desk.letters() == [("poison", "acme", None)]


async def test_lines_name_their_record(desk: Desk, lines: list[Any]) -> None:
    """A batch has many records: what is said about one says which."""
    desk.before = _failing_on("1")
    await desk.firehose.take([used(usage("acme", "1"), partition=2, offset=7), used(b"no json", partition=3, offset=8)])
    said = {line["event"]: line for line in lines}
    parked, kept = said["record parked"], said["record kept: not a message of its topic"]
    assert (parked["topic"], parked["partition"], parked["offset"], parked["correlation_id"]) == ("usage.v1", 2, 7, "1")
    assert (kept["partition"], kept["offset"], kept["correlation_id"]) == (3, 8, "usage.v1/3/8")


async def test_types_that_are_not_known_are_counted(desk: Desk) -> None:
    """They are passed over: their producer may be newer than we are."""
    later = altered(risk("acme", 1), type="SomethingNew")
    await desk.firehose.take([record(later), record(risk("acme", 2)), record(later)])
    assert desk.firehose.unknown == {"SomethingNew": 2}
    assert len(await desk.effects()) == 1


async def test_pieces_are_applied_in_order(desk: Desk, lines: list[Any]) -> None:
    """Each is begun while the one before it is taken, and waits for its commit, also where that one tries again."""
    desk.firehose._at_once = 4
    stumbled: list[Any] = []

    async def late(message: Any, tx: Transaction) -> None:
        if message.event_id in {"0", "9", "16"}:
            await tx.execute("SELECT pg_sleep(0.2)")
        if message.event_id == "5" and not stumbled:
            stumbled.append(message)
            raise ConnectionError

    desk.before = late
    duplicates = [used(usage("acme", "3")), used(usage("acme", "6"))]
    await desk.firehose.take([*(used(usage("acme", str(number))) for number in range(24)), *duplicates])
    assert stumbled
    assert await _events(desk) == [str(number) for number in range(24)]


async def test_batch_given_up_in_the_middle_leaves_nothing_open(desk: Desk) -> None:
    """What was begun ahead is undone with it, and taken when the batch comes again."""
    desk.firehose._at_once = 2
    waiting = asyncio.Event()

    async def endless(message: Any, tx: Transaction) -> None:
        if message.event_id == "2" and not waiting.is_set():
            waiting.set()
            await asyncio.Event().wait()

    desk.before = endless
    batch = [used(usage("acme", str(number))) for number in range(6)]
    taking = asyncio.create_task(desk.firehose.take(batch))
    await waiting.wait()
    taking.cancel()
    await asyncio.gather(taking, return_exceptions=True)
    assert await _events(desk) == ["0", "1"]
    await desk.firehose.take(batch)
    assert await _events(desk) == [str(number) for number in range(6)]
