"""Notifications that a person was sent, what became of them, and what they may take in hand by one."""

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from services.console.page.acting import taking
from services.console.page.acting.surroundings import about_notices, sheets_of
from services.console.page.desk import Desk, Visit
from services.console.page.paging import place, place_after
from services.console.store import reading, records

PAGE = 40


def add_routes(app: FastAPI, desk: Desk) -> None:
    """Add the address of notifications."""

    @app.get("/notifications")
    async def show(request: Request) -> Response:
        async with desk.visit(request) as visit:
            return await _show(visit)

    @app.get(f"/{taking.PAGE}")
    async def acted() -> Response:
        """Lead whoever has sent a form without a script back to where it was."""
        return RedirectResponse("/notifications", HTTPStatus.SEE_OTHER)


async def _show(visit: Visit) -> Response:
    found = await records.notices(visit.tx, limit=PAGE, before=place(visit.request))
    more = place_after(found[-1]["at"], found[-1]["notice_id"]) if len(found) == PAGE else None
    asks: dict[str, str] = {}  # to the first notice that asks for it: others ask for the same
    for one in found:
        if one["ask_id"] and one["taken_at"] is None:
            asks.setdefault(one["ask_id"], one["notice_id"])
    return visit.page(
        "notifications.html",
        notices=found,
        more=more,
        asking=set(asks.values()),
        acts=await sheets_of(visit, await about_notices(visit, list(asks))),
        names=await reading.names(visit.tx),
    )
