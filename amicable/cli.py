"""The command line: its commands, and how a problem is said. The exit codes are in `problems.py`."""

import importlib
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import metadata
from types import MappingProxyType
from typing import Annotated

import typer
from rich.text import Text

from amicable import streams
from amicable.output import console, errors
from amicable.problems import INTERRUPTED, REFUSED, UNREACHABLE
from amicable.runtime.errors import RuntimeProblem
from shared.clock import WrongClock
from shared.kafka_entry import NotLetIn

COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {  # in the order of the help: each with its module, and the function or group of commands in it
        "demo": ("demo_command", "demo"),
        "dev": ("dev", "dev"),
        "send": ("send", "send_command"),
        "do": ("do_command", "do"),
        "status": ("status", "status"),
        "link": ("link_command", "link"),
        "why-not": ("why_not_command", "why_not"),
        "insights": ("insights_command", "insights"),
        "topics": ("topics_command", "topics_command"),
        "acls": ("acls_command", "acls_command"),
        "run": ("service_process", "run"),
        "clock": ("clock_command", "app"),
        "dlq": ("dlq", "app"),
        "db": ("db", "app"),
        "contracts": ("contracts_command", "app"),
        "health": ("health_command", "app"),
        "plan": ("plan_command", "app"),
        "case": ("case_command", "app"),
        "transition": ("transition_command", "app"),
        "terminations": ("terminations_command", "app"),
        "audit": ("audit_command", "app"),
        "notify": ("notify_command", "app"),
        "console": ("console_command", "app"),
        "scorecard": ("scorecard_command", "app"),
        "playbook": ("playbook_command", "app"),
    }
)


def command_line(words: Sequence[str]) -> typer.Typer:
    """Return the application for these words.

    It holds the command that they name alone, or all where they name none: to load all takes more than a second.
    """
    app = typer.Typer(
        help="Save customer relationships that are going downhill; as a last resort, end the rest professionally.",
        epilog="Exit codes: 0 done, 1 something was bad or refused, 2 wrong words, "
        "3 something it needs is not reachable or not usable, 130 interrupted.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",  # "rich" would keep the line breaks of our docstrings
    )
    app.callback()(options)
    for name in [words[0]] if words and words[0] in COMMANDS else COMMANDS:
        module, attribute = COMMANDS[name]
        found = getattr(importlib.import_module(f"amicable.{module}"), attribute)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


def _show_version(asked: bool) -> None:
    if asked:
        console.print(f"amicable {metadata.version('amicable')}")
        raise typer.Exit


def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Only what comes before any command; the help is the app's."""


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
        command_line(sys.argv[1:])()
    finally:
        sys.stdout.flush()  # here, where it can still be said that it cannot be written


def _say(problem: str) -> None:
    with suppress(OSError):  # then the exit code has to do
        errors.print(Text(problem, style="red"), soft_wrap=True)
