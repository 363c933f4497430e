"""The documents of an ending: for our people the agenda and the preparation sheet, for the customer plan and notice."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, TypeVar

import typer

from amicable import addresses, reading
from amicable.made_files import OWN, Force, Made, Out, require_text, write
from amicable.output import errors
from amicable.problems import REFUSED, USAGE, Problem, sound
from services.transition_review.documents import gathering, kinds
from services.transition_review.documents.gathering import Company, NotThere
from shared import clock
from shared.database import Transaction
from shared.documents.files import safe
from shared.documents.kinds import KINDS, Kind

SCHEMA = "transition_review"
Found = TypeVar("Found")
Customer = Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer's id.", callback=sound)]
Format = Annotated[str, typer.Option("--format", metavar="FORMAT", help=f"One of {', '.join(KINDS)}.")]
Name = Annotated[
    str, typer.Option("--company", envvar="TRANSITION_REVIEW_COMPANY", help="What our company is called in it.")
]
Reach = Annotated[
    str, typer.Option("--reach-us", envvar="TRANSITION_REVIEW_REACH_US", help="Where customers reach our company.")
]
PROVIDER = "The provider"


def agenda(
    customer: Customer, format_: Format = "pdf", out: Out = None, force: Force = False, company: Name = PROVIDER
) -> None:
    """Write the agenda of the talk, in its five parts. Internal, once the plan is approved and the talk arranged."""
    _require(format_, out)
    sheet = _read(lambda tx: gathering.sheet_of(tx, customer, Company(company)))
    write(_drawn(kinds.AGENDA, format_, sheet, f"agenda-{safe(customer)}", OWN), out, force=force)
    _say_internal()


def preparation(
    customer: Customer, format_: Format = "pdf", out: Out = None, force: Force = False, company: Name = PROVIDER
) -> None:
    """Write the preparation sheet: who does what, likely questions with answers. Internal, there with the agenda."""
    _require(format_, out)
    sheet = _read(lambda tx: gathering.sheet_of(tx, customer, Company(company)))
    write(_drawn(kinds.PREPARATION, format_, sheet, f"preparation-{safe(customer)}", OWN), out, force=force)
    _say_internal()


def plan(
    customer: Customer,
    format_: Format = "pdf",
    out: Out = None,
    force: Force = False,
    company: Name = PROVIDER,
    reach_us: Reach = "",
) -> None:
    """Write the transition plan that the customer keeps, as it was announced."""
    _require(format_, out)
    found = _read(lambda tx: gathering.plan_of(tx, customer, Company(company, reach_us)))
    write(_drawn(kinds.PLAN, format_, found, f"transition-plan-{safe(customer)}"), out, force=force)


def notice(
    customer: Customer,
    format_: Format = "pdf",
    out: Out = None,
    force: Force = False,
    company: Name = PROVIDER,
    reach_us: Reach = "",
) -> None:
    """Write the written notice that starts the contract's clocks, to be signed and handed over after the talk."""
    _require(format_, out)
    found = _read(lambda tx: gathering.plan_of(tx, customer, Company(company, reach_us)))
    write(_drawn(kinds.NOTICE, format_, found, f"notice-{safe(customer)}"), out, force=force)


def _require(format_: str, out: str | None) -> None:
    if format_ not in KINDS:
        raise Problem(f"There is no format {format_}: choose one of {', '.join(KINDS)}.", USAGE)
    require_text(format_, KINDS, out)


def _drawn(kinds_: Mapping[str, Kind[Any]], format_: str, said: Any, name: str, mode: int = 0o666) -> Made:
    return Made(f"{name}.{format_}", kinds_[format_].render(said), mode)


def _say_internal() -> None:
    errors.print("[bold]Internal: this is not for the customer.[/bold]")


def _read(ask: Callable[[Transaction], Awaitable[Found]]) -> Found:
    found = addresses.find()
    try:
        return asyncio.run(reading.read(found.database, SCHEMA, clock.clock(found.clock_file)(), ask))
    except NotThere as why:
        raise Problem(str(why), REFUSED) from None
