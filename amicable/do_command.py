"""`amicable do`: sends commands of any service in order, and says what became of each."""

import asyncio
import json
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.text import Text

from amicable import addresses
from amicable.addresses import Addresses
from amicable.asking import Answer, asking, topic_of
from amicable.command_lines import Given, Wrong, read_commands
from amicable.ndjson import open_source
from amicable.output import console, errors
from amicable.problems import INTERRUPTED, REFUSED, Problem
from shared import clock
from shared.contracts.answers import CommandRejected

SHOWN = 20  # wrong lines


def do(
    source: Annotated[
        str, typer.Argument(metavar="FILE|-", help="A command, or a line for each; - is standard input.")
    ],
    person: Annotated[str, typer.Option("--as", metavar="PERSON", help="Who asks: a person id of people.v1.")],
    stop: Annotated[bool, typer.Option("--stop", help="Send no more after one was refused.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answers as lines of JSON.")] = False,
) -> None:
    """Ask services for something: commands as JSON, in order, each awaiting its answer; the type names the service.

    An absent event_id is made new, an absent occurred_at is the clock's now. Nothing is sent unless every line is a
    command. They are signed with the local development key, so only for a system that was started here; elsewhere the
    console asks. Exit codes: 0 all accepted, 1 one was refused or no command, 3 no answer.
    """
    found = addresses.find()
    with open_source(source) as lines:
        given, wrong = read_commands(lines, clock.clock(found.clock_file)())
        name = lines.name
    if wrong:
        _say(wrong)
        raise typer.Exit(REFUSED)
    if not given:
        raise Problem(f"{name} holds no command.", REFUSED)
    run = _Run(given, as_json)
    try:
        asyncio.run(run.send(found, person, stop=stop))
    except KeyboardInterrupt:
        raise Problem(
            f"Interrupted: {run.answered} of {len(given)} commands were answered; the next one may have been sent.",
            INTERRUPTED,
        ) from None
    run.sum_up()
    if run.refused:
        raise typer.Exit(REFUSED)


class _Run:
    """What became of the commands so far."""

    def __init__(self, given: Sequence[Given], as_json: bool) -> None:
        self.answered = self.refused = 0
        self._given, self._as_json = given, as_json

    async def send(self, found: Addresses, person: str, *, stop: bool) -> None:
        topics = {topic.name: topic for topic in (topic_of(one.command) for one in self._given)}
        async with asking(found, person, list(topics.values())) as asker:
            for one in self._given:
                try:
                    answer = await asker.ask(one.command)
                except Problem as problem:
                    raise Problem(f"line {one.line}: {problem}{self._left()}", problem.code) from None
                self._note(one, answer)
                if stop and self.refused:
                    return

    def _note(self, one: Given, answer: Answer) -> None:
        self.answered += 1
        self.refused += isinstance(answer, CommandRejected)
        if self._as_json:
            print(json.dumps(answer.model_dump(mode="json", exclude_none=True), ensure_ascii=False), flush=True)  # noqa: T201  # this is the output
            return
        where = f"line {one.line} · {one.command.type} "
        if not isinstance(answer, CommandRejected):
            told = Text.assemble(
                (where, "dim"), ("accepted", "green"), f": {answer.subject_id}, revision {answer.revision}"
            )
            console.print(told, soft_wrap=True)
            return
        console.print(Text.assemble((where, "dim"), ("refused", "red"), f": {answer.problem.title}"), soft_wrap=True)
        for condition in answer.problem.unmet:
            console.print(Text(f"  needed: {condition}"), soft_wrap=True)

    def _left(self) -> str:
        left = len(self._given) - self.answered - 1
        return f" {_count(left)} after it {'was' if left == 1 else 'were'} not sent." if left else ""

    def sum_up(self) -> None:
        if self._as_json or len(self._given) == 1:
            return
        left = len(self._given) - self.answered
        told = f"{_count(len(self._given))}: {self.answered - self.refused} accepted, {self.refused} refused"
        console.print(Text(f"{told}, {left} not sent." if left else f"{told}.", style="bold"))


def _count(number: int) -> str:
    return f"{number:,} command{'s' * (number != 1)}"


def _say(wrong: Sequence[Wrong]) -> None:
    for one in wrong[:SHOWN]:
        errors.print(Text(str(one)), soft_wrap=True)
    more = f"… and {len(wrong) - SHOWN:,} more such lines. " if len(wrong) > SHOWN else ""
    errors.print(Text(f"{more}Nothing was sent."), soft_wrap=True)
