"""A page as an ASGI application: its style, and what is answered where something goes wrong."""

from collections.abc import Callable
from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from shared import database
from shared.page import rendering
from shared.page.answers import plain
from shared.page.door import Door
from shared.page.links import Shut
from shared.page.shield import Shield

OPENED_BY_TOKEN = ("/p/", "/documents/")

log = structlog.get_logger(__name__)


def create_page(add_routes: Callable[[FastAPI], None], door: Door, *, secure: bool) -> ASGIApp:
    """Return a page. add_routes: its own addresses, below OPENED_BY_TOKEN; secure: it is reached over TLS."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    add_routes(app)
    _add_assets(app)
    _add_troubles(app, door)
    return Shield(app, secure=secure)


def _add_assets(app: FastAPI) -> None:
    @app.get("/page.css")
    async def style() -> Response:
        return Response(rendering.STYLE, media_type="text/css", headers={"cache-control": "public, max-age=86400"})

    @app.get("/robots.txt")
    async def robots() -> Response:
        return PlainTextResponse("User-agent: *\nDisallow: /\n")


def _add_troubles(app: FastAPI, door: Door) -> None:
    @app.exception_handler(Shut)
    async def shut(request: Request, _: Exception) -> Response:
        return door.missed(request)

    @app.exception_handler(HTTPException)
    async def nothing(request: Request, error: HTTPException) -> Response:
        if error.status_code == HTTPStatus.NOT_FOUND and request.url.path.startswith(OPENED_BY_TOKEN):
            return door.missed(request)
        return plain(HTTPStatus.NOT_FOUND)

    async def failed(_: Request, error: Exception) -> Response:
        log.error("the page failed", exc_info=error)
        busy = database.is_transient(error)
        return plain(HTTPStatus.SERVICE_UNAVAILABLE if busy else HTTPStatus.INTERNAL_SERVER_ERROR)

    for kind in (*database.UNREACHABLE, Exception):
        app.add_exception_handler(kind, failed)
