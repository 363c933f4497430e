"""`amicable console`: makes the console's read model anew from the topics."""

import asyncio
from typing import Annotated

import typer

from amicable import addresses
from amicable.console_rebuild import rebuild
from amicable.db import Admin
from amicable.output import AsJson, console, print_json
from amicable.problems import USAGE, Problem

app = typer.Typer(help="The console's read model: rebuild.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Say that these are commands of their own, also while there is one."""


@app.command("rebuild")
def rebuild_command(
    admin: Admin = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    as_json: AsJson = False,  # a flag
) -> None:
    """Empty what the console has projected, and set it back to the beginning of its topics. Stop the console first.

    Sessions, drafts, saved views and keys stay, and so do the scores of past days, which no topic keeps. Started again,
    the console shows how far it is until it has caught up.
    """
    found = addresses.find()
    dsn = admin or found.admin
    if dsn is None:
        raise Problem("The addresses name no administrator: give one with --admin.", USAGE)
    if not yes and not typer.confirm("Empty what the console has projected, and read all topics again?"):
        raise typer.Abort
    tables, partitions = asyncio.run(rebuild(found.kafka, dsn, found.kafka_access()))
    if as_json:
        print_json({"emptied": list(tables), "partitions": partitions})
    else:
        console.print(f"{len(tables)} tables are empty, {partitions} partitions are at their beginning.")
        console.print("Start the console: it reads everything again, and says on every page how far it is.")
