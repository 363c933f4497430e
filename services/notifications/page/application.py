"""The page as an ASGI application. A look changes nothing: programs that scan mails follow every link."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp

from services.notifications.domain.choices import Choices, Timing
from services.notifications.domain.urgency import URGENCIES, Urgency
from services.notifications.handlers import choosing
from services.notifications.links import Links, NotOurs, Right
from services.notifications.page import rendering
from services.notifications.store import choosing as kept
from shared import database, people
from shared.clock import Clock
from shared.commands import Refused
from shared.database import Pool, Transaction
from shared.page.shield import Shield

ROUTES = (LINK, ROBOTS, STYLE) = ("/n/{token}", "/robots.txt", "/page.css")
AT_ONCE = 3  # transactions: the service's own work needs connections too

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Site:
    """What the page works with."""

    pool: Pool
    clock: Clock
    links: Links
    turns: asyncio.Semaphore

    async def show(self, token: str) -> Response:
        """Ask whether it is meant. Raises NotOurs, Refused."""
        right = self.links.read(token)
        async with self.turns, database.transaction(self.pool, "notifications", self.clock()) as tx:
            choices = await _require_good(right, tx)
            hand = await choosing.hand_of(tx, right.of, right.person_id) if right.act == "take" else None
        return HTMLResponse(rendering.question(right, hand, already=_fewer(right)(choices) == choices))

    async def act(self, token: str) -> Response:
        """Do it; once or often is the same. Raises NotOurs, Refused."""
        right = self.links.read(token)
        key = right.of if right.act == "take" else right.person_id
        async with self.turns, database.transaction(self.pool, "notifications", self.clock()) as tx:
            await database.lock_customer(tx, key)
            await _require_good(right, tx)
            if right.act == "take":
                hand = await choosing.take_in_hand(tx, right.of, right.person_id, causation_id=f"link:{right.of}")
            else:
                hand = None
                await choosing.keep_changed(tx, right.person_id, _fewer(right), causation_id=f"link:{right.of}")
        log.info("a link was used", kind=right.act)
        return HTMLResponse(rendering.done(right, hand))


async def _require_good(right: Right, tx: Transaction) -> Choices:
    """Return what the person chose. Raises Refused where they have left, and NotOurs where their links were taken back
    since it was made.
    """
    people.require_active(await people.find(tx, right.person_id))
    choices, _ = await kept.of(tx, right.person_id)
    if choices.links_from is not None and (right.made_at is None or right.made_at < choices.links_from):
        raise NotOurs
    return choices


def _fewer(right: Right) -> Callable[[Choices], Choices]:
    """What came at once comes once a day; what came in a digest, and is not urgent, comes no more. Critical things come
    all the same.
    """

    def less(urgency: Urgency, timing: Timing) -> Timing:
        if right.of == "digest":
            return "never" if urgency != "high" and timing in {"hourly", "daily", "weekly"} else timing
        return "daily" if timing in {"at_once", "hourly"} else timing

    def change(before: Choices) -> Choices:
        timings: dict[Urgency, Timing] = {one: less(one, before.timing(one)) for one in URGENCIES if one != "critical"}
        return replace(before, timings={**before.timings, **timings})

    return change


def create_site(pool: Pool, clock: Clock, links: Links, *, secure: bool) -> ASGIApp:
    """Return the page as an ASGI application. secure: it is reached over TLS."""
    site = Site(pool, clock, links, asyncio.Semaphore(AT_ONCE))
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.get(LINK)
    async def show(token: str) -> Response:
        return await site.show(token)

    @app.post(LINK)
    async def act(token: str) -> Response:
        return await site.act(token)

    @app.get(ROBOTS)
    async def robots() -> Response:
        return PlainTextResponse("User-agent: *\nDisallow: /\n")

    @app.get(STYLE)
    async def style() -> Response:
        return Response(rendering.STYLE, media_type="text/css", headers={"cache-control": "public, max-age=86400"})

    _add_troubles(app)
    return Shield(app, secure=secure)


def _add_troubles(app: FastAPI) -> None:
    async def nothing(_: Request, __: Exception) -> Response:
        return HTMLResponse(rendering.plain("Nothing here", "This link does nothing: it is too old, or not whole."),
                            HTTPStatus.NOT_FOUND)  # fmt: skip

    async def failed(_: Request, error: Exception) -> Response:
        log.error("the page failed", exc_info=error)
        return HTMLResponse(rendering.plain("One moment", "Please try again in a minute."),
                            HTTPStatus.SERVICE_UNAVAILABLE)  # fmt: skip

    for kind in (NotOurs, Refused):
        app.add_exception_handler(kind, nothing)
    app.add_exception_handler(HTTPStatus.NOT_FOUND.value, nothing)
    for trouble in (*database.UNREACHABLE, Exception):
        app.add_exception_handler(trouble, failed)
