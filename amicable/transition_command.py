"""`amicable transition`: which relationships are being ended, how far each is, and the documents of each."""

import asyncio
from typing import Annotated, get_args

import typer

from amicable import addresses, reading, transition_json, transition_list_view, transition_view
from amicable import transition_documents_command as documents
from amicable.output import AsJson, draw, print_json
from amicable.problems import REFUSED, USAGE, Problem, sound
from amicable.terms_command import terms
from services.transition_review.domain.transition import State
from services.transition_review.explanation import NotKnown, explain, waited_of
from services.transition_review.store import listing
from shared import clock

SCHEMA = "transition_review"
STATES = get_args(State)
MOST = 1000

app = typer.Typer(
    help="Which relationships are being ended, how far each is, its documents, its contract.", no_args_is_help=True
)


@app.command()
def show(
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer's id.", callback=sound)],
    as_json: AsJson = False,  # a flag
) -> None:
    """Show a customer's latest transition: its way, plan and reviews, who is waited for, what each version changed."""
    found = addresses.find()
    now = clock.clock(found.clock_file)()
    try:
        told = asyncio.run(reading.read(found.database, SCHEMA, now, lambda tx: explain(tx, customer)))
    except NotKnown as why:
        raise Problem(f"{why} `amicable transition list` shows the open ones.", REFUSED) from None
    if as_json:
        print_json(transition_json.explained(told))
    else:
        draw(transition_view.explained(told), transition_view.WIDTH)


@app.command("list")
def list_(
    state: Annotated[
        list[str] | None, typer.Option(help=f"Only this one: {', '.join(STATES)}. Several times. Else the open ones.")
    ] = None,
    csm: Annotated[str | None, typer.Option(help="Only the customers of this CSM (person id).", callback=sound)] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="At most so many.")] = 50,
    as_json: AsJson = False,  # a flag
) -> None:
    """List transitions, the oldest first: how far each is, and who is waited for since when."""
    for name in state or ():
        if name not in STATES:
            raise Problem(f"There is no state {name}: choose one of {', '.join(STATES)}.", USAGE)
    found = addresses.find()
    now = clock.clock(found.clock_file)()
    listed, total = asyncio.run(
        reading.read(found.database, SCHEMA, now, lambda tx: listing.rows(tx, states=state or (), csm=csm, limit=limit))
    )
    rows = [(row, waited_of(row)) for row in listed]
    if as_json:
        print_json({"total": total, "transitions": [transition_json.listed(row, waited) for row, waited in rows]})
    else:
        draw(transition_list_view.listed(rows, total, now), transition_view.WIDTH)


for command in (documents.agenda, documents.preparation, documents.plan, documents.notice):
    app.command()(command)


app.command()(terms)
