"""Notifications that a person was sent, and what is known of them."""

from datetime import datetime

from fastapi import FastAPI, Request
from fastapi.responses import Response

from services.console.page.desk import Desk, Visit
from services.console.store import records

PAGE = 40


def add_routes(app: FastAPI, desk: Desk) -> None:
    """Add the address of notifications."""

    @app.get("/notifications")
    async def show(request: Request) -> Response:
        async with desk.visit(request) as visit:
            return await _show(visit)


async def _show(visit: Visit) -> Response:
    try:
        before = datetime.fromisoformat(visit.request.query_params.get("before", ""))
    except ValueError:
        before = None
    if before is not None and before.tzinfo is None:
        before = None
    found = await records.notices(visit.tx, limit=PAGE, before=before)
    more = found[-1]["at"].isoformat() if len(found) == PAGE else None
    return visit.page("notifications.html", notices=found, more=more)
