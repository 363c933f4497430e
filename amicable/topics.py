"""Creates the topics, and says where an existing one is not as declared. Kafka never creates them by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from amicable.kafka_there import require_kafka
from amicable.problems import REFUSED, Problem, no_answer
from shared.contracts.topics import PARTITIONS, TOPICS
from shared.kafka_access import OPEN, Access


@dataclass(frozen=True)
class TopicState:
    """A declared topic as Kafka has it; `differs` names the settings that are not as declared."""

    name: str
    partitions: int | None
    differs: tuple[str, ...] = ()


async def create(kafka: str, *, partitions: int = PARTITIONS, replicas: int = 1, access: Access = OPEN) -> list[str]:
    """Create the topics that are missing; returns their names. Raises Problem."""
    with _sentences(kafka):
        await require_kafka(kafka, access)
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka, **access.of_client())
        try:
            await admin.start()
            missing = sorted(TOPICS.keys() - set(await admin.list_topics()))
            asked = [
                NewTopic(
                    name,
                    num_partitions=partitions,
                    replication_factor=replicas,
                    topic_configs=TOPICS[name].settings | _safety(replicas),
                )
                for name in missing
            ]
            response = await admin.create_topics(asked) if asked else None
        finally:
            await admin.close()
    for name, code, *_ in response.topic_errors if response else ():
        if code and for_code(code) is not TopicAlreadyExistsError:
            raise Problem(f"Kafka did not create the topic {name}: {for_code(code).description}", REFUSED)
    return missing


def _safety(replicas: int) -> dict[str, str]:
    return {"min.insync.replicas": str(min(replicas, 2))}


async def state(kafka: str, access: Access = OPEN) -> list[TopicState]:
    """Return every declared topic as Kafka has it. Raises Problem."""
    with _sentences(kafka):
        await require_kafka(kafka, access)
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka, **access.of_client())
        try:
            await admin.start()
            there = sorted(TOPICS.keys() & set(await admin.list_topics()))
            described = {topic["topic"]: topic for topic in await admin.describe_topics(there)} if there else {}
            asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in there]
            settings: dict[str, dict[str, str]] = {}
            for response in await admin.describe_configs(asked) if asked else ():
                for resource in response.resources:
                    settings[resource[3]] = {entry[0]: entry[1] for entry in resource[4]}
        finally:
            await admin.close()
    return [
        TopicState(
            name,
            len(described[name]["partitions"]) if name in described else None,
            tuple(
                f"{setting} is {settings[name].get(setting)}, declared {value}"
                for setting, value in TOPICS[name].settings.items()
                if name in described and settings[name].get(setting) != value
            ),
        )
        for name in TOPICS
    ]


@contextmanager
def _sentences(kafka: str) -> Iterator[None]:
    try:
        yield
    except (KafkaError, OSError, TimeoutError) as error:
        raise no_answer("Kafka", kafka, error) from None
