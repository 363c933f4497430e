"""health_scoring killed twenty times in a run, with the clock held: the state and the facts of a run without a kill.

The reference takes the same events in as large batches as there are, and the run that is killed in small ones. What is
equal is everything that is kept, and for each customer the sequence of its facts on each topic: but for their ids,
which are made up when a fact is decided, and for what the relay sends again after a kill under the same id.
"""

import asyncio
import json
import random
import signal
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from amicable import topics
from amicable.runtime.home import Home
from amicable.runtime.kafka import running_kafka
from shared import clock
from tests.chaos.a_day import NOW, Day, Event, a_day
from tests.chaos.alone import PARTITIONS, Alone, Rows, alone
from tests.conftest import new_database
from tests.shared.kafka import read_all

KINDS = {"HealthScored", "HealthBandChanged", "RiskDetected", "RiskUpdated", "RiskCleared"}


class Kills(NamedTuple):
    """How processes die, one after the other, in each part of the day; the first two parts end with one more kill.

    "taking", "judging": at a random moment while it does so. Others: at that point of tests.chaos.crashing.
    """

    before: tuple[str, ...]
    stream: tuple[str, ...]
    imported: tuple[str, ...]


FOUR = Kills((), ("during_send",), ("batch_before_offset",))
TWENTY = Kills(
    ("batch_before_commit", "piece_committed", "batch_before_offset", "after_effect", "judging"),
    ("taking", "batch_before_commit", "during_send", "taking", "after_effect", "before_mark", "batch_before_offset",
     "during_send", "taking", "before_mark"),
    ("batch_before_commit", "batch_before_offset", "after_effect"),
)  # fmt: skip


@pytest.fixture
async def own_kafka(tmp_path: Path) -> AsyncIterator[str]:
    """A Kafka in which nobody else has the service's group."""
    async with running_kafka(Home(tmp_path / "kafka"), wanted_port=None) as running:
        await topics.create(running.address, partitions=PARTITIONS)
        yield running.address


@pytest.mark.parametrize(
    ("kills", "number", "customers"),
    [pytest.param(FOUR, 4, 12, id="four"), pytest.param(TWENTY, 20, 36, id="twenty", marks=pytest.mark.soak)],
)
async def test_killed_service_ends_where_one_that_was_never_killed_does(
    own_kafka: str, postgres: str, template: str, tmp_path: Path, kills: Kills, number: int, customers: int
) -> None:
    """Also where an import of old events comes amid the new ones, in another place of the batches."""
    seed = random.randrange(2**32)
    day = a_day(customers, seed=customers)
    clock.move(tmp_path / "clock", NOW)
    async with (
        new_database(postgres, template) as database,
        alone(own_kafka, database, tmp_path / "clock", seed) as unhurt,
    ):
        await never_killed(unhurt, day)
        expected_state, expected = await unhurt.state(), await facts(own_kafka)
    assert {fact["type"] for sequence in expected.values() for fact in sequence} == KINDS

    async with (
        new_database(postgres, template) as database,
        alone(own_kafka, database, tmp_path / "clock", seed) as killed,
    ):
        await killed_on_and_on(killed, day, kills)
        state, told = await killed.state(), await facts(own_kafka, but=expected)
    assert killed.ends == [-signal.SIGKILL] * number
    same(comparable(told, day.before), comparable(expected, day.before), seed)
    same(state, expected_state, seed)
    for (topic, _), sequence in told.items():
        numbers = [fact["seq" if topic == "health.v1" else "revision"] for fact in sequence]
        assert numbers == list(range(1, 1 + len(sequence))), seed


def same(found: Rows, expected: Rows, seed: int) -> None:
    """Require the same rows in the same places; what differs first is shown, with what chose the moments."""
    assert found.keys() == expected.keys(), seed
    for place, rows in found.items():
        for row, wanted in zip_longest(rows, expected[place]):
            assert row == wanted, (place, seed)


async def never_killed(run: Alone, day: Day) -> None:
    """The reference: what comes is there before it starts, so that its batches are as large as they can be."""
    known: tuple[Event, ...] = ()
    for part in (day.before, day.stream, day.evening + day.imported):
        known += part
        await run.publish(part)
        run.service.start()
        await run.settled(known, len(day.customers))
        await run.service.stop()


async def killed_on_and_on(run: Alone, day: Day, kills: Kills) -> None:
    """The same day: while it catches up with what was before, amid the stream, and amid an import."""
    await run.publish(day.before)
    run.allowed = len(day.before)
    for how in kills.before:
        await run.dies(how)
    run.service.start()
    await run.settled(day.before, len(day.customers))
    await run.kill()

    stream = day.stream + day.evening
    async with asyncio.TaskGroup() as group:
        flowing = group.create_task(run.publish_slowly(stream, before=len(day.before)))
        for how in kills.stream:
            run.allowed += len(stream) // (len(kills.stream) + 1)
            await run.dies(how)
        run.allowed = len(day.before) + len(stream)
        run.service.start()
        await flowing
    await run.has_taken(day.stream)  # an import may be read before what waits on other topics, and would hold it up
    await run.kill()

    await run.publish(day.imported)
    for how in kills.imported:
        await run.dies(how)
    run.service.start()
    await run.settled(day.before + day.stream + day.evening + day.imported, len(day.customers))
    await run.service.stop()


async def facts(kafka: str, *, but: Rows | None = None) -> Rows:
    """Return what was published by topic and customer, in order: each fact once, as its consumers take it.

    The relay may send a fact twice (killed before it could note that Kafka has it), with the same id.
    """
    found: Rows = defaultdict(list)
    met = {fact["event_id"] for sequence in (but or {}).values() for fact in sequence}
    for topic in ("scores.v1", "health.v1"):
        for record in await read_all(kafka, topic):
            fact = json.loads(record.value)
            if fact["event_id"] not in met:
                met.add(fact["event_id"])
                found[topic, fact["customer_id"]].append(fact)
    return found


def comparable(told: Rows, before: Sequence[Event]) -> Rows:
    """Leave out the ids, which are made up when a fact is decided: one that was rolled back gets another one.

    What came before the day is one cause: it comes on two topics, between which Kafka keeps no order.
    """
    early = {event["event_id"] for event in before}

    def alike(fact: dict[str, Any]) -> dict[str, Any]:
        causes = {name: "before" for name in ("causation_id", "correlation_id") if fact[name] in early}
        return {name: value for name, value in {**fact, **causes}.items() if name != "event_id"}

    return {place: [alike(fact) for fact in sequence] for place, sequence in told.items()}
