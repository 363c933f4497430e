"""The page as an ASGI application: its addresses, and what is answered where something goes wrong."""

import asyncio
from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from services.action_plans.keeping import Keeper
from services.action_plans.page import rendering
from services.action_plans.page.answers import plain
from services.action_plans.page.forms import Forged
from services.action_plans.page.rates import Rates
from services.action_plans.page.reading import Shut
from services.action_plans.page.shield import Shield
from services.action_plans.page.site import ACTS, AT_ONCE, Site
from shared import database
from shared.clock import Clock
from shared.database import Pool

log = structlog.get_logger(__name__)


def create_site(pool: Pool, clock: Clock, keeper: Keeper, *, company: str, secure: bool) -> ASGIApp:
    """Return the page as an ASGI application. secure: it is reached over TLS."""
    site = Site(pool, clock, keeper, company, Rates(), asyncio.Semaphore(AT_ONCE), asyncio.Semaphore(1))
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    _add_routes(app, site)
    _add_assets(app)
    _add_troubles(app, site)
    return Shield(app, secure=secure)


def _add_routes(app: FastAPI, site: Site) -> None:
    @app.get("/p/{token}")
    async def show(request: Request, token: str) -> Response:
        return await site.show(request, token)

    @app.get("/p/{token}/{name}")
    async def download(request: Request, token: str, name: str) -> Response:
        return await site.download(request, token, name)

    @app.post("/p/{token}/{what}")
    async def act(request: Request, token: str, what: str) -> Response:
        return await site.act(request, token, what) if what in ACTS else site.missed(request)


def _add_assets(app: FastAPI) -> None:
    @app.get("/page.css")
    async def style() -> Response:
        return Response(rendering.STYLE, media_type="text/css", headers={"cache-control": "public, max-age=86400"})

    @app.get("/robots.txt")
    async def robots() -> Response:
        return PlainTextResponse("User-agent: *\nDisallow: /\n")


def _add_troubles(app: FastAPI, site: Site) -> None:
    @app.exception_handler(Shut)
    async def shut(request: Request, _: Exception) -> Response:
        return site.missed(request)

    @app.exception_handler(HTTPException)
    async def nothing(request: Request, error: HTTPException) -> Response:
        if error.status_code == HTTPStatus.NOT_FOUND and request.url.path.startswith("/p/"):
            return site.missed(request)
        return plain(HTTPStatus.NOT_FOUND)

    @app.exception_handler(Forged)
    async def forged(_: Request, __: Exception) -> Response:
        return plain(HTTPStatus.BAD_REQUEST)

    async def failed(_: Request, error: Exception) -> Response:
        log.error("the page failed", exc_info=error)
        busy = database.is_transient(error)
        return plain(HTTPStatus.SERVICE_UNAVAILABLE if busy else HTTPStatus.INTERNAL_SERVER_ERROR)

    for kind in (*database.UNREACHABLE, Exception):
        app.add_exception_handler(kind, failed)
