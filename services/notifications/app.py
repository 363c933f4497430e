"""Wires notifications. Nothing else wires anything."""

from faststream.asgi import AsgiFastStream

from services.notifications import delivery, handlers, store
from services.notifications.channels.opening import opened
from services.notifications.channels.smtp import Server, Smtp
from services.notifications.config import Settings
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
    server = Server(
        settings.smtp_host, settings.smtp_port, settings.smtp_tls, settings.smtp_user, password, settings.smtp_ca_file
    )
    channels = opened(
        Smtp(server, settings.sender),
        pool,
        time,
        webhook_keys=settings.webhook_keys.get_secret_value() if settings.webhook_keys else None,
        allowed=settings.outbound_allowed,
        ca=settings.outbound_ca_file,
    )
    work = service.Work(
        take=lane.take,
        replay=lane.replay,
        unknown=lane.unknown,
        background=lambda parts: [delivery.run(parts, channels["mail"])],
        pending=lambda: store.count_due(pool),
    )
    return service.assemble(NAME, settings, pool=pool, clock=time, topics=TOPICS, work=work)
