"""What `amicable send` and the publisher put on a real Kafka."""

import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer

from amicable import topics
from amicable.problems import INTERRUPTED, REFUSED
from amicable.send import send
from shared import upstream_publisher
from shared.contracts.event import UpstreamEvent
from shared.contracts.reading import Invalid, read_upstream
from shared.contracts.topics import UPSTREAM_TOPICS, Kind, Topic
from shared.contracts.upstream import UsageRecorded
from shared.outbox import headers_of
from shared.upstream_decoder import decode
from shared.upstream_publisher import NotPublished, UpstreamPublisher, headers, publish
from tests.contracts.examples import FULL, Example
from tests.send.lines import usage, write
from tests.send.tail import Tail

PATIENCE = 60  # seconds, after which a program that does not end is stuck
UPSTREAM = [example for example in FULL if example.topic in UPSTREAM_TOPICS]


@pytest.fixture
async def broker(kafka: str) -> str:
    """The address of a Kafka that has the topics."""
    await topics.create(kafka, partitions=4)
    return kafka


@pytest.fixture
def customer() -> str:
    """The id of a customer that nobody else uses."""
    return f"customer-{uuid4()}"


@pytest.fixture
async def tail(broker: str) -> Tail:
    """What is written from now on."""
    return await Tail(broker, [topic.name for topic in UPSTREAM_TOPICS]).start()


