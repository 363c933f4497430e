"""Sets the console back to the beginning: its projected tables empty, its consumer group at the first records.

The offsets go first: should it be cut short after them, what is read again is known, and changes nothing.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from amicable.kafka_there import require_kafka
from amicable.problems import REFUSED, Problem, no_answer
from services.console.handlers import CONSUMES
from services.console.store.projected import TABLES
from shared import database
from shared.kafka_access import OPEN, Access

GROUP = SCHEMA = "console"
SECONDS = 60


async def rebuild(kafka: str, admin: str, access: Access = OPEN) -> tuple[tuple[str, ...], int]:
    """Empty the tables (admin: a DSN) and set the group back; returns the tables, and how many partitions there are.

    Raises Problem where the console still runs, or Kafka or Postgres do not answer.
    """
    await require_kafka(kafka, access)
    try:
        places = await _places(kafka, access)
        await _set_back(kafka, access, places)
    except KafkaError as error:
        raise no_answer("Kafka", kafka, error) from None
    await _empty(admin)
    return TABLES, len(places)


async def _places(kafka: str, access: Access) -> list[TopicPartition]:
    """Return every partition that the console reads. Raises Problem where it still runs, or a topic is missing."""
    client = AIOKafkaAdminClient(bootstrap_servers=kafka, **access.of_client())
    try:
        await client.start()
        (described,) = await client.describe_consumer_groups([GROUP])
        ((_, _, _, _, _, members, *_),) = described.groups
        if members:
            raise Problem(
                f"The console still runs ({len(members)} in its group): stop every process of it, then try again.",
                REFUSED,
            )
        names = sorted(topic.name for topic in CONSUMES)
        topics = await client.describe_topics(names)
    finally:
        await client.close()
    places = [TopicPartition(topic["topic"], one["partition"]) for topic in topics for one in topic["partitions"]]
    if missing := set(names) - {place.topic for place in places}:
        raise Problem(f"Kafka has no topic {min(missing)}: run `amicable topics`.")
    return places


async def _set_back(kafka: str, access: Access, places: Sequence[TopicPartition]) -> None:
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, group_id=GROUP, enable_auto_commit=False, **access.of_client())
    await consumer.start()
    try:
        consumer.assign(places)
        await consumer.commit(await consumer.beginning_offsets(places))
    finally:
        await consumer.stop()


async def _empty(admin: str) -> None:
    try:
        connection = await database.connect(admin)
    except database.UNREACHABLE as error:
        raise no_answer("Postgres", urlsplit(admin).netloc.rpartition("@")[2], error) from None
    try:
        names = ", ".join(f"{SCHEMA}.{table}" for table in (*TABLES, "inbox"))
        await connection.execute(f"TRUNCATE {names}", timeout=SECONDS)
    finally:
        await connection.close()
