"""The page as an ASGI application: its addresses."""

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.types import ASGIApp

from services.action_plans.keeping import Keeper
from services.action_plans.page.forms import Forged
from services.action_plans.page.site import ACTS, SCHEMA, Site
from shared.clock import Clock
from shared.database import Pool
from shared.page.answers import plain
from shared.page.application import create_page
from shared.page.door import Door


def create_site(pool: Pool, clock: Clock, keeper: Keeper, *, company: str, secure: bool) -> ASGIApp:
    """Return the page as an ASGI application. secure: it is reached over TLS."""
    site = Site(Door(pool, clock, SCHEMA), keeper, company)

    def add_routes(app: FastAPI) -> None:
        _add_routes(app, site)

    return create_page(add_routes, site.door, secure=secure)


def _add_routes(app: FastAPI, site: Site) -> None:
    @app.get("/p/{token}")
    async def show(request: Request, token: str) -> Response:
        return await site.show(request, token)

    @app.get("/p/{token}/{name}")
    async def download(request: Request, token: str, name: str) -> Response:
        return await site.download(request, token, name)

    @app.post("/p/{token}/{what}")
    async def act(request: Request, token: str, what: str) -> Response:
        return await site.act(request, token, what) if what in ACTS else site.door.missed(request)

    @app.get("/documents/{token}/{name}")
    async def document(request: Request, token: str, name: str) -> Response:
        return await site.document(request, token, name)

    @app.exception_handler(Forged)
    async def forged(_: Request, __: Exception) -> Response:
        return plain(HTTPStatus.BAD_REQUEST)
