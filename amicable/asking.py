"""Asks a service for something as a person does: a signed command to Kafka, and the answer that comes back."""

import asyncio
import base64
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from amicable.addresses import Addresses
from amicable.kafka_there import require_kafka
from amicable.problems import Problem, no_answer
from amicable.system import ACTOR_KEY_ID
from shared import actors
from shared.contracts.answers import CommandAccepted, CommandRejected
from shared.contracts.event import Command
from shared.contracts.reading import read
from shared.contracts.topics import TOPICS, Kind, Topic

ANSWER_SECONDS = 30.0

Answer = CommandAccepted | CommandRejected


def topic_of(command: Command) -> Topic:
    """Return the topic that takes this command."""
    return next(topic for topic in TOPICS.values() if topic.kind is Kind.COMMAND and type(command) in topic.types)


def answers_of(topic: Topic) -> Topic:
    """Return the topic that answers to commands on this one come on."""
    return TOPICS[topic.name.replace(".commands.", ".answers.")]


def signed(command: Command, person: str, key: Ed25519PrivateKey) -> list[tuple[str, bytes]]:
    """Return the headers that prove that this person asks; by real time, whatever the driven clock says."""
    token = actors.sign(
        key, ACTOR_KEY_ID, person=person, command_id=command.event_id, body=command.body(), at=datetime.now(UTC)
    )
    return [(actors.HEADER, token.encode())]


class Asker:
    """Asks as one person, one command after the other: one producer and one consumer for all of them."""

    def __init__(
        self, producer: AIOKafkaProducer, answers: AIOKafkaConsumer, person: str, key: Ed25519PrivateKey
    ) -> None:
        """Made by `asking`."""
        self._producer, self._answers = producer, answers
        self._person, self._key = person, key

    async def ask(self, command: Command) -> Answer:
        """Send the command and wait for its answer. Raises Problem where none comes."""
        topic = topic_of(command)
        headers = signed(command, self._person, self._key)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._producer.send_and_wait(
                    topic.name, command.body(), key=command.key.encode(), headers=headers
                )
                return await _answer(self._answers, command)
        except TimeoutError:
            raise Problem(
                f"{topic.name.partition('.')[0]} has not answered within {ANSWER_SECONDS:.0f} seconds: is it running? "
                "The command is kept, and is carried out when it is."
            ) from None


@asynccontextmanager
async def asking(found: Addresses, person: str, topics: Collection[Topic]) -> AsyncIterator[Asker]:
    """Open what commands on these topics are sent and answered by. Raises Problem where Kafka does not answer."""
    if found.actor_key is None:
        raise Problem(
            "Commands are signed with the local development key, which only a system has that was started here."
        )
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(found.actor_key))
    await require_kafka(found.kafka, found.kafka_access())
    try:
        async with _reader(found, [answers_of(topic) for topic in topics]) as answers, _writer(found) as producer:
            yield Asker(producer, answers, person, key)
    except (KafkaError, OSError) as error:
        raise no_answer("Kafka", found.kafka, error) from None


async def ask(found: Addresses, command: Command, person: str) -> Answer:
    """Send one command and wait for its answer. Raises Problem where there is none."""
    async with asking(found, person, [topic_of(command)]) as asker:
        return await asker.ask(command)


@asynccontextmanager
async def _reader(found: Addresses, topics: Sequence[Topic]) -> AsyncIterator[AIOKafkaConsumer]:
    """Read what comes on these topics from now on."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=found.kafka, enable_auto_commit=False, **found.kafka_access().of_client()
    )
    await consumer.start()
    try:
        names = [topic.name for topic in topics]
        consumer.subscribe(names)
        await consumer.getmany(timeout_ms=0)
        partitions = [TopicPartition(name, one) for name in names for one in consumer.partitions_for_topic(name) or ()]
        consumer.unsubscribe()
        consumer.assign(partitions)
        await consumer.seek_to_end(*partitions)
        for partition in partitions:
            await consumer.position(partition)
        yield consumer
    finally:
        await consumer.stop()


@asynccontextmanager
async def _writer(found: Addresses) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        bootstrap_servers=found.kafka, acks="all", enable_idempotence=True, **found.kafka_access().of_client()
    )
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def _answer(answers: AIOKafkaConsumer, command: Command) -> Answer:
    async for record in answers:
        told: Any = read(TOPICS[record.topic], record.value)
        if isinstance(told, Answer) and told.command_id == command.event_id:
            return told
    raise TimeoutError
