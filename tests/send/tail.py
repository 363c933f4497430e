"""Reads what was written to topics of a shared Kafka since a moment."""

from typing import Self

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition


class Tail:
    """Everything that is written to the topics from `start` on."""

    def __init__(self, kafka: str, topics: list[str]) -> None:
        """`topics`: names of topics that exist."""
        self._kafka, self._topics = kafka, topics
        self._begin: dict[TopicPartition, int] = {}

    async def start(self) -> Self:
        """Note where the topics end now."""
        async with AIOKafkaConsumer(bootstrap_servers=self._kafka) as consumer:
            cluster = await consumer._client.fetch_all_metadata()
            partitions = [TopicPartition(name, n) for name in self._topics for n in cluster.partitions_for_topic(name)]
            self._begin = await consumer.end_offsets(partitions)
        return self

    async def of_key(self, topic: str, key: str) -> list[ConsumerRecord]:
        """Return the records of a key, in order."""
        return [record for record in await self.read(topic) if record.key == key.encode()]

    async def read(self, topic: str) -> list[ConsumerRecord]:
        """Return the topic's records until now, in order of partition and offset."""
        partitions = sorted(place for place in self._begin if place.topic == topic)
        found: dict[TopicPartition, list[ConsumerRecord]] = {place: [] for place in partitions}
        async with AIOKafkaConsumer(bootstrap_servers=self._kafka, enable_auto_commit=False) as consumer:
            consumer.assign(partitions)
            for place in partitions:
                consumer.seek(place, self._begin[place])
            ends = await consumer.end_offsets(partitions)
            while any([await consumer.position(place) < ends[place] for place in partitions]):
                for place, records in (await consumer.getmany(timeout_ms=200)).items():
                    found[place] += records
        return [record for records in found.values() for record in records]
