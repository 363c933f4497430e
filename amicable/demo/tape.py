"""Reads what the services published, from the beginning of their topics, and then what is new each time."""

from collections.abc import Collection, Sequence
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.errors import KafkaError

from amicable.problems import Problem, no_answer
from shared.contracts.event import Message
from shared.contracts.reading import Invalid, Unknown, read
from shared.contracts.topics import Topic
from shared.kafka_access import OPEN, Access


class Tape:
    """A place in some topics; belongs to no consumer group, so that nobody's offsets move. Raises Problem."""

    def __init__(self, kafka: str, topics: Sequence[Topic], access: Access = OPEN) -> None:
        """Begin at the beginning."""
        self._kafka = kafka
        self._access = access
        self._topics = {topic.name: topic for topic in topics}

    async def __aenter__(self) -> Self:
        """Connect."""
        try:
            await self._require_topics()
            self._consumer = self._new_consumer(*self._topics)
            try:
                await self._consumer.start()
            except BaseException:
                await self._consumer.stop()
                raise
        except (KafkaError, OSError) as error:
            raise no_answer("Kafka", self._kafka, error) from None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        await self._consumer.stop()

    async def news(self) -> list[Message]:
        """Return every message up to the ends of the topics as they are now that was not returned before."""
        return [message for record in await self._records() if (message := self._message(record)) is not None]

    async def having(self, ids: Collection[str]) -> list[Message]:
        """Return the new messages that have one of these ids, and leave the others unread."""
        wanted = {event_id.encode() for event_id in ids}
        records = [record for record in await self._records() if dict(record.headers).get("ce_id") in wanted]
        return [message for record in records if (message := self._message(record)) is not None]

    def _new_consumer(self, *topics: str) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            *topics,
            bootstrap_servers=self._kafka,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            **self._access.of_client(),
        )

    async def _require_topics(self) -> None:
        """Raise a Problem where a topic is missing, for which a consumer would wait."""
        asking = self._new_consumer()
        try:
            await asking.start()
            missing = sorted(self._topics.keys() - await asking.topics())
        finally:
            await asking.stop()
        if missing:
            names = ", ".join(missing)
            raise Problem(f"Kafka at {self._kafka} does not have {names}: make the topics with `amicable topics`.")

    async def _records(self) -> list[ConsumerRecord]:
        found: list[ConsumerRecord] = []
        try:
            ends = await self._consumer.end_offsets(sorted(self._consumer.assignment()))
            while any([await self._consumer.position(place) < end for place, end in ends.items()]):
                for records in (await self._consumer.getmany(timeout_ms=200)).values():
                    found += records
        except (KafkaError, OSError) as error:
            raise no_answer("Kafka", self._kafka, error) from None
        return found

    def _message(self, record: ConsumerRecord) -> Message | None:
        """Return what the record says; None for a type that is not known here."""
        message = read(self._topics[record.topic], record.value)
        if isinstance(message, Invalid):
            raise Problem(f"{record.topic}, partition {record.partition}, offset {record.offset}: {message}.")
        return None if isinstance(message, Unknown) else message
