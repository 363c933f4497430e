"""Portfolio: the customers in a table, as a file, and what is at stake in them."""

import csv
import io
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import parse_qsl, urlencode

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from services.console.page import charts
from services.console.page.desk import Desk, Visit
from services.console.page.flow import months_of
from services.console.page.forms import form_of
from services.console.page.paging import Paging, page_number
from services.console.page.words import BAND, STEP
from services.console.store import portfolio as stored
from services.console.store import value, views
from services.console.store.portfolio import LINE_DAYS, PAGE, SORTS, STEPS, Line, Wanted

LONGEST = 100  # characters of a filter or a view's name
RENEWALS = (30, 90, 180)
FALL = -5  # points in 30 days: from here on it stands out
COLUMNS = (
    "customer_id", "name", "segment", "csm", "csm_name", "score", "band", "confidence", "trend_30", "amount",
    "currency", "period", "renews_on", "step",
)  # fmt: skip
_DEFAULTS = Wanted()
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def add_routes(app: FastAPI, desk: Desk) -> None:
    """Add the addresses of the portfolio."""

    @app.get("/portfolio")
    async def show(request: Request) -> Response:
        async with desk.visit(request) as visit:
            return await _show(visit)

    @app.get("/portfolio.csv")
    async def download(request: Request) -> Response:
        async with desk.visit(request) as visit:
            body = "".join([part async for part in _csv(visit)])
        return Response(
            body, media_type="text/csv", headers={"content-disposition": "attachment; filename=portfolio.csv"}
        )

    @app.get("/portfolio/value")
    async def at_stake(request: Request) -> Response:
        async with desk.visit(request) as visit:
            return await _value(visit)

    @app.post("/portfolio/views")
    async def save(request: Request) -> Response:
        form = await form_of(request)
        wanted = wanted_of(dict(parse_qsl(form.get("query", "")[:2000])))
        async with desk.visit(request) as visit:
            name = " ".join(form.get("name", "").split())[:LONGEST]
            if name and name.isprintable():
                await views.save(visit.tx, visit.person.person_id, name, query_of(wanted))
        return RedirectResponse(f"/portfolio?{query_of(wanted)}", HTTPStatus.SEE_OTHER)

    @app.post("/portfolio/views/{view_id}/remove")
    async def remove(request: Request, view_id: str) -> Response:
        async with desk.visit(request) as visit:
            await views.remove(visit.tx, visit.person.person_id, view_id)
        return RedirectResponse("/portfolio", HTTPStatus.SEE_OTHER)


def wanted_of(given: Mapping[str, str]) -> Wanted:
    """Return what an address asks for; what is not known asks for nothing."""
    band, step, sort = given.get("band", ""), given.get("step", ""), given.get("sort", "")
    renews = given.get("renews_within", "")
    return Wanted(
        search=_clean(given.get("search", "")),
        band=band if band in BAND else "",
        segment=_clean(given.get("segment", "")),
        csm=_clean(given.get("csm", "")),
        step=step if step in STEPS else "",
        renews_within=int(renews) if renews in {str(days) for days in RENEWALS} else 0,
        sort=sort if sort in SORTS else _DEFAULTS.sort,
        down=given.get("down", "") in {"1", "True"},
    )


def _clean(text: str) -> str:
    return "".join(char for char in text if char.isprintable()).strip()[:LONGEST]


def query_of(wanted: Wanted) -> str:
    """Return the query of an address that asks for it; without its page."""
    defaults = asdict(_DEFAULTS)
    asked = {name: value for name, value in asdict(wanted).items() if value != defaults[name] and name != "page"}
    return urlencode({name: "1" if value is True else value for name, value in asked.items()})


async def _show(visit: Visit) -> Response:
    wanted = replace(wanted_of(visit.request.query_params), page=page_number(visit.request))
    lines = await stored.page(visit.tx, wanted)
    scores = await stored.score_lines(visit.tx, [line.customer_id for line in lines])
    until = visit.tx.now.date()
    query = query_of(wanted)
    return visit.page(
        "portfolio.html",
        lines=lines,
        sparks={id_: charts.sparkline(days, until, LINE_DAYS) for id_, days in scores.items()},
        wanted=wanted,
        query=query,
        sorted_by=lambda name: _sorted(wanted, name),
        choices=await stored.choices(visit.tx),
        views=await views.of_person(visit.tx, visit.person.person_id),
        paging=Paging(wanted.page, PAGE, lines[0].total if lines else 0, f"/portfolio?{query}{'&' * bool(query)}"),
        RENEWALS=RENEWALS,
        FALL=FALL,
        STEPS=STEPS,
        is_chosen=query_of(replace(wanted, sort=_DEFAULTS.sort, down=_DEFAULTS.down)) != "",
        soon=until + timedelta(days=90),
    )


def _sorted(wanted: Wanted, name: str) -> str:
    """Return the address that sorts by a column; the other way round if it is the one already."""
    down = not wanted.down if wanted.sort == name else name in {"revenue", "confidence"}
    return f"/portfolio?{query_of(replace(wanted, sort=name, down=down))}"


async def _csv(visit: Visit) -> AsyncIterator[str]:
    """Yield the lines of a file; a cell that a spreadsheet would compute begins with an apostrophe."""
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(COLUMNS)
    async for line in stored.every(visit.tx, wanted_of(visit.request.query_params)):
        writer.writerow([cell(line, column) for column in COLUMNS])
        yield sheet.getvalue()
        sheet.seek(0)
        sheet.truncate()
    yield sheet.getvalue()


def cell(line: Line, column: str) -> str:
    """Return a cell's text; numbers of ours may begin with a minus, words may not."""
    found = getattr(line, column)
    if found is None:
        return ""
    if column == "step":
        return STEP[found]
    text = str(found)
    return f"'{text}" if isinstance(found, str) and text.startswith(_FORMULA) else text


async def _value(visit: Visit) -> Response:
    tx = visit.tx
    flow = await value.band_flow(tx)
    return visit.page(
        "value.html",
        segments=await value.by_segment(tx),
        reasons=await value.by_reason(tx),
        months=months_of(flow, tx.now.date()),
        saved=await value.save_rate(tx),
    )
