"""Asks a service for something as a person does: a signed command to Kafka, and the answer that comes back."""

import asyncio
import base64
from collections.abc import AsyncIterator
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


async def ask(found: Addresses, command: Command, person: str) -> Answer:
    """Send the command and wait for its answer. Raises Problem where there is none."""
    if found.actor_key is None:
        raise Problem(
            "Commands are signed with the local development key, which only a system has that was started here."
        )
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(found.actor_key))
    topic = topic_of(command)
    service = topic.name.partition(".")[0]
    await require_kafka(found.kafka, found.kafka_access())
    try:
        async with _reader(found, answers_of(topic)) as answers, _writer(found) as producer:
            headers = signed(command, person, key)
            await producer.send_and_wait(topic.name, command.body(), key=command.key.encode(), headers=headers)
            async with asyncio.timeout(ANSWER_SECONDS):
                return await _answer(answers, command)
    except TimeoutError:
        raise Problem(
            f"{service} has not answered within {ANSWER_SECONDS:.0f} seconds: is it running? "
            "The command is kept, and is carried out when it is."
        ) from None
    except (KafkaError, OSError) as error:
        raise no_answer("Kafka", found.kafka, error) from None


@asynccontextmanager
async def _reader(found: Addresses, topic: Topic) -> AsyncIterator[AIOKafkaConsumer]:
    """Read what comes on a topic from now on."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=found.kafka, enable_auto_commit=False, **found.kafka_access().of_client()
    )
    await consumer.start()
    try:
        consumer.subscribe([topic.name])
        await consumer.getmany(timeout_ms=0)
        partitions = [TopicPartition(topic.name, number) for number in consumer.partitions_for_topic(topic.name) or ()]
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
