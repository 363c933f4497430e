"""Wires transition_review. Nothing else wires anything."""

from faststream.asgi import AsgiFastStream

from services.transition_review import handlers
from services.transition_review.config import Settings
from shared import database, service
from shared.clock import clock

NAME = "transition_review"
TOPICS = tuple(topic.name for topic in handlers.CONSUMES)


def create_app(settings: Settings) -> AsgiFastStream:
    """Return the service as an ASGI application."""
    pool = database.create_pool(
        settings.database_url.get_secret_value(), schema=NAME, connections=settings.database_connections
    )
    time = clock(settings.clock_file)
    lane = handlers.casework.connect(pool, time)
    work = service.Work(take=lane.take, replay=lane.replay, unknown=lane.unknown)
    return service.assemble(NAME, settings, pool=pool, clock=time, topics=TOPICS, work=work)
