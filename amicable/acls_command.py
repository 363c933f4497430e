"""`amicable acls`: shows who may do what in Kafka, and grants what is missing."""

import asyncio
from typing import Annotated

import typer
from rich.table import Table

from amicable import acls, addresses
from amicable.output import AsJson, console, print_json
from amicable.problems import OK, REFUSED


def acls_command(
    kafka: Annotated[
        str | None, typer.Option(envvar="AMICABLE_KAFKA", help="HOST:PORT; else of what runs here.")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Grant what is missing.")] = False,
    as_json: AsJson = False,  # a flag
) -> None:
    """Show the rights that the services and those around them need; exit code 1 if one is missing."""
    address, access = addresses.kafka(kafka)
    there = asyncio.run(acls.granted(address, access))
    missing = [right for right in acls.needed() if right not in there]
    if apply and missing:
        asyncio.run(acls.grant(address, access, missing))
    writers, readers = acls.other_writers(there), acls.other_readers(there)
    if as_json:
        states = [{**right._asdict(), "granted": apply or right not in missing} for right in acls.needed()]
        others = {"other_writers": writers, "other_readers": readers}
        print_json({"needed": states} | {name: [right._asdict() for right in found] for name, found in others.items()})
    else:
        table = Table("Principal", "May", "On", "", box=None, header_style="bold")
        for right in acls.needed():
            note = "" if right not in missing else "[green]granted" if apply else "[red]missing"
            table.add_row(right.principal, right.operation, f"{right.resource.lower()} {right.name}", note)
        for right in sorted({*writers, *readers}):
            table.add_row(right.principal, right.operation, f"topic {right.name}", "[yellow]need not")
        console.print(table)
    raise typer.Exit(REFUSED if missing and not apply else OK)
