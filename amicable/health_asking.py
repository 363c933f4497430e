"""`amicable health override`, `clear-override` and `rescore`, and `amicable scorecard activate`: what people ask."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
from pydantic import ValidationError
from rich.text import Text

from amicable import addresses
from amicable.addresses import Addresses
from amicable.asking import Answer, ask
from amicable.output import AsJson, console, print_json
from amicable.problems import REFUSED, USAGE, Problem, sound
from amicable.yaml_check import read_file
from services.health_scoring.scorecards.reading import load
from shared import clock
from shared.contracts.answers import CommandRejected
from shared.contracts.event import Command
from shared.contracts.health_commands import ActivateScorecard, ClearOverride, OverrideHealth, RescoreCustomer
from shared.contracts.reading import problem
from shared.yaml_files.problems import WrongFile

BANDS = ("green", "yellow", "red")
MOST_DAYS = 30

Customer = Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer's id.", callback=sound)]
Person = Annotated[
    str, typer.Option("--as", metavar="PERSON", help="Who asks: a person id of people.v1.", callback=sound)
]


def override(
    customer: Customer,
    band: Annotated[str, typer.Argument(metavar="BAND", help=f"one of {', '.join(BANDS)}")],
    reason: Annotated[str, typer.Option(help="Why, in a sentence: it is shown beside the score.", callback=sound)],
    days: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="For so many days.")],
    person: Person,
    as_json: AsJson = False,  # a flag
) -> None:
    """Say another band than the computed one, for a while. Both are shown; the computed one stays."""
    if band not in BANDS:
        raise Problem(f"There is no band {band} to say: choose one of {', '.join(BANDS)}.", USAGE)
    found, now = _now()
    until = now + timedelta(days=days)
    command = _command(OverrideHealth, now, customer_id=customer, band=band, reason=reason, expires_at=until)
    _ask(found, command, person, f"Until {until:%-d %B %Y, %H:%M} UTC {band} is shown beside the score.", as_json)


def clear_override(customer: Customer, person: Person, as_json: AsJson = False) -> None:  # a flag
    """Take back what was said: the computed band alone counts again."""
    found, now = _now()
    command = _command(ClearOverride, now, customer_id=customer)
    _ask(found, command, person, "The computed band alone counts again.", as_json)


def rescore(customer: Customer, person: Person, as_json: AsJson = False) -> None:  # a flag
    """Have a customer judged anew from all that is known, and its score published in any case."""
    found, now = _now()
    command = _command(RescoreCustomer, now, customer_id=customer)
    _ask(found, command, person, f"{customer} is judged anew: `amicable health show {customer}`.", as_json)


def activate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A YAML file: the card.")],
    person: Person,
    as_json: AsJson = False,  # a flag
) -> None:
    """Put a scorecard into force now; everybody of its segments is judged by it at once. Only admins may."""
    try:
        text = read_file(file).decode()
        card = load(text, str(file))
    except UnicodeDecodeError:
        raise Problem(f"{file} is not text in UTF-8: save it as that.", REFUSED) from None
    except WrongFile as wrong:
        raise Problem(str(wrong), REFUSED) from None
    found, now = _now()
    command = _command(ActivateScorecard, now, card=card.name, text=text)
    _ask(found, command, person, f"Version {card.version} of {card.name} is in force.", as_json)


def _now() -> tuple[Addresses, datetime]:
    found = addresses.find()
    return found, clock.clock(found.clock_file)()


def _command(kind: type[Command], now: datetime, **fields: Any) -> Command:
    """Build the command; USAGE where the words do not make one."""
    try:
        return kind(event_id=str(uuid4()), source="cli", occurred_at=now, **fields)
    except ValidationError as error:
        wrong = problem(error)
        raise Problem(f"{wrong.pointer.removeprefix('/')} cannot be sent: it {wrong.reason}.", USAGE) from None


def _ask(found: Addresses, command: Command, person: str, done: str, as_json: bool) -> None:
    answer = asyncio.run(ask(found, command, person))
    if as_json:
        print_json(answer.model_dump(mode="json", exclude_none=True))
    else:
        _print(answer, done)
    if isinstance(answer, CommandRejected):
        raise typer.Exit(REFUSED)


def _print(answer: Answer, done: str) -> None:
    if not isinstance(answer, CommandRejected):
        console.print(Text(done), soft_wrap=True)
        return
    console.print(Text(f"Refused: {answer.problem.title}", style="red"), soft_wrap=True)
    for condition in answer.problem.unmet:
        console.print(Text(f"  needed: {condition}"), soft_wrap=True)
