"""Reads what the services published, from the beginning of their topics, and then what is new each time."""

from collections.abc import Collection, Sequence
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.errors import KafkaError

from amicable.problems import Problem
from shared.contracts.event import Message
from shared.contracts.reading import Invalid, Unknown, read
from shared.contracts.topics import TOPICS, Topic


class Tape:
    """A place in some topics; belongs to no consumer group, so that nobody's offsets move. Raises Problem."""

    def __init__(self, kafka: str, topics: Sequence[Topic]) -> None:
        """Begin at the beginning."""
        self._kafka = kafka
        self._topics = topics
        self._consumer = AIOKafkaConsumer(
            *(topic.name for topic in topics),
            bootstrap_servers=kafka,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )

    async def __aenter__(self) -> Self:
        """Connect."""
        try:
            await self._consumer.start()
        except (KafkaError, OSError) as error:
            await self._consumer.stop()
            raise Problem(f"Kafka does not answer at {self._kafka} ({type(error).__name__}): is it running?") from None
        there = {place.topic for place in self._consumer.assignment()}
        for topic in self._topics:
            if topic.name not in there:
                await self._consumer.stop()
                raise Problem(f"Kafka at {self._kafka} has no topic {topic.name}: make it with `amicable topics`.")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        await self._consumer.stop()

    async def news(self) -> list[Message]:
        """Return every message up to the ends of the topics as they are now that was not returned before."""
        return [message for record in await self._records() if (message := _message(record)) is not None]

    async def having(self, ids: Collection[str]) -> list[Message]:
        """Return the new messages that have one of these ids, and leave the others unread."""
        wanted = {event_id.encode() for event_id in ids}
        records = [record for record in await self._records() if dict(record.headers).get("ce_id") in wanted]
        return [message for record in records if (message := _message(record)) is not None]

    async def _records(self) -> list[ConsumerRecord]:
        ends = await self._consumer.end_offsets(sorted(self._consumer.assignment()))
        found: list[ConsumerRecord] = []
        while any([await self._consumer.position(place) < end for place, end in ends.items()]):
            for records in (await self._consumer.getmany(timeout_ms=200)).values():
                found += records
        return found


def _message(record: ConsumerRecord) -> Message | None:
    """Return what the record says; None for a type that is not known here."""
    message = read(TOPICS[record.topic], record.value)
    if isinstance(message, Invalid):
        raise Problem(f"{record.topic}, partition {record.partition}, offset {record.offset}: {message}.")
    return None if isinstance(message, Unknown) else message
