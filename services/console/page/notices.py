"""Notifications that a person was sent, and what is known of them."""

from fastapi import FastAPI, Request
from fastapi.responses import Response

from services.console.page.desk import Desk, Visit
from services.console.page.paging import place, place_after
from services.console.store import records

PAGE = 40


def add_routes(app: FastAPI, desk: Desk) -> None:
    """Add the address of notifications."""

    @app.get("/notifications")
    async def show(request: Request) -> Response:
        async with desk.visit(request) as visit:
            return await _show(visit)


async def _show(visit: Visit) -> Response:
    found = await records.notices(visit.tx, limit=PAGE, before=place(visit.request))
    more = place_after(found[-1]["at"], found[-1]["notice_id"]) if len(found) == PAGE else None
    return visit.page("notifications.html", notices=found, more=more)
