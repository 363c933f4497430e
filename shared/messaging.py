"""How services listen to Kafka: one subscriber per service for all of its topics, built so that nothing is lost.

What is fixed here, and why, is in docs/architecture/messaging.md; a service chooses only topics and what to do.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import IllegalStateError, KafkaError, TopicAuthorizationFailedError
from faststream import BaseMiddleware
from faststream.exceptions import NackMessage
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.middlewares import AckPolicy
from faststream.security import BaseSecurity, SASLScram512

from shared.kafka_access import OPEN, Access

# All that may be done with a record in hand < a request's patience (others wait in theirs to join the group) <
# rebalance timeout < max poll interval, or a slow handler loops for ever.
HANDLER_SECONDS = 20.0
REQUEST_MS = 40_000
REBALANCE_MS = 60_000
MAX_POLL_MS = 300_000
DRAIN_SECONDS = 25.0
BATCH = 6000  # records handed over at most; the lane takes them in pieces, one beside the other
METADATA_MS = 60_000  # so long after a right was given back its topic is read again

log = structlog.get_logger(__name__)
Take = Callable[[Sequence[ConsumerRecord]], Awaitable[None]]


class TryAgain(Exception):
    """Nothing was taken, and waiting may mend it: the records are to be delivered again."""


class Stuck(TryAgain):
    """Nothing was taken, and without somebody's help it will not be; the text says what stands in the way."""


class SanitiseHeaders(BaseMiddleware):
    """Makes every header readable text: a null or non-UTF-8 one would fail parsing, and the next ack pass the record.

    `reply_to` is dropped: it would let a sender choose where we publish.
    """

    async def on_receive(self) -> None:
        """Replace the records' headers in place."""
        records = self.msg if isinstance(self.msg, tuple) else (self.msg,)
        for record in records:
            record.headers = tuple(
                (name, (value or b"").decode("utf-8", "replace").encode())
                for name, value in record.headers
                if name != "reply_to"
            )


