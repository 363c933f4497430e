"""`amicable db`: brings the database to what the code expects, and shows how far it is."""

import asyncio
import os
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.table import Table

from amicable import addresses, dead_letters, migrate
from amicable.output import AsJson, console, print_json
from amicable.problems import OK, REFUSED, USAGE, Problem
from amicable.services import NAMES

app = typer.Typer(help="Bring the database to what the code expects, and show how far it is.", no_args_is_help=True)

Admin = Annotated[
    str | None,
    typer.Option(envvar="AMICABLE_ADMIN_DATABASE_URL", help="An administrator's DSN; else of what runs here."),
]


@app.command("migrate")
def migrate_command(admin: Admin = None, as_json: AsJson = False) -> None:  # a flag
    """Create roles and schemas, and apply the migrations that are missing, under a lock.

    The passwords of the roles come from `AMICABLE_PASSWORD_<ROLE>`, one for each service, AMICABLE_READER and
    AMICABLE_OPERATOR. What `amicable dev` runs keeps its own.
    """
    dsn = admin or addresses.find().admin
    if dsn is None:
        raise Problem("The addresses name no administrator: give one with --admin.", USAGE)
    done = asyncio.run(migrate.migrate(dsn, _passwords(dsn), name=_name(dsn)))
    if as_json:
        print_json({"applied": done})
    elif done:
        console.print(f"Applied {len(done)} migrations:", *(f"  {name}" for name in done), sep="\n")
    else:
        console.print("Everything is applied already.")


def _passwords(dsn: str) -> dict[str, str]:
    if (here := addresses.running()) and _server(dsn) == _server(here[1].database):
        return here[0].secrets(migrate.ROLES)  # with any others, what runs there would be locked out
    given = {role: os.environ.get(f"AMICABLE_PASSWORD_{role.upper()}", "") for role in migrate.ROLES}
    if missing := [role for role, password in given.items() if not password]:
        raise Problem(f"Set AMICABLE_PASSWORD_{missing[0].upper()}: the password of the role {missing[0]}.", USAGE)
    return given


def _server(dsn: str) -> str:
    return urlsplit(dsn).netloc.rpartition("@")[2]


def _name(dsn: str) -> str:
    name = dsn.rpartition("/")[2].partition("?")[0]
    return migrate.DATABASE if name in {"", "postgres"} else name


@app.command()
def status(as_json: AsJson = False) -> None:  # a flag
    """Show every migration; exit code 1 if one is missing or was changed."""
    found = asyncio.run(migrate.state(addresses.find().database))
    if as_json:
        print_json([vars(migration) for migration in found])
    else:
        table = Table("Schema", "Migration", "State", box=None, header_style="bold")
        for migration in found:
            colour = "green" if migration.state == "applied" else "red"
            table.add_row(migration.schema, migration.name, f"[{colour}]{migration.state}[/]")
        console.print(table)
    raise typer.Exit(OK if all(migration.state == "applied" for migration in found) else REFUSED)


@app.command("new-epoch")
def new_epoch(
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="whose schema was restored from a backup")],
    as_json: AsJson = False,  # a flag
) -> None:
    """Begin a new epoch of SERVICE's numbers after a restore, so that no consumer waits for old ones."""
    if service not in NAMES:
        raise Problem(f"There is no service {service}: choose one of {', '.join(NAMES)}.", USAGE)
    number = asyncio.run(dead_letters.new_epoch(addresses.find().operator, service))
    if as_json:
        print_json({"service": service, "epoch": number})
    else:
        console.print(f"{service} is in epoch {number}.")
