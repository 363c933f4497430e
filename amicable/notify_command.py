"""`amicable notify`: who is told what, who was, and what became of it."""

import asyncio
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
from pydantic import ValidationError
from pydantic_core import from_json
from rich.text import Text

from amicable import addresses, notify_view, reading, yaml_check
from amicable.asking import ask
from amicable.output import AsJson, console, draw, print_json
from amicable.problems import REFUSED, USAGE, Problem, sound
from amicable.yaml_check import read_file
from services.notifications.domain.rule import RuleSet
from services.notifications.explanation import preview as previewed
from services.notifications.rules.facts import kinds
from services.notifications.rules.reading import load, rules_of
from services.notifications.store import listing
from services.notifications.store.listing import STATES, Notice, Wanted
from shared import clock
from shared.contracts.answers import CommandRejected
from shared.contracts.event import Command, Fact
from shared.contracts.notification_commands import ResendMessage, RevokeLinks, TryChannel
from shared.contracts.reading import problem
from shared.database import Row, Transaction
from shared.yaml_files.problems import WrongFile

app = typer.Typer(help="Who is told what, who was, and what became of it.", no_args_is_help=True)
SCHEMA = "notifications"
MOST = 1000

As = Annotated[str, typer.Option("--as", metavar="PERSON", help="Who asks: a person id of people.v1.", callback=sound)]


@app.command()
def preview(
    file: Annotated[Path, typer.Argument(metavar="FACT.json", help="A fact as JSON, with its type.")],
    rules: Annotated[Path | None, typer.Option(help="A file of rules; else the shipped ones.")] = None,
    as_json: AsJson = False,  # a flag
) -> None:
    """Show who would be told of a fact now, by which rule, where, when and in which words. Nothing is sent."""
    chosen, now = _rules(rules), _now()
    fact = _fact(file, now)
    found = _read(now, lambda tx: previewed(tx, chosen, fact))
    if as_json:
        print_json([notify_view.as_json(one) for one in found])
    else:
        draw(notify_view.previews(fact, found), notify_view.WIDTH)


@app.command("list")
def list_(
    state: Annotated[str | None, typer.Option(help=f"Only this one: {', '.join(STATES)}.")] = None,
    person: Annotated[str | None, typer.Option(help="Only this recipient.", callback=sound)] = None,
    customer: Annotated[str | None, typer.Option(help="Only about this customer.", callback=sound)] = None,
    channel: Annotated[str | None, typer.Option(help="Only on this channel.", callback=sound)] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="At most so many.")] = 50,
    as_json: AsJson = False,  # a flag
) -> None:
    """List notices, the newest first: a line for each recipient, channel and fact."""
    if state is not None and state not in STATES:
        raise Problem(f"There is no state {state}: choose one of {', '.join(STATES)}.", USAGE)
    wanted = Wanted(state, person, customer, channel)
    found, total = _read(_now(), lambda tx: listing.notices(tx, wanted, limit))
    if as_json:
        print_json({"total": total, "notices": [asdict(one) for one in found]})
    else:
        draw(notify_view.listed(found, total), notify_view.WIDTH)


@app.command()
def show(
    message: Annotated[str, typer.Argument(metavar="MESSAGE", help="Its id, or that of a notice.", callback=sound)],
    as_json: AsJson = False,  # a flag
) -> None:
    """Show one message: to whom, on which channel, what it tells of, every attempt's last answer.

    Of a notice that is in no message yet: for whom it is, since when or until when it waits, and why.
    """
    found, waiting = _read(_now(), lambda tx: _message_or_notice(tx, message))
    if found is None and not waiting:
        raise Problem(f"There is no message {message}: `amicable notify list` names those there are.", REFUSED)
    if found is None:
        _show_waiting(waiting, as_json=as_json)
        return
    row, notices = found
    if as_json:
        print_json({**dict(row), "notices": [asdict(one) for one in notices]})
    else:
        draw(notify_view.message(row, notices), notify_view.WIDTH)


async def _message_or_notice(tx: Transaction, id_: str) -> tuple[tuple[Row, list[Notice]] | None, list[Notice]]:
    found = await listing.message(tx, id_)
    return found, [] if found else await listing.unsent(tx, id_)


