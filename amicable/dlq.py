"""`amicable dlq`: shows the records that could not be taken, and asks for them to be taken again."""

import asyncio
import getpass
import time
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from amicable import addresses, dead_letters
from amicable.dead_letters import Choice, Letter
from amicable.output import AsJson, console, print_json
from amicable.problems import OK, REFUSED, USAGE, Problem
from amicable.services import NAMES

app = typer.Typer(help="Records that could not be taken: list, show, replay.", no_args_is_help=True)

Customer = Annotated[str | None, typer.Option(help="Only this customer's (on people.v1: this person's).")]
Service = Annotated[str | None, typer.Option(help="Only this service's.")]


def _choice(names: list[str], customer: str | None, service: str | None) -> Choice:
    if service is not None and service not in NAMES:
        raise Problem(f"There is no service {service}: choose one of {', '.join(NAMES)}.", USAGE)
    return Choice(tuple(_name(name) for name in names), customer, service)


def _name(text: str) -> tuple[str, int]:
    service, _, number = text.partition("/")
    if service not in NAMES or not number.isdecimal() or len(number) > 18:
        raise Problem(f"{text} names no letter: write SERVICE/NUMBER as `amicable dlq list` does.", USAGE)
    return service, int(number)


@app.command("list")
def list_(
    customer: Customer = None,
    service: Service = None,
    resolved: Annotated[bool, typer.Option("--resolved", help="Also those that were taken after all.")] = False,
    as_json: AsJson = False,  # a flag
) -> None:
    """List kept records with their reasons, the ones that hold a customer up in red."""
    choice = _choice([], customer, service)
    found = asyncio.run(dead_letters.letters(addresses.find().database, choice, resolved=resolved))
    if as_json:
        print_json([_json(letter) for letter in found])
    else:
        _print(found)


@app.command()
def show(letter: Annotated[str, typer.Argument(metavar="LETTER")], as_json: AsJson = False) -> None:  # a flag
    """Show one LETTER (SERVICE/NUMBER) whole: its body may hold personal data."""
    service, number = _name(letter)
    dsn = addresses.find().database
    held = asyncio.run(dead_letters.content(dsn, service, number))
    (known,) = asyncio.run(dead_letters.letters(dsn, Choice(((service, number),)), resolved=True))
    if as_json:
        print_json({**_json(known), "headers": held.headers, "body": held.body})
        return
    _print([known])
    console.print()
    for name, value in held.headers:
        console.print(Text(f"{name}: {value}", style="dim"))
    console.print(Text(held.body))


@app.command()
def replay(
    letters: Annotated[
        list[str] | None, typer.Argument(metavar="LETTER", help="SERVICE/NUMBER; none: all that the options name")
    ] = None,
    customer: Customer = None,
    service: Service = None,
    send: Annotated[
        bool, typer.Option("--send", help="Also tell people what follows; else it moves state only.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be replayed.")] = False,
    wait: Annotated[float, typer.Option(min=0, max=3600, help="Seconds to wait for the outcome.")] = 10,
    as_json: AsJson = False,  # a flag
) -> None:
    """Have kept records taken again, in order; exit code 1 if one is still kept afterwards.

    Without --send it moves state only: nobody is told of what follows, in any service. With it people are told, also of
    what happened more than a day ago.
    """
    if not letters and customer is None and service is None:
        raise Problem("Say which: letters (SERVICE/NUMBER), --customer or --service.", USAGE)
    choice = _choice(letters or [], customer, service)
    found = addresses.find()
    chosen = asyncio.run(dead_letters.letters(found.database, choice))
    if chosen and not dry_run:
        chosen = asyncio.run(_replay(found.operator, chosen, send=send, wait=wait))
    if as_json:
        print_json({"dry_run": dry_run, "letters": [_json(letter) for letter in chosen]})
    elif not chosen:
        console.print("There is nothing to replay.")
    else:
        _print(chosen)
    left = [letter for letter in chosen if letter.state != "resolved"]
    raise typer.Exit(REFUSED if left and not dry_run else OK)


async def _replay(dsn: str, chosen: list[Letter], *, send: bool, wait: float) -> list[Letter]:
    await dead_letters.ask_for_replay(dsn, chosen, send=send, who=getpass.getuser())
    deadline = time.monotonic() + wait
    meant = Choice(tuple((letter.service, letter.id) for letter in chosen))
    while True:
        now = await dead_letters.letters(dsn, meant, resolved=True)
        if time.monotonic() > deadline or all(letter.state != "asked" for letter in now):
            return now
        await asyncio.sleep(0.1)


def _json(letter: Letter) -> dict[str, object]:
    return {"letter": letter.name, **vars(letter)}


def _print(found: list[Letter]) -> None:
    if not found:
        console.print("No record is kept: everything was taken.")
        return
    table = Table("Letter", "State", "Topic", "Customer", "Type", "Reason", box=None, header_style="bold")
    colours = {"parked": "red", "kept": "yellow", "asked": "cyan", "resolved": "green"}
    for letter in found:
        table.add_row(
            letter.name,
            f"[{colours[letter.state]}]{letter.state}[/]",
            f"{letter.topic} {letter.partition}@{letter.offset}",
            Text(letter.key or ""),
            Text(letter.type or ""),
            Text(f"{letter.kind}: {letter.reason}"),
        )
    console.print(table)
