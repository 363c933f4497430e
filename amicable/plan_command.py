"""`amicable plan`: the joint plan of a customer, in the terminal and as a document."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, TypeVar

import typer

from amicable import addresses, plan_view, reading
from amicable.made_files import OWN, Force, Made, Out, require_text, write
from amicable.output import AsJson, draw, errors, print_json
from amicable.problems import REFUSED, USAGE, Problem
from services.action_plans.documents import content, evidence
from services.action_plans.documents.gathering import NotThere, dossier_of, shared_plan
from services.action_plans.documents.kinds import KINDS
from shared import clock
from shared.database import Transaction
from shared.documents.files import safe

app = typer.Typer(help="The joint plan of a customer: show, export.", no_args_is_help=True)
SCHEMA = "action_plans"
EVIDENCE = "evidence"
FORMATS = (*KINDS, EVIDENCE)
Found = TypeVar("Found")


def _sound(text: str) -> str:
    """Refuse what a terminal handed over in another encoding: Postgres could not be asked for it."""
    if text != text.encode(errors="replace").decode():
        raise Problem(f"{text!a} is not valid UTF-8: type it again, or set the terminal to UTF-8.", USAGE)
    if not text.isprintable():
        raise Problem(f"{text!a} is no customer's id: it holds control characters.", USAGE)
    return text


Customer = Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer's id.", callback=_sound)]
Company = Annotated[
    str, typer.Option(metavar="NAME", envvar="ACTION_PLANS_COMPANY", help="What our company is called in it.")
]


@app.command()
def show(customer: Customer, company: Company = "The provider", as_json: AsJson = False) -> None:
    """Show the plan as the customer sees it."""
    plan = _read(lambda tx: shared_plan(tx, customer, company))
    if as_json:
        print_json(asdict(plan))
        return
    draw(plan_view.drawn(content.document_of(plan)), plan_view.WIDTH)


@app.command()
def export(
    customer: Customer,
    format_: Annotated[str, typer.Option("--format", metavar="FORMAT", help=f"One of {', '.join(FORMATS)}.")] = "pdf",
    out: Out = None,
    force: Force = False,  # a flag
    private_notes: Annotated[
        bool, typer.Option("--private-notes", help="Evidence only: with the notes that are ours alone.")
    ] = False,
    company: Company = "The provider",
) -> None:
    """Write the plan as a document for the customer, or the internal evidence pack (a ZIP archive)."""
    if format_ not in FORMATS:
        raise Problem(f"There is no format {format_}: choose one of {', '.join(FORMATS)}.", USAGE)
    if private_notes and format_ != EVIDENCE:
        raise Problem("Private notes go into the evidence pack alone: leave out --private-notes.", USAGE)
    require_text(format_, KINDS, out)
    write(_made(customer, format_, company, with_notes=private_notes), out, force=force)
    if format_ == EVIDENCE:
        errors.print("[bold]Internal: this is not for the customer.[/bold]")


def _made(customer: str, format_: str, company: str, *, with_notes: bool) -> Made:
    if format_ == EVIDENCE:
        dossier = _read(lambda tx: dossier_of(tx, customer, with_notes=with_notes))
        return Made(f"evidence-{safe(customer)}-revision-{dossier.case.revision}.zip", evidence.pack(dossier), OWN)
    plan = _read(lambda tx: shared_plan(tx, customer, company))
    return Made(f"plan-{safe(customer)}-version-{plan.version}.{format_}", KINDS[format_].render(plan))


def _read(ask: Callable[[Transaction], Awaitable[Found]]) -> Found:
    found = addresses.find()
    try:
        return asyncio.run(reading.read(found.database, SCHEMA, _now(found), ask))
    except NotThere as why:
        raise Problem(str(why), REFUSED) from None


def _now(found: addresses.Addresses) -> datetime:
    return clock.clock(found.clock_file)()
