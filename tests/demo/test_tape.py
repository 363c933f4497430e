"""A tape on a real Kafka: everything from the beginning, once, and nobody's offsets moved."""

from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from amicable.demo.tape import Tape
from amicable.problems import Problem
from shared.contracts.event import UpstreamEvent
from shared.contracts.topics import Kind, Topic
from shared.contracts.upstream import MeetingMissed, SurveyAnswered
from shared.upstream_publisher import headers
from tests.demo import facts


@pytest.fixture
async def topic(kafka: str) -> Topic:
    """A topic of one's own, with three partitions."""
    name = f"tape-{uuid4().hex}"
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, num_partitions=3, replication_factor=1)])
    finally:
        await admin.close()
    return Topic(name, Kind.DOMAIN, (SurveyAnswered,))


async def send(kafka: str, topic: Topic, *events: UpstreamEvent, body: bytes | None = None) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    try:
        for event in events:
            value = body or event.body()
            await producer.send_and_wait(topic.name, value, key=event.key.encode(), headers=headers(event))
    finally:
        await producer.stop()


async def test_what_is_new_is_returned_once(kafka: str, topic: Topic) -> None:
    before, after = [facts.survey(name) for name in ("a", "b", "c", "d", "e")], facts.survey("f")
    await send(kafka, topic, *before)
    async with Tape(kafka, [topic]) as tape:
        assert sorted(message.key for message in await tape.news()) == ["a", "b", "c", "d", "e"]
        assert await tape.news() == []
        await send(kafka, topic, after)
        assert await tape.news() == [after]
    async with Tape(kafka, [topic]) as another:
        assert len(await another.news()) == 6


async def test_only_messages_with_the_wanted_ids_are_read(kafka: str, topic: Topic) -> None:
    await send(kafka, topic, facts.survey("a"), facts.survey("b"), facts.survey("c"))
    async with Tape(kafka, [topic]) as tape:
        assert await tape.having({"b/survey", "nobody/survey"}) == [facts.survey("b")]


async def test_a_type_that_is_not_known_is_passed_over(kafka: str, topic: Topic) -> None:
    await send(kafka, topic, MeetingMissed(event_id="m", customer_id="a", occurred_at=facts.NOW, by="us"))
    async with Tape(kafka, [topic]) as tape:
        assert await tape.news() == []


async def test_something_unreadable_is_named_by_its_place(kafka: str, topic: Topic) -> None:
    await send(kafka, topic, facts.survey("a"), body=b"{")
    async with Tape(kafka, [topic]) as tape:
        with pytest.raises(Problem, match=rf"{topic.name}, partition \d, offset 0: the message is not JSON"):
            await tape.news()


async def test_a_topic_that_is_not_there_is_said_in_a_sentence(kafka: str) -> None:
    with pytest.raises(Problem, match="does not have nowhere"):
        async with Tape(kafka, [Topic("nowhere", Kind.DOMAIN, ())]):
            pass


async def test_no_kafka_is_said_in_a_sentence() -> None:
    with pytest.raises(Problem, match=r"Kafka does not answer at 127\.0\.0\.1:1 "):
        async with Tape("127.0.0.1:1", [Topic("nowhere", Kind.DOMAIN, ())]):
            pass
