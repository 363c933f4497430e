"""The casework lane: what people decide about. One message, one transaction, the customer locked first.

A handler is registered per type and topic: `@case.on(HEALTH, RiskDetected)`. Inbox, order, lock, transaction, retries,
parking, answers to commands and their actors are done here, once.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import structlog
from aiokafka import ConsumerRecord
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shared import actors, database, inbox, outbox, parking
from shared.clock import Clock
from shared.contracts.answers import CommandAccepted, CommandRejected
from shared.contracts.event import Command, DomainEvent, Message, Problem, Snapshot
from shared.contracts.topics import TOPICS, Kind, Topic
from shared.database import Pool, Transaction
from shared.logs import place
from shared.messaging import HANDLER_SECONDS, TryAgain
from shared.parking import Record
from shared.reading import CommandIds, Invalid, Unknown, command_ids, read

ATTEMPTS = 3  # for a record that fails by itself, before it is parked
PATIENCE_SECONDS = 10.0  # for surroundings that fail, before the record is handed back to Kafka

M = TypeVar("M", bound=Message)
Handler = Callable[[Any, Transaction], Awaitable[Any]]
log = structlog.get_logger(__name__)


class Refused(Exception):
    """A command cannot be carried out now: why, and every condition that is not met."""

    def __init__(self, code: str, title: str, *unmet: str) -> None:
        """`code` is for programs, `title` one sentence for people, `unmet` what would have to be true."""
        super().__init__(title)
        self.problem = Problem(code=code, title=title, unmet=unmet)


@dataclass(frozen=True)
class Done:
    """What an accepted command made or changed."""

    subject_id: str
    revision: int


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
        self._unknown = casework.unknown
        self._handlers = handlers
        self._pool = pool
        self._clock = clock
        self._keys = actor_keys

    async def take(self, records: Sequence[ConsumerRecord]) -> None:
        """Take records one by one; TryAgain if the surroundings failed."""
        for record in records:
            with _log_context(record):
                await self._patiently(record)

    async def replay(self, letter: parking.Letter) -> None:
        """Take a kept record again."""
        with _log_context(letter):
            await self._patiently(letter, quiet=not letter.send)
            async with self._transaction() as tx:
                await parking.give_up(tx, letter)

    async def _patiently(self, record: Record, *, quiet: bool = False) -> None:
        """Retry with growing, jittered pauses; then hand back (surroundings) or park (the record itself)."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        attempt = 0
        while True:
            attempt += 1
            try:
                async with asyncio.timeout(HANDLER_SECONDS) as limit:
                    await self._once(record, quiet=quiet)
            except Exception as error:
                surroundings = database.is_transient(error) and not limit.expired()
                log.warning("record not taken", exc_info=error, attempt=attempt)
                if surroundings and asyncio.get_running_loop().time() > deadline:
                    raise TryAgain from error
                if not surroundings and attempt >= ATTEMPTS:
                    await self._park(record, error)
                    return
                await asyncio.sleep(random.uniform(0.02, min(2.0, 0.05 * 2**attempt)))  # noqa: S311
            else:
                return

    async def _once(self, record: Record, *, quiet: bool) -> None:
        topic = TOPICS[record.topic]
        message = read(topic, record.value)
        if isinstance(message, Unknown):
            self._unknown[message.type] += 1
            return
        async with self._transaction(quiet=quiet) as tx:
            if isinstance(message, Invalid):
                await self._keep_invalid(tx, topic, record, message)
                return
            structlog.contextvars.bind_contextvars(
                event_type=message.type, correlation_id=getattr(message, "correlation_id", message.event_id)
            )
            await database.lock_customer(tx, message.key)
            await self._dispatch(tx, topic, record, message)

    async def _keep_invalid(self, tx: Transaction, topic: Topic, record: Record, problem: Invalid) -> None:
        await parking.keep(tx, record, "invalid", str(problem))
        log.warning("record kept: not a message of its topic", problem=problem.reason, where=problem.pointer)
        ids = command_ids(record.value or b"") if topic.kind is Kind.COMMAND else None
        if ids is not None:
            await self._answer(tx, topic, ids, Problem(code="invalid", title=f"Not a command: {problem}."))

    async def _dispatch(self, tx: Transaction, topic: Topic, record: Record, message: Message) -> None:
        if isinstance(message, Command):
            await self._command(tx, topic, record, message)
        elif isinstance(message, DomainEvent) and not isinstance(message, Snapshot):
            await self._numbered(tx, topic, record, message)
        elif await inbox.take(tx, message):
            await self._handle(tx, message, topic)
            await parking.resolve(tx, record)

    async def _numbered(self, tx: Transaction, topic: Topic, record: Record, event: DomainEvent) -> None:
        verdict, expected = await inbox.order(tx, topic.name, event)
        if verdict is inbox.Order.STALE:
            await parking.keep(tx, record, "stale", "belongs to an epoch of its producer that is over", event)
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
        ids = CommandIds(command.event_id, command.customer_id)
        try:
            person = self._prove(record, command)
        except actors.NotProved as unproved:
            await self._answer(tx, topic, ids, Problem(code="not_proved", title=f"Refused: {unproved}."))
            return
        if not await inbox.take(tx, command):
            return
        try:
            async with tx.connection.transaction():  # a savepoint: a refused command leaves nothing behind
                done = await self._handle(replace(tx, actor=person), command, topic)
        except Refused as refused:
            await self._answer(tx, topic, ids, refused.problem)
        else:
            await self._answer(tx, topic, ids, done)

    def _prove(self, record: Record, command: Command) -> str:
        token = dict(record.headers).get(actors.HEADER)
        if token is None:
            raise actors.NotProved("the command carries no token of who asks")
        return actors.verify(
            token.decode("utf-8", "replace"),
            self._keys,
            command_id=command.event_id,
            body=record.value or b"",
            appended_at=datetime.fromtimestamp(record.timestamp / 1000, UTC),
        )

    async def _answer(self, tx: Transaction, topic: Topic, ids: CommandIds, result: Done | Problem) -> None:
        common = {
            "customer_id": ids.customer_id,
            "command_id": ids.command_id,
            "source": self._schema,
            "occurred_at": tx.now,
            "correlation_id": ids.command_id,
            "causation_id": ids.command_id,
        }
        answers = topic.name.replace(".commands.", ".answers.")
        if isinstance(result, Problem):
            log.info("command refused", code=result.code)
            await outbox.add(tx, answers, CommandRejected.model_validate({**common, "problem": result}))
        else:
            accepted = {**common, "subject_id": result.subject_id, "revision": result.revision}
            await outbox.add(tx, answers, CommandAccepted.model_validate(accepted))

    async def _park(self, record: Record, error: Exception) -> None:
        """Keep a record whose handling failed by itself; what follows it of its customer becomes a gap."""
        message = read(TOPICS[record.topic], record.value)
        reason = f"{type(error).__name__} at {place(error)}"
        try:
            async with self._transaction() as tx:
                if isinstance(message, Message):
                    await database.lock_customer(tx, message.key)
                    if isinstance(message, DomainEvent) and not isinstance(message, Snapshot):
                        await inbox.hold_back(tx, record.topic, message)
                known = message if isinstance(message, Message) else None
                await parking.keep(tx, record, "poison", reason, known)
                if isinstance(message, Command):
                    failed = Problem(
                        code="failed", title="The command could not be carried out; it is kept for a look."
                    )
                    ids = CommandIds(message.event_id, message.customer_id)
                    await self._answer(tx, TOPICS[record.topic], ids, failed)
        except Exception as failure:
            raise TryAgain from failure
        log.error("record parked", problem=reason)

    def _transaction(self, *, quiet: bool = False) -> Any:
        return database.transaction(self._pool, self._schema, self._clock(), quiet=quiet)


@contextmanager
def _log_context(record: Record) -> Iterator[None]:
    """Name the record in every line that is logged while it is handled; what is bound meanwhile ends with it."""
    with structlog.contextvars.bound_contextvars(topic=record.topic, partition=record.partition, offset=record.offset):
        try:
            yield
        finally:
            structlog.contextvars.unbind_contextvars("event_type", "correlation_id")
