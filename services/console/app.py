"""Wires the console. Nothing else wires anything."""

from faststream.asgi import AsgiFastStream

from services.console import handlers
from services.console.config import Settings
from services.console.following import Watch
from services.console.page.application import create_pages
from services.console.page.post import MOST as MOST_PAGES
from services.console.page.post import Post
from services.console.store import acts, keys, live, projection_health, projection_system, sessions
from shared import database, service
from shared.clock import clock
from shared.database import Transaction
from shared.firehose import Firehose
from shared.page.serving import PageServer

NAME = "console"
TOPICS = tuple(topic.name for topic in handlers.CONSUMES)


def create_app(settings: Settings) -> AsgiFastStream:
    """Return the service as an ASGI application."""
    pool = database.create_pool(
        settings.database_url.get_secret_value(), schema=NAME, connections=settings.database_connections
    )
    time = clock(settings.clock_file)
    lane = Firehose(NAME, pool, time, handlers.project, inbox_days=settings.inbox_days)
    post = Post(pool)
    pages = create_pages(pool, time, settings, post)
    server = PageServer(
        pages, settings.page_host, settings.page_port, proxies=settings.page_proxies, most_at_once=MOST_PAGES + 100
    )

    async def forget(tx: Transaction, limit: int) -> int:
        some = (
            sessions.forget,
            projection_health.forget_parts,
            projection_system.forget_parked,
            acts.forget,
            live.forget,
            keys.forget,
        )
        return max([await forget_of(tx, limit) for forget_of in some])

    work = service.Work(
        take=lane.take,
        replay=lane.replay,
        unknown=lane.unknown,
        batch=True,
        background=lambda parts: [Watch(parts, TOPICS).run(), post.run(), server.run()],
        forget=forget,
        checks=lambda: [server.check()],
    )
    return service.assemble(NAME, settings, pool=pool, clock=time, topics=TOPICS, work=work)
