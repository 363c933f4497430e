"""Portfolio: the customers in a table, as a file, and what is at stake in them."""

from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import parse_qsl

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from services.console.page import charts
from services.console.page.desk import Desk, Visit
from services.console.page.exports import MARK, portfolio_csv
from services.console.page.flow import months_of
from services.console.page.forms import form_of
from services.console.page.paging import Paging, page_of
from services.console.page.wanted import DEFAULTS, LONGEST, RENEWALS, query_of, wanted_of
from services.console.store import portfolio as stored
from services.console.store import value, views
from services.console.store.portfolio import LINE_DAYS, PAGE, STEPS, Wanted

FALL = -5  # points in 30 days: from here on it stands out


def add_routes(app: FastAPI, desk: Desk) -> None:
    """Add the addresses of the portfolio."""

    @app.get("/portfolio")
    async def show(request: Request) -> Response:
        async with desk.visit(request) as visit:
            return await _show(visit, wanted_of(request.query_params))

    @app.get("/portfolio.csv")
    async def download(request: Request) -> Response:
        async with desk.visit(request) as visit:
            return await portfolio_csv(visit, MARK)

    @app.get("/portfolio/value")
    async def at_stake(request: Request) -> Response:
        async with desk.visit(request) as visit:
            return await _value(visit)

    @app.get("/portfolio/views")
    async def refused() -> Response:
        """Lead back whoever looks again after a view was not kept."""
        return RedirectResponse("/portfolio", HTTPStatus.SEE_OTHER)

    @app.post("/portfolio/views")
    async def save(request: Request) -> Response:
        form = await form_of(request)
        wanted = wanted_of(dict(parse_qsl(form.get("query", "")[:2000])))
        async with desk.visit(request) as visit:
            name = " ".join(form.get("name", "").split())[:LONGEST]
            wrong = await _saved(visit, name, wanted)
            if wrong:
                return await _show(visit, wanted, name, wrong)
        return RedirectResponse(f"/portfolio?{query_of(wanted)}", HTTPStatus.SEE_OTHER)

    @app.post("/portfolio/views/{view_id}/remove")
    async def remove(request: Request, view_id: str) -> Response:
        async with desk.visit(request) as visit:
            await views.remove(visit.tx, visit.person.person_id, view_id)
        return RedirectResponse("/portfolio", HTTPStatus.SEE_OTHER)


async def _saved(visit: Visit, name: str, wanted: Wanted) -> str:
    """Save a view; returns why it is not, nothing where it is."""
    if not name or not name.isprintable():
        return "A view has a name, in letters that can be seen."
    if await views.save(visit.tx, visit.person.person_id, name, query_of(wanted)):
        return ""
    return f"You have {views.MOST} saved views, and more are not kept: remove one above, and save this one again."


async def _show(visit: Visit, wanted: Wanted, name: str = "", wrong: str = "") -> Response:
    """Show the table. name, wrong: of a view that could not be saved, and why."""
    query = query_of(wanted)
    part, paging = await page_of(
        visit.request,
        lambda offset: stored.some(visit.tx, wanted, limit=PAGE, offset=offset),
        Paging(1, PAGE, 0, f"/portfolio?{query}{'&' * bool(query)}"),
    )
    scores = await stored.score_lines(visit.tx, [line.customer_id for line in part.found])
    until = visit.tx.now.date()
    return visit.page(
        "portfolio.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        lines=part.found,
        sparks={id_: charts.sparkline(days, until, LINE_DAYS) for id_, days in scores.items()},
        wanted=wanted,
        query=query,
        sorted_by=lambda name: _sorted(wanted, name),
        choices=await stored.choices(visit.tx),
        views=await views.of_person(visit.tx, visit.person.person_id),
        paging=paging,
        name=name,
        wrong=wrong,
        RENEWALS=RENEWALS,
        FALL=FALL,
        STEPS=STEPS,
        is_chosen=query_of(replace(wanted, sort=DEFAULTS.sort, down=DEFAULTS.down)) != "",
        soon=until + timedelta(days=90),
    )


def _sorted(wanted: Wanted, name: str) -> str:
    """Return the address that sorts by a column; the other way round if it is the one already."""
    down = not wanted.down if wanted.sort == name else name in {"revenue", "confidence"}
    return f"/portfolio?{query_of(replace(wanted, sort=name, down=down))}"


async def _value(visit: Visit) -> Response:
    tx = visit.tx
    flow = await value.band_flow(tx)
    return visit.page(
        "value.html",
        segments=await value.by_segment(tx),
        reasons=await value.by_reason(tx),
        MOST_REASONS=value.MOST_REASONS,
        months=months_of(flow, tx.now.date()),
        saved=await value.save_rate(tx),
    )
