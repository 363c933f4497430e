"""The casework lane: what people decide about. One message, one transaction, the customer locked first.

A handler is registered per type and topic: `@case.on(HEALTH, RiskDetected)`. Inbox, order, lock, transaction, retries,
parking, answers to commands and their actors are done here, once.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import structlog
from aiokafka import ConsumerRecord
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shared import commands, database, inbox, outbox, parking
from shared.actors import NotProved
from shared.clock import Clock
from shared.commands import Done, Refused, command_ids, ids_of
from shared.contracts.event import Command, Fact, Message, Problem, Unnumbered
from shared.contracts.reading import Invalid, Unknown, read
from shared.contracts.topics import TOPICS, Kind, Topic
from shared.database import Pool, Transaction
from shared.logs import place
from shared.messaging import HANDLER_SECONDS, TryAgain
from shared.parking import Record, not_kept, record_context
from shared.reading import ahead, numbered

__all__ = ["Casework", "Done", "Lane", "Refused"]

ATTEMPTS = 3  # for a record that fails by itself, before it is parked
PATIENCE_SECONDS = 8.0  # for surroundings that fail, before the record is handed back to Kafka
PARK_SECONDS = 5.0

M = TypeVar("M", bound=Message)
Handler = Callable[[Any, Transaction], Awaitable[Any]]
log = structlog.get_logger(__name__)


class Casework:
    """The lane of one service: its handlers by topic and type."""

    def __init__(self, service: str) -> None:
        """A lane without handlers; `connect` gives it what it works with."""
        self.service = service
        self._handlers: dict[str, dict[str, Handler]] = {}
        self.unknown: Counter[str] = Counter()

    def on(self, topic: Topic, kind: type[M]) -> Callable[[Handler], Handler]:
        """Register the handler of a message type."""
        if kind not in topic.types:
            raise TypeError(f"{kind.__name__} does not travel on {topic.name}")

        def register(handler: Handler) -> Handler:
            self._handlers.setdefault(topic.name, {})[kind.model_fields["type"].default] = handler
            return handler

        return register

    @property
    def topics(self) -> tuple[str, ...]:
        """The names of the topics that have handlers."""
        return tuple(self._handlers)

    def connect(self, pool: Pool, clock: Clock, actor_keys: Mapping[str, Ed25519PublicKey] | None = None) -> "Lane":
        """Return the lane at work."""
        return Lane(self, self._handlers, pool, clock, actor_keys or {})


class Lane:
    """Takes records: each is handled, ignored, or parked with its reason, and never lost."""

    def __init__(
        self,
        casework: Casework,
        handlers: Mapping[str, Mapping[str, Handler]],
        pool: Pool,
        clock: Clock,
        actor_keys: Mapping[str, Ed25519PublicKey],
    ) -> None:
        """See `Casework.connect`."""
        self._schema = casework.service
        self.unknown = casework.unknown
        self._handlers = handlers
        self._pool = pool
        self._clock = clock
        self._keys = actor_keys
        self._overruns: Counter[tuple[str, int, int]] = Counter()

    @property
    def topics(self) -> frozenset[str]:
        """The names of the topics that have handlers."""
        return frozenset(self._handlers)

    async def take(self, records: Sequence[ConsumerRecord]) -> None:
        """Take records one by one; TryAgain if the surroundings failed."""
        for record in records:
            with record_context(record):
                await self._patiently(record, quiet=_is_quiet(record))

    async def replay(self, letter: parking.Letter) -> None:
        """Take a kept record again; TryAgain if the surroundings failed."""
        with record_context(letter):
            await self._patiently(letter, quiet=not letter.send or _is_quiet(letter))

    async def _patiently(self, record: Record, *, quiet: bool = False) -> None:
        """Retry with growing, jittered pauses; then hand back (surroundings) or park (the record itself).

        All in all it takes less than the rebalance timeout, so that no other process owns the record meanwhile.
        """
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        attempt = 0
        while True:
            attempt += 1
            try:
                async with asyncio.timeout(HANDLER_SECONDS) as limit:
                    await self._once(record, quiet=quiet)
            except Exception as error:
                log.warning("record not taken", exc_info=error, attempt=attempt)
                if limit.expired():
                    await self._overran(record, error)
                    return
                surroundings = database.is_transient(error)
                late = asyncio.get_running_loop().time() > deadline
                if surroundings and late:
                    raise TryAgain from error
                if not surroundings and (late or attempt >= ATTEMPTS):
                    await self._park(record, error)
                    return
                await asyncio.sleep(random.uniform(0.02, min(2.0, 0.05 * 2**attempt)))  # noqa: S311
            else:
                self._overruns.pop(_place(record), None)
                return

    async def _overran(self, record: Record, error: Exception) -> None:
        """Hand back a record that took too long; park it when it did so again and again while Postgres answers."""
        if await database.answers(self._pool):
            self._overruns[_place(record)] += 1
        if self._overruns[_place(record)] < ATTEMPTS:
            raise TryAgain from error
        await self._park(record, error)
        del self._overruns[_place(record)]

    async def _once(self, record: Record, *, quiet: bool) -> None:
        topic = TOPICS[record.topic]
        message = read(topic, record.value)
        if topic.kind is Kind.UPSTREAM and isinstance(message, Message):
            message = ahead(message.occurred_at, self._clock()) or message
        known = message if isinstance(message, Message) else None
        fact = known or (numbered(topic, record.value) if topic.kind is Kind.DOMAIN else None)
        if fact is not None:
            structlog.contextvars.bind_contextvars(
                event_type=fact.type if known else "unknown",
                correlation_id=getattr(fact, "correlation_id", fact.event_id),
            )
        async with self._transaction(quiet=quiet, sends=isinstance(record, parking.Letter) and record.by_hand) as tx:
            if fact is not None:
                await database.lock_customer(tx, fact.key)
            if isinstance(message, Invalid):
                await self._keep_invalid(tx, topic, record, message, fact)
            elif isinstance(message, Unknown):
                await self._pass_over(tx, topic, record, fact)
            else:
                await self._dispatch(tx, topic, record, message)
        if isinstance(message, Unknown):
            self.unknown[message.type] += 1
            log.info("a type that is not known here was passed over", count=self.unknown[message.type])

    async def _pass_over(self, tx: Transaction, topic: Topic, record: Record, fact: Message | None) -> None:
        """Ignore a type that is not known here, but count its number: what follows must not wait for it."""
        if isinstance(fact, Fact):
            await self._numbered(tx, topic, record, fact)
        else:
            await parking.give_up(tx, record)

    async def _keep_invalid(
        self, tx: Transaction, topic: Topic, record: Record, problem: Invalid, fact: Message | None
    ) -> None:
        """Keep a record that cannot be read. Where its number can be, it holds up its customer's later ones."""
        log.warning("record kept: not a message of its topic", problem=problem.reason, where=problem.pointer)
        if isinstance(fact, Fact):
            await inbox.hold_back(tx, topic.name, fact)
            await parking.keep(tx, record, "poison", str(problem), fact)
            return
        await parking.keep(tx, record, "invalid", str(problem))
        ids = command_ids(record.value) if topic.kind is Kind.COMMAND else None
        if ids is not None:
            await commands.refuse(
                tx, topic, record, ids, Problem(code="invalid", title=f"Not a command: {problem}."[:500])
            )

    async def _dispatch(self, tx: Transaction, topic: Topic, record: Record, message: Message) -> None:
        if isinstance(message, Fact) and not isinstance(message, Unnumbered):
            await self._numbered(tx, topic, record, message)
            return
        if isinstance(message, Command):
            await self._command(tx, topic, record, message)
        elif await inbox.take(tx, message):
            await self._handle(tx, message, topic)
        await parking.resolve(tx, record)

    async def _numbered(self, tx: Transaction, topic: Topic, record: Record, event: Fact) -> None:
        verdict, expected = await inbox.order(tx, topic.name, event)
        if verdict is inbox.Order.STALE:
            await parking.keep(tx, record, "stale", "belongs to an epoch of its producer that is over", event)
            log.warning("event parked", kind="stale")
            return
        if verdict is inbox.Order.GAP:
            behind = await parking.is_behind(tx, topic.name, event.key)
            reason = f"number {event.seq} came where {expected} was expected"
            await parking.keep(tx, record, "behind" if behind else "gap", reason, event)
            log.warning("event parked", kind="behind" if behind else "gap")
            return
        if verdict is inbox.Order.NEXT:
            await inbox.advance(tx, topic.name, event)
            if await inbox.take(tx, event):
                await self._handle(tx, event, topic)
            await parking.call_next(tx, topic.name, event)
        await parking.resolve(tx, record)

    async def _handle(self, tx: Transaction, message: Message, topic: Topic) -> Any:
        handler = self._handlers[topic.name].get(message.type)
        return await handler(message, tx) if handler else None

    async def _command(self, tx: Transaction, topic: Topic, record: Record, command: Command) -> None:
        ids = ids_of(command)
        try:
            person = commands.prove(record, command, self._keys)
        except NotProved as unproved:
            await commands.refuse(tx, topic, record, ids, Problem(code="not_proved", title=f"Refused: {unproved}."))
            return
        if not await inbox.take(tx, command):
            await commands.answer_again(tx, topic, ids)
            return
        try:
            async with tx.connection.transaction():  # a savepoint: a refused command leaves nothing behind
                done = await self._handle(replace(tx, actor=person), command, topic)
        except Refused as refused:
            await commands.answer(tx, topic, ids, refused.problem, uses_the_id=True)
        else:
            await commands.answer(tx, topic, ids, done, uses_the_id=True)

    async def _park(self, record: Record, error: Exception) -> None:
        """Keep a record whose handling failed by itself; what follows it of its customer becomes a gap."""
        topic = TOPICS[record.topic]
        message = read(topic, record.value)
        known = message if isinstance(message, Message) else None
        reason = f"{type(error).__name__} at {place(error)}"
        try:
            async with asyncio.timeout(PARK_SECONDS), self._transaction() as tx:
                if known is not None:
                    await database.lock_customer(tx, known.key)
                    if await inbox.knows(tx, known):  # an attempt that was cut short had been committed
                        await parking.resolve(tx, record)
                        return
                    if isinstance(known, Fact) and not isinstance(known, Unnumbered):
                        await inbox.hold_back(tx, topic.name, known)
                await parking.keep(tx, record, "poison", reason, known)
                if isinstance(known, Command):
                    await commands.refuse(tx, topic, record, ids_of(known), commands.FAILED)
        except Exception as failure:
            raise not_kept(record, failure) from failure
        log.error("record parked", problem=reason)

    def _transaction(self, *, quiet: bool = False, sends: bool = False) -> Any:
        return database.transaction(self._pool, self._schema, self._clock(), quiet=quiet, sends=sends)


def _place(record: Record) -> tuple[str, int, int]:
    return record.topic, record.partition, record.offset


def _is_quiet(record: Record) -> bool:
    """Tell whether a fact follows from a quiet replay; on a topic that only a service of ours writes."""
    return TOPICS[record.topic].kind in {Kind.DOMAIN, Kind.RELEASE} and outbox.QUIET in dict(record.headers)
