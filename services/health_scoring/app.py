"""Wires health_scoring. Nothing else wires anything."""

from collections.abc import Sequence

from aiokafka import ConsumerRecord
from faststream.asgi import AsgiFastStream

from services.health_scoring import handlers, scoring, store
from services.health_scoring.config import Settings
from services.health_scoring.scoring import CaughtUp
from shared import database, service
from shared.clock import clock
from shared.database import Transaction
from shared.firehose import Firehose, Taken

NAME = "health_scoring"
TOPICS = tuple(topic.name for topic in handlers.CONSUMES)


def create_app(settings: Settings) -> AsgiFastStream:
    """Return the service as an ASGI application."""
    pool = database.create_pool(
        settings.database_url.get_secret_value(), schema=NAME, connections=settings.database_connections
    )
    time = clock(settings.clock_file)
    caught_up = CaughtUp(time, settings.quiet_seconds)

    async def apply(batch: Sequence[Taken], tx: Transaction) -> None:
        caught_up.note(list(batch))
        await handlers.keep_what_happened(batch, tx)

    lane = Firehose(NAME, pool, time, apply)

    async def take(records: Sequence[ConsumerRecord]) -> None:
        await lane.take(records)
        caught_up.news.set()

    work = service.Work(
        take=take,
        replay=lane.replay,
        unknown=lane.unknown,
        batch=True,
        background=lambda parts: [scoring.run(parts, caught_up)],
        pending=lambda: store.count_due(pool, time()),
    )
    return service.assemble(NAME, settings, pool=pool, clock=time, topics=TOPICS, work=work)
