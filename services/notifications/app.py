"""Wires notifications. Nothing else wires anything."""

from faststream.asgi import AsgiFastStream

from services.notifications import delivery, handlers, store
from services.notifications.config import Settings
from services.notifications.smtp import Smtp
from shared import database, service
from shared.clock import clock

NAME = "notifications"
TOPICS = tuple(topic.name for topic in handlers.CONSUMES)


def create_app(settings: Settings) -> AsgiFastStream:
    """Return the service as an ASGI application."""
    pool = database.create_pool(
        settings.database_url.get_secret_value(), schema=NAME, connections=settings.database_connections
    )
    time = clock(settings.clock_file)
    lane = handlers.casework.connect(pool, time)
    password = settings.smtp_password.get_secret_value() if settings.smtp_password else None
    channel = Smtp(
        settings.smtp_host, settings.smtp_port, tls=settings.smtp_tls, user=settings.smtp_user, password=password
    )
    work = service.Work(
        take=lane.take,
        replay=lane.replay,
        unknown=lane.unknown,
        background=lambda parts: [delivery.run(parts, channel, settings.sender)],
        pending=lambda: store.count_due(pool),
    )
    return service.assemble(NAME, settings, pool=pool, clock=time, topics=TOPICS, work=work)