async def test_good_lines_are_published_in_order_and_bad_ones_are_not(
    broker: str, tail: Tail, customer: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [usage(str(n), customer) for n in range(3000)]
    lines[1000] = usage("bad", customer, quantity=-1)
    file = write(tmp_path / "events", *lines)
    assert await asyncio.to_thread(send, file, kafka=broker, check=False, as_json=True) == REFUSED
    document = json.loads(capsys.readouterr().out)
    assert (document["published"], document["bad_lines"][0]["line"]) == (2999, 1001)
    found = [json.loads(record.value)["event_id"] for record in await tail.of_key("usage.v1", customer)]
    assert found == [str(n) for n in range(3000) if n != 1000]


async def test_every_type_goes_to_its_topic_normalised_with_its_key_and_headers(broker: str, tail: Tail) -> None:
    run = uuid4().hex
    events = []
    for example in UPSTREAM:
        content = {**example.content, "event_id": f"{run}-{example.kind.__name__}", example.kind.key_field: f"ké-{run}"}
        event = read_upstream(json.dumps(content).encode())
        assert isinstance(event, UpstreamEvent)
        events.append(event)
    assert await publish(events, broker) == len(events)
    for topic in UPSTREAM_TOPICS:
        records = await tail.of_key(topic.name, f"ké-{run}")
        expected = [event for event in events if event.type in topic.by_type]
        assert [record.value for record in records] == [event.body() for event in expected]
        assert [dict(record.headers) for record in records] == [
            {name: value.encode() for name, value in headers_of(event).items()} for event in expected
        ]


@pytest.mark.parametrize("example", UPSTREAM, ids=str)
def test_the_headers_are_those_of_every_other_message(example: Example) -> None:
    event, fast = read_upstream(example.body), decode(example.body)
    assert isinstance(event, UpstreamEvent)
    assert not isinstance(fast, Invalid)
    told = {name: value.decode() for name, value in headers(event)}
    assert told == headers_of(event)
    assert headers(fast) == headers(event)
    assert told["ce_correlationid"] == event.event_id


async def test_a_customer_has_the_partition_that_every_kafka_client_chooses(
    broker: str, tail: Tail, customer: str
) -> None:
    names = [f"{customer}-{number}" for number in range(20)]  # one alone might have it by chance
    elsewhere = {}
    async with AIOKafkaProducer(bootstrap_servers=broker) as other:
        for name in names:
            sent = await other.send_and_wait("usage.v1", key=name.encode(), value=usage("1", name))
            elsewhere[name] = sent.partition
    assert await publish([_usage("2", name) for name in names], broker) == len(names)
    for name in names:
        assert {record.partition for record in await tail.of_key("usage.v1", name)} == {elsewhere[name]}


async def test_twenty_thousand_events_arrive_once_each_and_in_order_per_customer(
    broker: str, tail: Tail, customer: str
) -> None:
    names = [f"{customer}-{n}" for n in range(7)]
    events = [_usage(str(n), names[n % 7]) for n in range(20_000)]
    assert await publish(events, broker) == 20_000
    found: dict[str, list[int]] = {}
    for record in await tail.read("usage.v1"):
        if record.key.decode() in names:
            found.setdefault(record.key.decode(), []).append(int(json.loads(record.value)["event_id"]))
    assert found == {name: list(range(at, 20_000, 7)) for at, name in enumerate(names)}


async def test_an_event_of_the_largest_size_fits_into_a_record(broker: str, tail: Tail, customer: str) -> None:
    content = next(example for example in UPSTREAM if example.kind.__name__ == "CustomerChanged").content
    content |= {"customer_id": customer, "event_id": "😀" * 200, "source": "😀" * 200}
    credit = {"amount": 1, "currency": "EUR", "reason": "x" * 20_000}
    content["contract"]["service_credits"] = [credit] * 49
    spare = 1_000_000 - len(json.dumps(content, ensure_ascii=False).encode()) - 60
    content["contract"]["service_credits"].append({**credit, "reason": "x" * spare})
    raw = json.dumps(content, ensure_ascii=False).encode()
    assert 999_000 < len(raw) <= 1_000_000
    event = read_upstream(raw)
    assert isinstance(event, UpstreamEvent), event
    assert await publish([event], broker) == 1
    assert len(await tail.of_key("customers.v1", customer)) == 1


async def test_a_topic_that_is_missing_is_named_and_not_created(
    broker: str, customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = Topic(f"absent-{uuid4()}", Kind.UPSTREAM, (UsageRecorded,))
    monkeypatch.setattr(upstream_publisher, "UPSTREAM_TOPIC_OF_TYPE", {"UsageRecorded": absent})
    with pytest.raises(NotPublished, match=f"has no topic {absent.name}: make the topics with `amicable topics`"):
        await publish(_events(1, customer), broker)
    async with UpstreamPublisher(broker) as publisher:
        assert absent.name not in publisher._partitions


async def test_a_kafka_that_never_acknowledges_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upstream_publisher, "PATIENCE_SECONDS", 0.05)
    publisher = UpstreamPublisher("kafka:9092")
    publisher._under_way.append((7, asyncio.get_running_loop().create_future()))
    with pytest.raises(
        NotPublished, match=r"^Kafka at kafka:9092 stopped taking events \(TimeoutError\)\. Send them again"
    ):
        await asyncio.wait_for(publisher.flush(), timeout=5)
    assert publisher.published == 0


async def test_ctrl_c_while_input_is_silent_ends_at_once_with_one_sentence(
    broker: str, tail: Tail, customer: str
) -> None:
    command = [sys.executable, "-c", _CLI.format(broker)]
    with subprocess.Popen(command, stdin=PIPE, stderr=PIPE) as process:  # noqa: ASYNC220
        assert process.stdin is not None
        process.stdin.write(usage("1", customer) + b"\n" + usage("2", customer) + b"\n")
        process.stdin.flush()
        while len(await tail.of_key("usage.v1", customer)) < 2:  # they go out before the input ends
            assert process.poll() is None, process.stderr and process.stderr.read()
            await asyncio.sleep(0.1)
        process.send_signal(signal.SIGINT)
        code = await asyncio.to_thread(process.wait, PATIENCE)  # the input stays open: nothing else ends it
        told = process.stderr.read() if process.stderr else b""
    assert code == INTERRUPTED
    assert told.decode().splitlines() == [
        "2 events were published before it stopped.",
        "Interrupted after line 2; sending it all again is safe.",
    ]


# What a shell starts in the background ignores Ctrl-C, and hands that down to all it starts: here it is a terminal.
_CLI = """
import signal
import sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from amicable.problems import Problem
from amicable.send import send
try:
    send('-', kafka='{}', check=False, as_json=False)
except Problem as problem:
    print(problem, file=sys.stderr)
    sys.exit(problem.code)
"""


def _usage(event_id: str, customer: str) -> UpstreamEvent:
    event = read_upstream(usage(event_id, customer))
    assert isinstance(event, UpstreamEvent)
    return event


def _events(count: int, customer: str) -> list[Any]:
    return [_usage(str(number), customer) for number in range(count)]
