"""How the system itself is, for administrators: feeds that stopped, records that could not be taken, how far we are."""

from fastapi import FastAPI, Request
from fastapi.responses import Response

from services.console.page.desk import Desk, Missing, Visit
from services.console.store import system as stored


def add_routes(app: FastAPI, desk: Desk) -> None:
    """Add the address of the system."""

    @app.get("/system")
    async def show(request: Request) -> Response:
        async with desk.visit(request) as visit:
            return await _show(visit)


async def _show(visit: Visit) -> Response:
    if "admin" not in visit.person.roles:
        raise Missing
    return visit.page(
        "system.html",
        feeds=await stored.feeds(visit.tx),
        parked=await stored.parked(visit.tx),
        lags=await stored.lags(visit.tx),
    )
