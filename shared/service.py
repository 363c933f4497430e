"""A service at work: from checked surroundings through consuming and publishing to a drained stop.

Each service's `app.py` chooses the parts; here is the order in which they start, and in which they stop: consumers
first (what is in hand is finished), then background work, then the outbox is drained, then the pool is closed.
"""

import asyncio
import gc
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog
import uvicorn
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from faststream.asgi import AsgiFastStream

from shared import database, inbox, kafka_access, kafka_entry, parked_news, parking, relay, replayer
from shared.clock import Clock
from shared.contracts.topics import TOPICS
from shared.database import Pool, Transaction
from shared.kafka_access import Access
from shared.leases import Leases, forget_members
from shared.messaging import Intake, Take, create_broker
from shared.outbox import bucket_of
from shared.readiness import Check, Readiness
from shared.relay import Relay
from shared.settings import ServiceSettings

DRAIN_OUTBOX_SECONDS = 5.0
HOUSEKEEPING_SECONDS = 3600.0
SURROUNDINGS_SECONDS = 30.0

log = structlog.get_logger(__name__)


Forget = Callable[[Transaction, int], Awaitable[int]]


class CannotStart(Exception):
    """Something that the service needs is missing or wrong; the text says what to do."""


@dataclass(frozen=True)
class Parts:
    """What background work of a service can use."""

    pool: Pool
    clock: Clock
    leases: Leases
    intake: Intake


@dataclass(frozen=True)
class Work:
    """What a service does: how it takes records, and what else it does meanwhile.

    unknown: how many records were passed over, by type, because it is not known here. background: loops that run
    until cancelled. pending: how many things are due by the clock and not yet done. forget: removes what is too old, at
    most so many, and returns how many; asked again until there are fewer. checks: what else must hold to be ready.
    """

    take: Take
    replay: replayer.Replay
    unknown: Mapping[str, int]
    batch: bool = False
    background: Callable[[Parts], Iterable[Coroutine[Any, Any, None]]] = lambda _: ()
    pending: Callable[[], Awaitable[int]] | None = None
    forget: Forget | None = None
    checks: Callable[[], Sequence[Check]] = tuple


async def _nothing_pending() -> int:
    return 0


def assemble(
    name: str, settings: ServiceSettings, *, pool: Pool, clock: Clock, topics: Sequence[str], work: Work
) -> AsgiFastStream:
    """Wire a service into one ASGI application; nothing connects before its lifespan begins."""
    access = settings.kafka_access()
    broker = create_broker(settings.kafka, name, access)
    intake = Intake(broker, name, topics, work.take, batch=work.batch)
    leases = Leases(pool)
    outgoing = Relay(pool, name, leases, lambda: relay.producer(settings.kafka, name, access))
    readiness = Readiness(
        name, pool, intake, clock, work.pending or _nothing_pending, unknown=work.unknown, more=work.checks
    )
    parts = Parts(pool, clock, leases, intake)

    @asynccontextmanager
    async def lifespan(**_: Any) -> AsyncIterator[None]:
        async with _closing(pool):
            await leases.renew()
            publishing = [_watched(leases.run(), "leases"), _watched(outgoing.run(), "relay")]
            background = [
                _watched(replayer.run(pool, leases, work.replay), "replayer"),
                _watched(_keep_house(pool, name, clock, leases, settings, work.forget), "housekeeping"),
                _watched(parked_news.run(pool, name, clock, leases), "parked news"),
                *(_watched(loop, "background") for loop in work.background(parts)),
            ]
            log.info("started", topics=list(topics))
            try:
                yield
            except BaseException as error:  # the consumer could not start: nothing would ever start it again
                log.critical("cannot consume: stopping", exc_info=error)
                os.kill(os.getpid(), signal.SIGTERM)
                raise
            finally:  # the broker has stopped: nothing is in hand
                await _cancel(background)
                await outgoing.drain(DRAIN_OUTBOX_SECONDS)
                await _cancel(publishing[::-1])
                log.info("stopped")

    return AsgiFastStream(broker, asgi_routes=readiness.routes(), lifespan=lifespan, logger=None)


@asynccontextmanager
async def _closing(pool: Pool) -> AsyncIterator[None]:
    await pool
    try:
        yield
    finally:
        try:
            async with asyncio.timeout(5):
                await pool.close()
        except TimeoutError:
            pool.terminate()


