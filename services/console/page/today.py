"""Today: who needs me, what waits for my word, what changed since I last looked."""

from datetime import datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import FastAPI, Request
from fastapi.responses import Response

from services.console.page.desk import Desk, Visit
from services.console.page.paging import Paging, moment, page_of, place, place_after
from services.console.store import reading
from services.console.store import today as stored

PAGE = 25
CHANGES = 30
A_WEEK = timedelta(days=7)  # of changes for somebody who was never here


def add_routes(app: FastAPI, desk: Desk) -> None:
    """Add the address of the day."""

    @app.get("/")
    async def show(request: Request) -> Response:
        async with desk.visit(request) as visit:
            return await _show(visit)


async def _show(visit: Visit) -> Response:
    me, tx = visit.person, visit.tx
    csms = csms_of(visit)
    asked, of_asked = await page_of(
        visit.request,
        lambda offset: stored.customers_who_need(tx, csms, limit=PAGE, offset=offset),
        Paging(1, PAGE, 0, _address(visit, "page"), part="#need"),
    )
    decisions, of_decisions = await page_of(
        visit.request,
        lambda offset: stored.decisions_for(tx, me, limit=PAGE, offset=offset),
        Paging(1, PAGE, 0, _address(visit, "decisions"), name="decisions", part="#word"),
    )
    older = place(visit.request)
    # Whoever goes on reading is on the visit on which they began.
    before = moment(visit.request.query_params.get("since", "")) if older else await stored.visit(tx, me.person_id)
    since = before or tx.now - A_WEEK
    changes = await stored.changed_since(tx, me.person_id, since, limit=CHANGES, before=older)
    return visit.page(
        "today.html",
        greeting=_greeting(visit),
        asked=asked,
        of_asked=of_asked,
        decisions=decisions,
        of_decisions=of_decisions,
        changes=changes,
        more=_older(visit, since, changes[-1]) if len(changes) == CHANGES else None,
        before=before,
        since=since,
        of_team=len(csms) > 1,
        names=await reading.names(tx),
    )


def csms_of(visit: Visit) -> tuple[str, ...]:
    """Return whose customers are asked for: of a manager the team's too, unless only their own are wanted."""
    me, scope = visit.person, visit.request.query_params.get("of", "")
    return (me.person_id, *me.team) if scope != "me" else (me.person_id,)


def _address(visit: Visit, besides: str) -> str:
    """Return the address of the day with the other pages that are turned to, but for `besides`."""
    asked = visit.request.query_params
    kept = {name: asked[name] for name in ("of", "page", "decisions") if name in asked and name != besides}
    return f"/?{urlencode(kept)}{'&' * bool(kept)}"


def _older(visit: Visit, since: datetime, last: stored.Happening) -> str:
    """Return the address at which the list of what changed goes on."""
    going_on = {"since": since.isoformat(), "before": place_after(last.at, last.event_id)}
    return f"{_address(visit, '')}{urlencode(going_on)}#changed"


def _greeting(visit: Visit) -> str:
    hour = visit.write.now.astimezone(ZoneInfo(visit.person.time_zone)).hour
    part = "morning" if hour < 12 else "afternoon" if 12 <= hour < 18 else "evening"
    return f"Good {part}, {visit.person.name.split()[0]}"
