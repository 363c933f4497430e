"""Wires notifications. Nothing else wires anything."""

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from aiokafka import ConsumerRecord
from faststream.asgi import AsgiFastStream

from services.notifications import delivery, handlers, publishing
from services.notifications.addressing import Addressing
from services.notifications.channels.channel import Channel
from services.notifications.channels.opening import opened
from services.notifications.channels.smtp import Server, Smtp
from services.notifications.config import Settings
from services.notifications.delivery import Post
from services.notifications.handlers import chosen_before, hearing
from services.notifications.links import Links, read_secrets
from services.notifications.page.application import create_site
from services.notifications.rules.reading import rules_of
from services.notifications.store import forgetting, messages
from services.notifications.writing import Writer
from shared import database, service
from shared.batches import Batches
from shared.clock import Clock, clock
from shared.database import Pool
from shared.page.serving import PageServer
from shared.service import Parts

NAME = hearing.NAME
TOPICS = tuple(topic.name for topic in handlers.CONSUMES)
WORKERS = 20  # messages on their way at once, on a channel that is not mail


def create_app(settings: Settings) -> AsgiFastStream:
    """Return the service as an ASGI application."""
    pool = database.create_pool(
        settings.database_url.get_secret_value(), schema=NAME, connections=settings.database_connections
    )
    time = clock(settings.clock_file)
    rules = rules_of(settings.rules_file)
    channels = _channels(settings, pool, time)
    by_name = {one.name: one for one in channels}
    names = frozenset(by_name)
    links = _links(settings)
    writer = Writer(rules, links, settings.console_url, brief=not settings.details, domains=settings.domains)
    lane = hearing.casework(rules, names, lambda name, address: by_name[name].wrong(address)).connect(
        pool, time, settings.keys()
    )
    batches = Batches(NAME, pool, time, lane, partial(hearing.apply, rules))

    page = _page(settings, pool, time, links) if links else None

    loops: list[Addressing] = []
    posts: list[Post] = []

    async def take(records: Sequence[ConsumerRecord]) -> None:
        """Take records, and have what follows looked at at once."""
        await batches.take(records)
        for one in loops:
            one.wake.set()

    def background(parts: Parts) -> Sequence[Coroutine[Any, Any, None]]:
        noted = asyncio.Event()
        posts.extend(Post(parts, one, writer, workers=_workers(one, settings), noted=noted) for one in channels)
        addressing = Addressing(
            parts,
            names,
            settings.most_an_hour,
            [post.wake for post in posts],
            fallback=rules.fallback,
            patience=timedelta(hours=settings.wait_hours),
        )
        loops.append(addressing)
        pages = [page.run()] if page else []
        return [
            addressing.run(),
            publishing.run(parts, noted),
            chosen_before.tell(parts),
            delivery.deliver(posts),
            *pages,
        ]

    work = service.Work(
        take=take,
        replay=lane.replay,
        unknown=lane.unknown,
        batch=True,
        background=background,
        pending=lambda: messages.count_due(pool, time()),
        forget=forgetting.after(settings.inbox_days),
        checks=lambda: [
            *([page.check()] if page else []),
            *(loop.check() for loop in loops),
            *(post.check() for post in posts),
        ],
    )
    return service.assemble(NAME, settings, pool=pool, clock=time, topics=TOPICS, work=work)


def _channels(settings: Settings, pool: Pool, time: Clock) -> list[Channel]:
    password = settings.smtp_password.get_secret_value() if settings.smtp_password else None
    server = Server(
        settings.smtp_host, settings.smtp_port, settings.smtp_tls, settings.smtp_user, password, settings.smtp_ca_file
    )
    channels = opened(
        Smtp(server, settings.sender, connections=settings.smtp_connections),
        pool,
        time,
        webhook_keys=settings.webhook_keys.get_secret_value() if settings.webhook_keys else None,
        hosts=settings.outbound_hosts,
        allowed=settings.outbound_allowed,
        ca=settings.outbound_ca_file,
    )
    return list(channels.values())


def _page(settings: Settings, pool: Pool, time: Clock, links: Links) -> PageServer:
    secure = (settings.public_url or "").startswith("https://")
    site = create_site(pool, time, links, secure=secure)
    return PageServer(site, settings.page_host, settings.page_port, proxies=settings.page_proxies)


def _workers(channel: Channel, settings: Settings) -> int:
    return settings.smtp_connections if channel.name == "mail" else WORKERS


def _links(settings: Settings) -> Links | None:
    if settings.public_url is None or settings.link_secret is None:
        return None
    return Links(settings.public_url, read_secrets(settings.link_secret.get_secret_value()))
