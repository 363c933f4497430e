"""The console's pages as an ASGI application."""

from dataclasses import replace
from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from services.console.config import Settings
from services.console.page import (
    alternatives,
    api,
    customer,
    login,
    notices,
    oneself,
    portfolio,
    records,
    rendering,
    stream,
    system,
)
from services.console.page import today as day
from services.console.page.acting import routes as acting
from services.console.page.desk import PART, Desk, LogIn, Missing, Mixed, TooOften
from services.console.page.post import Post
from shared import database
from shared.clock import Clock
from shared.database import Pool
from shared.page.shield import BY_LOGIN, Shield

log = structlog.get_logger(__name__)
_A_YEAR = "public, max-age=31536000, immutable"
_PLAIN = {
    HTTPStatus.NOT_FOUND: ("Nothing here", "There is no such page, or it is not for you to see."),
    HTTPStatus.BAD_REQUEST: ("Not understood", "Please go back, load the page again, and try once more."),
    HTTPStatus.TOO_MANY_REQUESTS: ("Too often", "That was a lot at once. Please wait a minute, then try again."),
    HTTPStatus.SERVICE_UNAVAILABLE: ("One moment", "The console is busy. Please try again in a minute."),
    HTTPStatus.INTERNAL_SERVER_ERROR: ("Something went wrong", "It was noted. Please try again later."),
}


def create_pages(pool: Pool, clock: Clock, settings: Settings, post: Post | None = None) -> ASGIApp:
    """Return the pages as an ASGI application. post: brings news to open ones, for as long as it runs."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    desk = Desk(pool, clock, settings, post or Post(pool), settings.provider(), settings.signer())
    for part in (login, day, portfolio, customer, records, alternatives, notices, oneself, system, stream, acting):
        part.add_routes(app, desk)
    app.mount(api.PLACE, api.create_api(desk))
    _add_assets(app)
    _add_troubles(app)
    return Shield(app, secure=settings.page_secure, policy=replace(BY_LOGIN, programs_below=f"{api.PLACE}/"))


def _add_assets(app: FastAPI) -> None:
    @app.get("/assets/{name}")
    async def asset(name: str) -> Response:
        if name not in rendering.ASSETS:
            return _plain(HTTPStatus.NOT_FOUND)
        body, kind = rendering.ASSETS[name]
        return Response(body, media_type=kind, headers={"cache-control": _A_YEAR})

    @app.get("/robots.txt")
    async def robots() -> Response:
        return PlainTextResponse("User-agent: *\nDisallow: /\n")

    @app.get("/favicon.ico")
    async def icon() -> Response:
        return Response(status_code=HTTPStatus.NO_CONTENT, headers={"cache-control": _A_YEAR})


def _add_troubles(app: FastAPI) -> None:
    @app.exception_handler(LogIn)
    async def log_in(request: Request, asked: LogIn) -> Response:
        to = f"/login?to={asked.to}" if asked.to else "/login"
        if PART in request.headers:  # the page stays as it is, and says so
            return Response(status_code=HTTPStatus.UNAUTHORIZED)
        if "hx-request" in request.headers:  # a part of a page: the whole page has to go there
            return Response(status_code=HTTPStatus.UNAUTHORIZED, headers={"hx-redirect": "/login"})
        return RedirectResponse(to, HTTPStatus.SEE_OTHER)

    @app.exception_handler(Missing)
    async def missing(_: Request, __: Exception) -> Response:
        return _plain(HTTPStatus.NOT_FOUND)

    @app.exception_handler(Mixed)
    async def mixed(_: Request, __: Exception) -> Response:
        return _plain(HTTPStatus.BAD_REQUEST)

    @app.exception_handler(TooOften)
    async def too_often(_: Request, __: Exception) -> Response:
        return _plain(HTTPStatus.TOO_MANY_REQUESTS)

    @app.exception_handler(HTTPException)
    async def refused(_: Request, error: HTTPException) -> Response:
        status = HTTPStatus(error.status_code)
        return _plain(status if status in _PLAIN else HTTPStatus.NOT_FOUND)

    async def failed(_: Request, error: Exception) -> Response:
        log.error("a page failed", exc_info=error)
        busy = database.is_transient(error)
        return _plain(HTTPStatus.SERVICE_UNAVAILABLE if busy else HTTPStatus.INTERNAL_SERVER_ERROR)

    for kind in (*database.UNREACHABLE, Exception):
        app.add_exception_handler(kind, failed)


def _plain(status: HTTPStatus) -> Response:
    title, says = _PLAIN[status]
    return HTMLResponse(rendering.page("message.html", title=title, says=says), status)
