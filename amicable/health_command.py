"""`amicable health`: how customers are, and why."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from amicable import addresses, health_asking, health_json, health_view, reading
from amicable.output import AsJson, draw, print_json
from amicable.problems import REFUSED, USAGE, Problem, sound
from services.health_scoring.explanation import NotKnown, explain
from services.health_scoring.store import customers
from shared import clock
from shared.contracts.fields import moment_from_text

app = typer.Typer(help="How customers are, and why; and what people say instead.", no_args_is_help=True)
SCHEMA = "health_scoring"
BANDS = ("green", "yellow", "red", "unknown")
ORDERS = ("score", "trend", "since", "name")
MOST = 1000


@app.command()
def show(
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer's id.", callback=sound)],
    at: Annotated[str | None, typer.Option(help="As of this moment, such as 2026-01-31T09:00:00Z.")] = None,
    as_json: AsJson = False,  # a flag
) -> None:
    """Explain a customer's score, band and risk: what each measure adds, and what has moved it."""
    found = addresses.find()
    now = _now(found)
    moment = _moment(at, now) if at else now
    try:
        told = asyncio.run(reading.read(found.database, SCHEMA, now, lambda tx: explain(tx, customer, moment)))
    except NotKnown as why:
        raise Problem(str(why), REFUSED) from None
    if as_json:
        print_json(health_json.explained(told))
    else:
        draw(health_view.explained(told), health_view.WIDTH)


@app.command("list")
def list_(
    band: Annotated[list[str] | None, typer.Option(help=f"Only this one: {', '.join(BANDS)}. Several times.")] = None,
    segment: Annotated[str | None, typer.Option(help="Only this segment.", callback=sound)] = None,
    csm: Annotated[str | None, typer.Option(help="Only the customers of this CSM (person id).", callback=sound)] = None,
    risk: Annotated[bool, typer.Option("--risk", help="Only those with an open risk.")] = False,
    sort: Annotated[str, typer.Option(help=f"What comes first: {', '.join(ORDERS)}.")] = "score",
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="At most so many.")] = 50,
    as_json: AsJson = False,  # a flag
) -> None:
    """List customers, the worst first: band, score, what has changed in a week, and the first reason of a risk."""
    for name in band or ():
        if name not in BANDS:
            raise Problem(f"There is no band {name}: choose one of {', '.join(BANDS)}.", USAGE)
    if sort not in ORDERS:
        raise Problem(f"Customers cannot be sorted by {sort}: choose one of {', '.join(ORDERS)}.", USAGE)
    found = addresses.find()
    order: Any = sort
    rows, total = asyncio.run(
        reading.read(
            found.database,
            SCHEMA,
            _now(found),
            lambda tx: customers.rows(
                tx, bands=band or (), segment=segment, csm=csm, at_risk=risk, order=order, limit=limit
            ),
        )
    )
    if as_json:
        print_json({"total": total, "customers": [health_json.listed(row) for row in rows]})
    else:
        draw(health_view.listed(rows, total), health_view.WIDTH)


def _now(found: addresses.Addresses) -> datetime:
    return clock.clock(found.clock_file)()


def _moment(text: str, now: datetime) -> datetime:
    try:
        moment = moment_from_text(text)
    except ValueError as why:
        raise Problem(f"{text} {why}.", USAGE) from None
    if moment > now:
        raise Problem(f"{text} is still to come: it is {now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}.", USAGE)
    return moment


app.command()(health_asking.override)
app.command("clear-override")(health_asking.clear_override)
app.command()(health_asking.rescore)
