"""The command line: its commands, and how a problem is said. The exit codes are in `problems.py`."""

import importlib
import sys
from contextlib import suppress
from importlib import metadata
from typing import Annotated

import typer
from rich.text import Text

from amicable import (
    acls_command,
    audit_command,
    case_command,
    clock_command,
    contracts_command,
    db,
    demo_command,
    dev,
    dlq,
    do_command,
    health_asking,
    health_command,
    insights_command,
    link_command,
    plan_command,
    playbook_command,
    scorecard_command,
    send,
    status,
    streams,
    topics_command,
)
from amicable.output import console, errors
from amicable.problems import INTERRUPTED, REFUSED, UNREACHABLE
from amicable.runtime.errors import RuntimeProblem
from amicable.services import NAMES
from shared.clock import WrongClock
from shared.kafka_entry import NotLetIn

app = typer.Typer(
    help="Save customer relationships that are going downhill; as a last resort, end the rest professionally.",
    epilog="Exit codes: 0 done, 1 something was bad or refused, 2 wrong words, "
    "3 something it needs is not reachable or not usable, 130 interrupted.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",  # "rich" would keep the line breaks of our docstrings
)
app.command()(demo_command.demo)
app.command()(dev.dev)
app.command("send")(send.send_command)
app.command("do")(do_command.do)
app.command()(status.status)
app.command()(link_command.link)
app.add_typer(clock_command.app, name="clock")
app.add_typer(dlq.app, name="dlq")
app.add_typer(db.app, name="db")
app.add_typer(contracts_command.app, name="contracts")
app.add_typer(health_command.app, name="health")
app.add_typer(plan_command.app, name="plan")
app.add_typer(case_command.app, name="case")
app.add_typer(audit_command.app, name="audit")
app.command()(insights_command.insights)
app.add_typer(scorecard_command.app, name="scorecard")
app.add_typer(playbook_command.app, name="playbook")
health_command.app.command()(health_asking.override)
health_command.app.command("clear-override")(health_asking.clear_override)
health_command.app.command()(health_asking.rescore)
scorecard_command.app.command()(health_asking.activate)
app.command("topics")(topics_command.topics_command)
app.command("acls")(acls_command.acls_command)


def _show_version(asked: bool) -> None:
    if asked:
        console.print(f"amicable {metadata.version('amicable')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Only what comes before any command; the help is the app's."""


@app.command()
def run(service: Annotated[str, typer.Argument(metavar="SERVICE", help=f"one of {', '.join(NAMES)}")]) -> None:
    """Run one SERVICE in the foreground, with settings from the environment."""
    importlib.import_module("amicable.service_process").run(service)  # only now: other commands need not wait for it


def main() -> None:
    """Run the command line; what a person can mend is said in a sentence."""
    streams.name()
    try:
        _run()
    except (RuntimeProblem, NotLetIn, WrongClock) as problem:
        _say(str(problem))
        sys.exit(problem.code if isinstance(problem, RuntimeProblem) else UNREACHABLE)
    except BrokenPipeError:  # whoever read it has seen enough
        sys.exit(REFUSED)
    except OSError as error:
        if error.filename is None:  # not a file's: a mistake of ours
            raise
        _say(f"{error.filename} cannot be used: {error.strerror}.")
        sys.exit(UNREACHABLE)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    finally:
        streams.forget_what_cannot_be_written()


def _run() -> None:
    try:
        app()
    finally:
        sys.stdout.flush()  # here, where it can still be said that it cannot be written


def _say(problem: str) -> None:
    with suppress(OSError):  # then the exit code has to do
        errors.print(Text(problem, style="red"), soft_wrap=True)
