"""Wires action_plans. Nothing else wires anything."""

from faststream.asgi import AsgiFastStream

from services.action_plans import handlers
from services.action_plans.config import Settings
from services.action_plans.handlers import hearing
from services.action_plans.keeping import Keeper
from services.action_plans.page.application import create_site
from services.action_plans.signing import Signer
from services.action_plans.store import cases, forgetting
from services.action_plans.sweeping import Sweep
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
    keeper = Keeper(Signer.from_seed(settings.signing_seed.get_secret_value(), settings.signing_key_id))
    site = create_site(pool, time, keeper, company=settings.company, secure=settings.page_secure)
    page = PageServer(site, settings.page_host, settings.page_port, proxies=settings.page_proxies)
    lane = hearing.casework(keeper).connect(pool, time, settings.keys())
    work = service.Work(
        take=lane.take,
        replay=lane.replay,
        unknown=lane.unknown,
        background=lambda parts: [Sweep(parts, keeper, NAME).run(), page.run()],
        pending=lambda: cases.count_due(pool, time()),
        forget=forgetting.forget,
        checks=lambda: [page.check()],
    )
    return service.assemble(NAME, settings, pool=pool, clock=time, topics=TOPICS, work=work)