def _show_waiting(notices: list[Notice], *, as_json: bool) -> None:
    if as_json:
        print_json({"message_id": None, "notices": [asdict(one) for one in notices]})
    else:
        draw(notify_view.waiting(notices), notify_view.WIDTH)


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="YAML files of rules.")],
    as_json: AsJson = False,  # a flag
) -> None:
    """Say what is wrong with each file of rules, by line and field; exit code 1 if anything is."""
    yaml_check.check(files, load, lambda one: f"{one.name}, version {one.version}, {len(one.rules)} rules",
                     as_json=as_json)  # fmt: skip


@app.command()
def resend(
    message: Annotated[
        str, typer.Argument(metavar="MESSAGE", help="Its id, or that of a notice that stands aside.", callback=sound)
    ],
    person: As,
) -> None:
    """Send a message again, under its own key: one that failed, or that was sent; or try again what stands aside.

    Only admins may.
    """
    _ask(ResendMessage, person, f"{message} is sent again: `amicable notify show {message}`.", message_id=message)


@app.command("test-channel")
def try_channel(
    channel: Annotated[str, typer.Argument(metavar="CHANNEL", help="such as mail, slack or webhook", callback=sound)],
    person: As,
    to: Annotated[str | None, typer.Option(help="Another person, for admins.", callback=sound)] = None,
) -> None:
    """Send a person a message that asks for nothing, on one channel, now."""
    told = f"It is on its way: `amicable notify list --channel {channel}` shows what becomes of it."
    _ask(TryChannel, person, told, person_id=to or person, channel=channel)


@app.command("revoke-links")
def revoke_links(
    person: As, to: Annotated[str | None, typer.Option(help="Another person, for admins.", callback=sound)] = None
) -> None:
    """Have no link in a mail that a person has got until now do anything any more."""
    told = "None of the links mailed until now does anything any more; those of later mails do."
    _ask(RevokeLinks, person, told, person_id=to or person)


def _ask(kind: type[Command], person: str, done: str, **fields: Any) -> None:
    found = addresses.find()
    try:
        command = kind(event_id=str(uuid4()), source="cli", occurred_at=clock.clock(found.clock_file)(), **fields)
    except ValidationError as error:
        wrong = problem(error)
        raise Problem(f"{wrong.pointer.removeprefix('/')} cannot be sent: it {wrong.reason}.", USAGE) from None
    answer = asyncio.run(ask(found, command, person))
    if not isinstance(answer, CommandRejected):
        console.print(Text(done), soft_wrap=True)
        return
    console.print(Text(f"Refused: {answer.problem.title}", style="red"), soft_wrap=True)
    for condition in answer.problem.unmet:
        console.print(Text(f"  needed: {condition}"), soft_wrap=True)
    raise typer.Exit(REFUSED)


def _rules(file: Path | None) -> RuleSet:
    try:
        return rules_of(file)
    except WrongFile as wrong:
        raise Problem(str(wrong), REFUSED) from None
    except OSError as error:
        raise Problem(f"{file} cannot be read: {error.strerror}.", USAGE) from None


def _fact(file: Path, now: datetime) -> Fact:
    """Read a fact; what only an envelope needs is made up where it is left out. Raises Problem."""
    text = read_file(file)
    try:
        content = from_json(text)
    except ValueError as error:
        raise Problem(f"{file} is not JSON in UTF-8: {error}.", REFUSED) from None
    type_ = content.get("type") if isinstance(content, dict) else None
    kind = kinds().get(type_) if isinstance(type_, str) else None
    if kind is None:
        raise Problem(f"{file} is no fact that rules can be about: its type is to be one such as CaseOpened.", REFUSED)
    made_up = {"event_id": "preview", "correlation_id": "preview", "causation_id": "preview", "occurred_at": now,
               "source": "preview"}  # fmt: skip
    try:
        fact = kind.model_validate({**made_up, **content})
    except ValidationError as error:
        raise Problem(f"{file}: {problem(error)}.", REFUSED) from None
    if not isinstance(fact, Fact):
        raise Problem(f"{file} is no fact.", REFUSED)
    return fact


def _read(now: datetime, what: Any) -> Any:
    return asyncio.run(reading.read(addresses.find().database, SCHEMA, now, what))


def _now() -> datetime:
    return clock.clock(addresses.find().clock_file)()
