"""Today: who needs me, what waits for my word, what changed since I last looked."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from fastapi import FastAPI, Request
from fastapi.responses import Response

from services.console.page.desk import Desk, Visit
from services.console.page.paging import Paging, page_number
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
    of_team = len(csms) > 1
    page = page_number(visit.request)
    asked, total = await stored.customers_who_need(tx, csms, limit=PAGE, offset=(page - 1) * PAGE)
    decisions = await stored.decisions_for(tx, me)
    before = await stored.visit(tx, me.person_id)
    since = before or tx.now - A_WEEK
    changes = await stored.changed_since(tx, me.person_id, since, limit=CHANGES)
    return visit.page(
        "today.html",
        greeting=_greeting(visit),
        asked=asked,
        total=total,
        late=sum(1 for one in asked if one.urgency == "late"),
        paging=Paging(page, PAGE, total, "/?" + ("of=me&" if me.leads and not of_team else "")),
        decisions=decisions,
        changes=changes,
        before=before,
        since=since,
        of_team=of_team,
        names=await reading.names(tx),
    )


def csms_of(visit: Visit) -> tuple[str, ...]:
    """Return whose customers are asked for: of a manager the team's too, unless only their own are wanted."""
    me, scope = visit.person, visit.request.query_params.get("of", "")
    return (me.person_id, *me.leads) if scope != "me" else (me.person_id,)


def _greeting(visit: Visit) -> str:
    hour = visit.write.now.astimezone(ZoneInfo(visit.person.time_zone)).hour
    part = "morning" if hour < 12 else "afternoon" if 12 <= hour < 18 else "evening"
    return f"Good {part}, {visit.person.name.split()[0]}"