class Intake(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """A service's one subscriber: hands records to `take`, one batch at a time, and commits after it returned.

    While partitions are taken away it waits for the batch in hand, so that two owners never overlap.
    """

    def __init__(self, broker: KafkaBroker, service: str, topics: Sequence[str], take: Take, *, batch: bool) -> None:
        """Declare the subscriber on `broker`; nothing is consumed before the broker starts."""
        self._take = take
        self._in_hand = asyncio.Lock()
        self._held: Counter[TopicPartition] = Counter()
        self._assigned_since: float | None = None
        self._failing_since: float | None = None
        self._unreadable_since: float | None = None
        self._stuck: dict[TopicPartition, str] = {}
        self._refused: dict[str, float] = {}
        self._topics = tuple(topics)
        self._heard_at = float("-inf")
        fixed: dict[str, Any] = {
            "group_id": service,
            "ack_policy": AckPolicy.NACK_ON_ERROR,
            "auto_offset_reset": "earliest",
            "no_reply": True,
            "listener": self,
            "partition_assignment_strategy": (RangePartitionAssignor,),
            "rebalance_timeout_ms": REBALANCE_MS,
            "max_poll_interval_ms": MAX_POLL_MS,
            "session_timeout_ms": 10_000,
            "fetch_max_wait_ms": 100,
            "decoder": _as_it_is,
        }
        if batch:
            self._subscriber: Any = broker.subscriber(
                *topics, batch=True, max_records=BATCH, batch_timeout_ms=100,
                max_partition_fetch_bytes=4 * 1024 * 1024, **fixed,
            )  # fmt: skip
        else:
            self._subscriber = broker.subscriber(*topics, **fixed)
        self._subscriber(self._handle)
        self._fetch = self._subscriber.get_msg
        self._subscriber.get_msg = self._get

    @property
    def subscriber(self) -> Any:
        """FastStream's subscriber."""
        return self._subscriber

    @property
    def consumer(self) -> Any:
        """The aiokafka consumer, None before the start."""
        return self._subscriber.consumer

    async def _get(self, consumer: Any) -> Any:
        """Fetch; what cannot even be fetched stands still with a pause and is seen by readiness.

        (aiokafka does not read a header whose name is not UTF-8; FastStream would begin again thousands of times. It
        tells once per refused partition and fetch that a topic may not be read.)
        """
        try:
            return await self._fetch(consumer)
        except ValueError:
            self._unreadable_since = self._unreadable_since or time.monotonic()
            log.exception("a record cannot be fetched")
        except TopicAuthorizationFailedError as refused:
            self._refused[str(refused.args[0])] = time.time()
            log.warning("Kafka does not let us read a topic", topic=str(refused.args[0]))
        await asyncio.sleep(1)
        return None

    async def _handle(self, message: KafkaMessage) -> None:
        raw = message.raw_message
        records = raw if isinstance(raw, tuple) else (raw,)
        try:
            await self._in_turn(message, records)
        except Exception as error:
            if not isinstance(error, TryAgain):
                log.exception("records handed back: the lane should not have failed")
            if self._owns(records):
                self._failing_since = self._failing_since or time.monotonic()
                if isinstance(error, Stuck):
                    self._stuck |= dict.fromkeys(_partitions(records), str(error))
            await asyncio.sleep(random.uniform(0.2, 1.0))  # noqa: S311  # a rebalance need not wait for this
            raise NackMessage from None

    async def _in_turn(self, message: KafkaMessage, records: Sequence[ConsumerRecord]) -> None:
        async with self._in_hand:
            if not self._owns(records):  # fetched just before another process got their partitions
                raise TryAgain
            self._held = Counter(TopicPartition(record.topic, record.partition) for record in records)
            await self._take(records)
            self._held.clear()
            await self._commit(message)
            self._failing_since = None
            for tp in _partitions(records):
                self._stuck.pop(tp, None)

    def _owns(self, records: Sequence[ConsumerRecord]) -> bool:
        return _partitions(records) <= self.partitions

    async def _commit(self, message: KafkaMessage) -> None:
        """Commit while a rebalance still waits for us; a failure only means that the records may come again."""
        try:
            await message.ack()
            self._heard_at = time.monotonic()
        except (KafkaError, IllegalStateError) as error:
            log.warning("offsets not committed", exc_info=error)

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:  # noqa: ARG002  # aiokafka's signature
        """Wait for the batch in hand."""
        async with self._in_hand:
            self._assigned_since = None

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:  # noqa: ARG002  # as above
        """Note the assignment."""
        self._assigned_since = time.monotonic()
        self._failing_since = self._unreadable_since = None
        self._stuck.clear()
        self._refused.clear()
        self._held.clear()

    @property
    def alive(self) -> bool:
        """Whether the task that takes records runs. (aiokafka goes on fetching without it.)"""
        return any(not task.done() for task in self._subscriber.tasks)

    def seconds_failing(self) -> float:
        """Return for how long records were only handed back, or a partition stands still."""
        since = [moment for moment in (self._failing_since, self._unreadable_since) if moment is not None]
        return time.monotonic() - min(since) if since else 0.0

    @property
    def stuck(self) -> list[str]:
        """What stands in the way of a partition, and will until somebody helps: sentences."""
        return sorted(set(self._stuck.values()))

    @property
    def forbidden(self) -> list[str]:
        """The topics that Kafka refused to let this process read, or does not even show it, and has not since."""
        if self.consumer is None:
            return []
        hidden = [topic for topic in self._topics if self.consumer.partitions_for_topic(topic) is None]
        refused = [topic for topic, at in self._refused.items() if not self._answered_since(topic, at)]
        return sorted({*hidden, *refused})

    def _answered_since(self, topic: str, moment: float) -> bool:
        mine = [tp for tp in self.partitions if tp.topic == topic]
        return any((self.consumer.last_poll_timestamp(tp) or 0) > moment * 1000 for tp in mine)

    @property
    def assigned(self) -> bool:
        """Whether the group has given this process its share (which may be empty: spare processes get none)."""
        return self._assigned_since is not None

    def seconds_assigned(self) -> float:
        """Return for how long this process has had its share; 0 while it has none."""
        return time.monotonic() - self._assigned_since if self._assigned_since is not None else 0.0

    @property
    def partitions(self) -> set[TopicPartition]:
        """The partitions assigned to this process now."""
        return set(self.consumer.assignment()) if self.consumer and self._assigned_since is not None else set()

    def seconds_since_poll(self) -> float | None:
        """Return how long ago Kafka last answered a fetch or a commit, None if it never did."""
        if self._assigned_since is None:
            return None
        if not self.partitions:  # nothing to poll: a spare process is as healthy as its membership
            return 0.0
        polled = [stamp for tp in self.partitions if (stamp := self.consumer.last_poll_timestamp(tp)) is not None]
        if not polled:  # no fetch was answered yet: count from the assignment
            return time.monotonic() - self._assigned_since
        # A busy process fetches nothing while it has records at hand, but it commits.
        return min(time.time() - float(max(polled)) / 1000, time.monotonic() - self._heard_at)

    async def lag(self) -> dict[TopicPartition, int]:
        """Return how many records of each assigned partition are not yet taken: to come, or in hand."""
        behind = {}
        for tp in self.partitions:
            try:
                high = self.consumer.highwater(tp)
                # where nothing is known yet, it is not caught up
                coming = 1 if high is None else max(0, high - await self.consumer.position(tp))
                behind[tp] = coming + self._held[tp]
            except (AssertionError, IllegalStateError):  # taken away meanwhile
                continue
        return behind


def _partitions(records: Sequence[ConsumerRecord]) -> set[TopicPartition]:
    return {TopicPartition(record.topic, record.partition) for record in records}


async def _as_it_is(message: KafkaMessage) -> KafkaMessage:
    return message


def _security(access: Access) -> BaseSecurity | None:
    if access.user is not None:
        return SASLScram512(access.user, access.password, access.tls)
    return BaseSecurity(access.tls) if access.tls else None


def create_broker(kafka: str, service: str, access: Access = OPEN) -> KafkaBroker:
    """Build the service's broker: it consumes only (the relay publishes) and creates no topics."""
    return KafkaBroker(
        kafka,
        client_id=service,
        security=_security(access),
        request_timeout_ms=REQUEST_MS,
        metadata_max_age_ms=METADATA_MS,
        consumer_only=True,
        allow_auto_create_topics=False,
        ack_policy=AckPolicy.NACK_ON_ERROR,
        graceful_timeout=DRAIN_SECONDS,
        middlewares=(SanitiseHeaders,),
        apply_types=False,
        logger=None,
    )
