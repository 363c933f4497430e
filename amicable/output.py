"""How the command line prints: for people with Rich, for programs as JSON on standard output."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console, RenderableType

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def draw(what: RenderableType, width: int) -> None:
    """Print for people; a file or a pipe has no width of its own, and gets this one."""
    if not console.is_terminal:
        console.width = width
    console.print(what)


def print_json(content: Any) -> None:
    """Print one JSON document."""
    print(json.dumps(content, indent=2, ensure_ascii=False, default=str))  # noqa: T201  # this is the output
