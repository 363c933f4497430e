"""A customer: how they are and why, what moved it, everything that happened, who they are, what was agreed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response

from services.console.page import charts
from services.console.page.acting.surroundings import about_customer, sheets_of
from services.console.page.desk import Desk, Missing, Visit
from services.console.page.exports import MARK, record_csv
from services.console.page.paging import place, place_after
from services.console.page.people import People
from services.console.page.words import SPHERE
from services.console.store import announced, reading, records
from services.console.store import customers as stored
from services.console.store.customers import LINES, NOTES, Day
from shared.contracts.health import HealthScored

CHART_DAYS = 90
MOVES = (7, 30)  # days
NAMED = 5  # moves that are named


def add_routes(app: FastAPI, desk: Desk) -> None:
    """Add the address of a customer."""

    @app.get("/customers/{customer_id}")
    async def show(request: Request, customer_id: str) -> Response:
        async with desk.visit(request) as visit:
            return await _show(visit, customer_id)

    @app.get("/customers/{customer_id}/record.csv")
    async def record(request: Request, customer_id: str) -> Response:
        async with desk.visit(request) as visit:
            return await record_csv(visit, customer_id, MARK)


async def _show(visit: Visit, customer_id: str) -> Response:
    tx = visit.tx
    customer = await stored.find(tx, customer_id)
    if customer is None:
        raise Missing
    days = await stored.days(tx, customer_id, CHART_DAYS)
    sphere = visit.request.query_params.get("show", "")
    sphere = sphere if sphere in SPHERE else ""
    lines = await stored.lines(tx, customer_id, sphere=sphere, before=place(visit.request))
    score = await stored.score(tx, customer_id)
    cases = await records.cases_of(tx, customer_id)
    studies = await stored.studies(tx, customer_id)
    notes = await stored.notes(tx, customer_id, before=place(visit.request, "notes_before"))
    return visit.page(
        "customer.html",
        customer=customer,
        studies=studies,
        acts=await sheets_of(visit, await about_customer(visit, customer_id)) if studies else {},
        word=await stored.word(tx, customer_id),
        score=score,
        parts=_parts(score),
        risk=await stored.risk(tx, customer_id),
        chart=charts.score_chart([(day.day, day.score) for day in days], tx.now.date(), CHART_DAYS),
        moves=[move for span in MOVES if (move := moved(days, span)) is not None],
        lines=lines,
        more=place_after(lines[-1].at, lines[-1].event_id) if len(lines) == LINES else None,
        shown=sphere,
        notes=notes,
        more_notes=place_after(notes[-1].at, notes[-1].note_id) if len(notes) == NOTES else None,
        cases=cases,
        views=_views(cases),
        transitions=await records.transitions_of(tx, customer_id),
        announced=await announced.of_customer(tx, customer_id),
        names=People.of(await reading.names(tx), customer).known,
    )


@dataclass(frozen=True)
class Part:
    """What a measure adds to the score. points of at most `most`."""

    measure: str
    points: Decimal
    most: Decimal
    says: str
    missing: str | None
    value: float | None

    @property
    def costs(self) -> bool:
        """Whether it has fewer points than it could, beyond what rounding leaves."""
        return self.most - self.points > Decimal("0.05")

    @property
    def counts(self) -> bool:
        """Whether it has any weight: what is not known may have none."""
        return self.missing is None or self.most > 0


def _parts(score: HealthScored | None) -> list[Part]:
    """Return the measures, the one that costs most first."""
    if score is None:
        return []
    found = [
        Part(one.measure, Decimal(one.points), Decimal(str(one.weight)), one.explanation, one.missing, one.value)
        for one in score.contributions
    ]
    return sorted(found, key=lambda part: (part.missing is not None, part.points - part.most))


@dataclass(frozen=True)
class Moved:
    """How the score changed over so many days, and which measures did it, the largest first."""

    days: int
    change: Decimal
    before: Day
    now: Day
    parts: tuple[tuple[str, Decimal], ...]


def moved(days: Sequence[Day], span: int) -> Moved | None:
    """Compare the last day with the one `span` days before it; None where either is not known with its parts."""
    if not days:
        return None
    now = days[-1]
    then = next((day for day in reversed(days) if day.day <= now.day - timedelta(days=span)), None)
    if then is None or now.score is None or then.score is None or now.parts is None or then.parts is None:
        return None
    changes = {
        measure: now.parts.get(measure, Decimal()) - then.parts.get(measure, Decimal())
        for measure in now.parts.keys() | then.parts.keys()
    }
    largest = sorted(((m, c) for m, c in changes.items() if c), key=lambda one: (-abs(one[1]), one[0]))
    return Moved(span, now.score - then.score, then, now, tuple(largest[:NAMED]))


def _views(cases: Sequence[records.KnownCase]) -> dict[str, Any]:
    """Return the last view of each contact, from the latest case that has one."""
    found: dict[str, Any] = {}
    for known in cases:
        for one in known.case.stakeholders:
            if one.side == "customer" and one.views:
                found.setdefault(one.person_id, one.views[-1])
    return found
