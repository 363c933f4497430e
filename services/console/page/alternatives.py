"""The catalogue of alternatives: for everybody to read, for some to keep."""

from fastapi import FastAPI, Request
from fastapi.responses import Response

from services.console.page.acting import alternatives
from services.console.page.acting.surroundings import about_alternatives, sheets_of
from services.console.page.desk import Desk


def add_routes(app: FastAPI, desk: Desk) -> None:
    """Add the address of the catalogue."""

    @app.get(f"/{alternatives.PAGE}")
    async def show(request: Request) -> Response:
        async with desk.visit(request) as visit:
            about = await about_alternatives(visit)
            acts = await sheets_of(visit, about)
            return visit.page("alternatives.html", acts=acts, alternatives=about.alternatives)
