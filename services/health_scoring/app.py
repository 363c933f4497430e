"""Wires health_scoring. Nothing else wires anything."""

from collections.abc import Sequence
from datetime import timedelta

from aiokafka import ConsumerRecord
from faststream.asgi import AsgiFastStream

from services.health_scoring import handlers
from services.health_scoring.config import Settings
from services.health_scoring.following import casework
from services.health_scoring.handlers import Desk
from services.health_scoring.judging import Judge
from services.health_scoring.store import forgetting, health
from services.health_scoring.sweeping import CaughtUp, Stream, Sweep
from shared import database, parking, service
from shared.clock import clock
from shared.database import Transaction
from shared.firehose import Firehose, Taken
from shared.lanes import Lanes

NAME = "health_scoring"
TOPICS = tuple(topic.name for topic in handlers.CONSUMES)


def create_app(settings: Settings) -> AsgiFastStream:
    """Return the service as an ASGI application."""
    pool = database.create_pool(
        settings.database_url.get_secret_value(), schema=NAME, connections=settings.database_connections
    )
    time = clock(settings.clock_file)
    caught_up, stream, judge = CaughtUp(settings.quiet_seconds), Stream(), Judge()
    desk = Desk(judge)

    async def apply(batch: Sequence[Taken], tx: Transaction) -> None:
        caught_up.note(await desk.keep_what_happened(batch, tx))

    lanes = Lanes(
        Firehose(NAME, pool, time, apply, inbox_days=settings.inbox_days), casework.connect(pool, time, settings.keys())
    )

    async def take(records: Sequence[ConsumerRecord]) -> None:
        with stream.in_hand():
            await lanes.take(records)
        caught_up.news.set()

    async def replay(letter: parking.Letter) -> None:
        await lanes.replay(letter)
        caught_up.news.set()

    async def forget(tx: Transaction, limit: int) -> int:
        return await forgetting.forget(tx, tx.now.date() - timedelta(days=settings.facts_days), limit=limit)

    work = service.Work(
        take=take,
        replay=replay,
        unknown=lanes.unknown,
        batch=True,
        background=lambda parts: [Sweep(parts, judge, caught_up, stream).run()],
        pending=lambda: health.count_due(pool, time()),
        forget=forget,
    )
    return service.assemble(NAME, settings, pool=pool, clock=time, topics=TOPICS, work=work)
