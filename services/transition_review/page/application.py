"""The page as an ASGI application: its addresses, and what is said of an ending that was withdrawn."""

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from starlette.types import ASGIApp

from services.transition_review.documents.gathering import Company
from services.transition_review.page.reading import Withdrawn
from services.transition_review.page.site import SCHEMA, Site
from shared.clock import Clock
from shared.database import Pool
from shared.page.application import create_page
from shared.page.door import Door
from shared.page.rendering import plain_page


def create_site(pool: Pool, clock: Clock, company: Company, *, secure: bool) -> ASGIApp:
    """Return the page as an ASGI application. secure: it is reached over TLS."""
    site = Site(Door(pool, clock, SCHEMA), company)

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

    @app.get("/documents/{token}/{name}")
    async def document(request: Request, token: str, name: str) -> Response:
        return await site.document(request, token, name)

    @app.exception_handler(Withdrawn)
    async def withdrawn(_: Request, __: Exception) -> Response:
        says = (
            f"{site.company.name} has withdrawn its notice: the contract goes on. Questions? Ask whoever talked to you."
        )
        return HTMLResponse(plain_page("The notice is withdrawn", says), HTTPStatus.GONE)
