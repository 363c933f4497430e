"""Wires transition_review. Nothing else wires anything."""

from faststream.asgi import AsgiFastStream

from services.transition_review import handlers
from services.transition_review.config import Settings
from services.transition_review.documents.gathering import Company
from services.transition_review.handlers import alternatives, hearing
from services.transition_review.page.application import create_site
from services.transition_review.policies.reading import policy_of
from services.transition_review.store import forgetting, transitions
from services.transition_review.sweeping import Sweep
from shared import database, service
from shared.clock import clock
from shared.page.serving import PageServer

NAME = hearing.NAME
TOPICS = tuple(topic.name for topic in handlers.CONSUMES)


def create_app(settings: Settings) -> AsgiFastStream:
    """Return the service as an ASGI application."""
    pool = database.create_pool(
        settings.database_url.get_secret_value(), schema=NAME, connections=settings.database_connections
    )
    time = clock(settings.clock_file)
    policy = policy_of(settings.policy_file)
    site = create_site(pool, time, Company(settings.company, settings.reach_us), secure=settings.page_secure)
    page = PageServer(site, settings.page_host, settings.page_port, proxies=settings.page_proxies)
    lane = hearing.casework(policy, settings.company, settings.page_origin).connect(pool, time, settings.keys())
    work = service.Work(
        take=lane.take,
        replay=lane.replay,
        unknown=lane.unknown,
        background=lambda parts: [Sweep(parts, NAME).run(), alternatives.tell_kept_before(parts), page.run()],
        pending=lambda: transitions.count_due(pool, time()),
        forget=forgetting.forget,
        checks=lambda: [page.check()],
    )
    return service.assemble(NAME, settings, pool=pool, clock=time, topics=TOPICS, work=work)
