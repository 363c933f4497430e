"""`amicable case`: which relationships are being saved, and how far each is."""

import asyncio
from datetime import datetime
from typing import Annotated, get_args

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from amicable import addresses, case_json, case_view, reading
from amicable.drawing import plain_table
from amicable.health_view import STYLE
from amicable.output import AsJson, draw, print_json
from amicable.problems import REFUSED, USAGE, Problem, sound
from services.action_plans.domain.case import State
from services.action_plans.domain.path import path
from services.action_plans.explanation import NotKnown, explain
from services.action_plans.store import listing
from services.action_plans.store.listing import Listed
from shared import clock

SCHEMA = "action_plans"
STATES = get_args(State)
MOST = 1000

app = typer.Typer(help="Which relationships are being saved, and how far each is: list, show.", no_args_is_help=True)


@app.command()
def show(
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer's id.", callback=sound)],
    as_json: AsJson = False,  # a flag
) -> None:
    """Show a customer's open case, else its last one: the five steps, both sides' part, the checklist, the record."""
    found = addresses.find()
    now = clock.clock(found.clock_file)()
    try:
        told = asyncio.run(reading.read(found.database, SCHEMA, now, lambda tx: explain(tx, customer)))
    except NotKnown as why:
        raise Problem(f"{why} `amicable case list` shows the open ones.", REFUSED) from None
    if as_json:
        print_json(case_json.explained(told))
    else:
        draw(case_view.explained(told), case_view.WIDTH)


@app.command("list")
def list_(
    state: Annotated[
        list[str] | None, typer.Option(help=f"Only this one: {', '.join(STATES)}. Several times. Else the open ones.")
    ] = None,
    csm: Annotated[str | None, typer.Option(help="Only the cases of this CSM (person id).", callback=sound)] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="At most so many.")] = 50,
    as_json: AsJson = False,  # a flag
) -> None:
    """List cases, the oldest first: where each stands, and what is missing next."""
    for name in state or ():
        if name not in STATES:
            raise Problem(f"There is no state {name}: choose one of {', '.join(STATES)}.", USAGE)
    found = addresses.find()
    now = clock.clock(found.clock_file)()
    rows, total = asyncio.run(
        reading.read(found.database, SCHEMA, now, lambda tx: listing.rows(tx, states=state or (), csm=csm, limit=limit))
    )
    if as_json:
        print_json({"total": total, "cases": [case_json.listed(row) for row in rows]})
    else:
        draw(listed(rows, total, now), case_view.WIDTH)


def listed(rows: list[Listed], total: int, now: datetime) -> RenderableType:
    """Return cases in lines."""
    table = plain_table("Customer", "State", "Health", "Open for", "Next")
    table.columns[0].ratio, table.columns[4].ratio = 5, 6
    for row in rows:
        case = row.case
        who = Text.assemble((row.name, "bold"), (f"\n{case.customer_id} · {case.csm or 'nobody'}", "dim"))
        if case.reasons:
            who.append(f"\n{case.reasons[0].text}", "yellow")
        days = ((case.ending.at if case.ending else now) - case.opened_at).days
        missing = next((step.missing[0] for step in path(case, now) if step.missing and case.is_open), "")
        table.add_row(
            who,
            Text(case.state.replace("_", " "), case_view.STATE.get(case.state, "")),
            Text(case.band, STYLE[case.band]),
            f"{days} day{'s' * (days != 1)}",
            Text(missing),
        )
    shown = f"{total} case{'s' * (total != 1)}" if total == len(rows) else f"The first {len(rows)} of {total} cases"
    return Group(table, "", Text(shown if total else "No case fits.", "dim"))