def _watched(loop: Coroutine[Any, Any, None], what: str) -> asyncio.Task[None]:
    """Run background work; should it die, stop the whole service rather than go on half alive."""

    def ended(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.critical("background work died: stopping", exc_info=error, kind=what)
            os.kill(os.getpid(), signal.SIGTERM)

    task = asyncio.create_task(loop, name=what)
    task.add_done_callback(ended)
    return task


async def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _keep_house(
    pool: Pool, schema: str, clock: Clock, leases: Leases, settings: ServiceSettings, forget: Forget | None
) -> None:
    """Forget what is old, once an hour, in the replica that holds the first bucket."""
    while True:
        if bucket_of("") in leases.buckets:
            try:
                await keep_house(pool, schema, clock, settings, forget=forget)
            except Exception as error:
                if not database.is_transient(error):
                    raise
                log.warning("housekeeping postponed", exc_info=error)
        await asyncio.sleep(HOUSEKEEPING_SECONDS)


async def keep_house(  # what is kept for how long
    pool: Pool,
    schema: str,
    clock: Clock,
    settings: ServiceSettings,
    *,
    forget: Forget | None = None,
    chunk: int = 10_000,
) -> None:
    """Forget all that is old now, some at a time, so that nobody waits long."""

    async def prune(tx: Transaction, limit: int) -> int:
        return await inbox.prune(tx, settings.inbox_days, limit=limit)

    for some in (prune, forget):
        gone = chunk
        while some is not None and gone >= chunk:
            async with database.transaction(pool, schema, clock()) as tx:
                gone = await some(tx, chunk)
    await parking.erase_secrets(pool)
    gone = chunk
    while gone == chunk:
        gone = await relay.purge(pool, settings.outbox_days, limit=chunk)
    await forget_members(pool)


def collect_rarely() -> None:
    """Have Python look for cycles far more rarely than it does by itself.

    A batch makes tens of thousands of objects without a cycle, each looked at several times: measured, it is a fourth
    of the lane's CPU time. What the start has made is not looked at any more.
    """
    gc.freeze()
    gc.set_threshold(10_000, 10, 5)


async def serve(name: str, settings: ServiceSettings, app: AsgiFastStream, topics: Sequence[str]) -> None:
    """Check the surroundings, then serve until SIGTERM or SIGINT. Raises CannotStart."""
    if (gap := kafka_access.danger(settings.kafka, settings.kafka_access())) is not None:
        log.warning(gap, host=settings.kafka)
    await _require_database(name, settings)
    await _require_kafka(name, settings, topics)
    collect_rarely()
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=settings.http_host,
            port=settings.http_port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=5,
        )
    )
    await server.serve()


async def _require_database(schema: str, settings: ServiceSettings) -> None:
    async def ask() -> None:
        connection = await database.connect(settings.database_url.get_secret_value())
        try:
            await database.require_schema_on(connection, schema)
        finally:
            await connection.close()

    try:
        await _patiently(ask)
    except database.SchemaBehind as behind:
        raise CannotStart(str(behind)) from None
    except database.UNREACHABLE as error:
        raise CannotStart(
            f"Postgres does not let {schema} in ({type(error).__name__}): check {schema.upper()}_DATABASE_URL."
        ) from None


async def _require_kafka(name: str, settings: ServiceSettings, topics: Sequence[str]) -> None:
    kafka, access = settings.kafka, settings.kafka_access()
    written = {topic.name for topic in TOPICS.values() if name in topic.producers}

    async def ask() -> dict[str, int]:
        await kafka_entry.knock(kafka, access)
        there = await _partitions({*topics, *written}, kafka, access)
        await kafka_entry.require_reading(kafka, access, name, there.keys() & set(topics))
        return there

    try:
        there: dict[str, int] = await _patiently(ask)
    except kafka_entry.NotLetIn as why:
        raise CannotStart(str(why)) from None
    except (KafkaError, OSError, TimeoutError) as error:
        raise CannotStart(
            f"Kafka does not answer at {kafka} ({type(error).__name__}): check the address, and KAFKA_TLS."
        ) from None
    _require_alike({*topics, *written}, there, access)


async def _partitions(names: set[str], kafka: str, access: Access) -> dict[str, int]:
    """Return how many partitions each of the topics has, without those that are not there or not shown to us."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka, **access.of_client())
    try:
        await admin.start()
        there = sorted(names & set(await admin.list_topics()))
        described = await admin.describe_topics(there) if there else []
        return {topic["topic"]: len(topic["partitions"]) for topic in described}
    finally:
        await admin.close()


def _require_alike(names: set[str], there: dict[str, int], access: Access) -> None:
    if missing := sorted(names - there.keys()):
        shown = f", or does not show it to {access.user}: `amicable acls`" if access.user else ""
        raise CannotStart(f"Kafka has no topic {missing[0]}: run `amicable topics`{shown}.")
    if len(set(there.values())) > 1:  # then a customer's partition is not the same everywhere, nor is its owner
        most, least = max(there, key=lambda name: there[name]), min(there, key=lambda name: there[name])
        raise CannotStart(
            f"Topics need equally many partitions: {most} has {there[most]}, {least} has {there[least]}."
            " Make the smaller ones anew."
        )


async def _patiently(ask: Callable[[], Awaitable[Any]]) -> Any:
    """Ask until it answers, for at most half a minute: at start-up neighbours may be starting too."""
    deadline = asyncio.get_running_loop().time() + SURROUNDINGS_SECONDS
    while True:
        try:
            return await ask()
        except (*database.UNREACHABLE, KafkaError) as error:
            if isinstance(error, database.LOCKED_OUT) or asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(0.3)
