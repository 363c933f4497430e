"""A revenue team for tests: a broker of its own, which is restarted; a consumer, which is killed; its database."""

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from amicable.runtime import ports
from amicable.runtime.home import Home
from amicable.runtime.kafka import running_kafka
from shared import outbox
from shared.contracts.endings.terminations import TerminationFact
from shared.contracts.topics import TERMINATIONS
from tests.deployment import Service, bury, until
from tests.terminations.consumers import CONSUMERS, GROUP, SCHEMA

PARTITIONS = [TopicPartition(TERMINATIONS.name, number) for number in range(2)]
TABLES = ("acted_on", "endings", "subscriptions", "bookings", "milestones", "closings")


@dataclass
class Broker:
    """A Kafka that stops and starts again on the same port, with what it held."""

    home: Home
    port: int = field(default_factory=ports.choose)
    _running: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it and wait until it answers."""
        running = await self._running.enter_async_context(running_kafka(self.home, wanted_port=self.port))
        assert running.address == self.address

    async def stop(self) -> None:
        """Stop it and wait until it has ended."""
        await self._running.aclose()


@dataclass
class Revenue:
    """The consumer between its broker and its database."""

    broker: Broker
    consumer: Service
    database: Any

    async def publish(self, *facts: TerminationFact | tuple[TerminationFact, bytes]) -> None:
        """Publish facts in order, as the relay does; a fact may be given with another body."""
        producer = AIOKafkaProducer(bootstrap_servers=self.broker.address, acks="all", enable_idempotence=True)
        await producer.start()
        try:
            for one in facts:
                fact, body = one if isinstance(one, tuple) else (one, one.body())
                headers = [(name, value.encode()) for name, value in outbox.headers_of(fact).items()]
                await producer.send_and_wait(TERMINATIONS.name, body, key=fact.key.encode(), headers=headers)
        finally:
            await producer.stop()

    async def has_acted_on(self, *facts: TerminationFact) -> None:
        """Wait until it has acted on all of these."""
        await self.has_keys(fact.idempotency_key for fact in facts)

    async def has_keys(self, keys: Iterable[str]) -> None:
        """Wait until it has kept these keys."""
        wanted = set(keys)

        async def kept() -> bool:
            self._require_alive()
            return wanted <= await self.keys()

        await until(kept, f"acted on {sorted(wanted)}")

    async def keys(self) -> set[str]:
        """Return the keys that it has kept."""
        return {row[0] for row in await self.database.fetch("SELECT idempotency_key FROM acted_on")}

    @asynccontextmanager
    async def held_up_at(self, table: str, fact: TerminationFact) -> AsyncIterator[None]:
        """Publish a fact, and hold the consumer amid its effect: in its transaction, where it writes to a table."""
        async with self.database.transaction():
            await self.database.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            await self.publish(fact)

            async def waits() -> bool:
                self._require_alive()
                return bool(
                    await self.database.fetchval(
                        "SELECT count(*) FROM pg_stat_activity"
                        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
                    )
                )

            await until(waits, f"the consumer writes to {table}")
            yield

    async def kill(self) -> None:
        """kill -9."""
        await self.consumer.kill()

    async def start_again(self) -> None:
        """Start the consumer where another died; Kafka is told of that, who would find out some seconds later."""
        await bury(self.broker.address, GROUP)
        self.consumer.start()

    async def caught_up(self) -> None:
        """Wait until the offset of everything is committed."""

        async def everything() -> bool:
            self._require_alive()
            committed, ends = await self.offsets()
            return committed == ends

        await until(everything, "everything is committed")

    async def offsets(self) -> tuple[dict[TopicPartition, int], dict[TopicPartition, int]]:
        """Return how far the group has committed, and where the partitions end."""
        async with self._group() as group:
            ends = await group.end_offsets(PARTITIONS)
            return {one: await group.committed(one) or 0 for one in PARTITIONS}, ends

    async def begin_anew(self) -> None:
        """Set the offsets of the group, which nobody is in, to the beginning."""
        async with self._group() as group:
            group.assign(PARTITIONS)
            await group.commit(dict.fromkeys(PARTITIONS, 0))

    @asynccontextmanager
    async def _group(self) -> AsyncIterator[Any]:
        group = AIOKafkaConsumer(bootstrap_servers=self.broker.address, group_id=GROUP, enable_auto_commit=False)
        await group.start()
        try:
            yield group
        finally:
            await group.stop()

    async def state(self) -> dict[str, list[dict[str, Any]]]:
        """Return all that it keeps."""
        return {
            table: [dict(row) for row in await self.database.fetch(f"SELECT * FROM {table} ORDER BY 1")]
            for table in TABLES
        }

    def _require_alive(self) -> None:
        process = self.consumer.process
        if process is not None and process.poll() is not None:
            raise AssertionError(f"the consumer ended; its log ends:\n{self.consumer.log.read_text()[-3000:]}")


@asynccontextmanager
async def revenue(language: str, database: str, folder: Path) -> AsyncIterator[Revenue]:
    """Run the consumer of a language. database: an administrator's DSN of one of its own."""
    broker = Broker(Home(folder / "kafka"))
    await broker.start()
    connection = await asyncpg.connect(database)
    consumer = CONSUMERS[language](broker.address, database, folder)
    try:
        await connection.execute(SCHEMA)
        await _create_topic(broker.address)
        consumer.start()
        yield Revenue(broker, consumer, connection)
    finally:
        await consumer.kill()
        await connection.close()
        await broker.stop()


async def _create_topic(kafka: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    try:
        await admin.start()
        await admin.create_topics([NewTopic(TERMINATIONS.name, num_partitions=len(PARTITIONS), replication_factor=1)])
    finally:
        await admin.close()
