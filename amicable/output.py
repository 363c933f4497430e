"""How the command line prints: for people with Rich, for programs as JSON on standard output."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def print_json(content: Any) -> None:
    """Print one JSON document."""
    print(json.dumps(content, indent=2, ensure_ascii=False, default=str))  # noqa: T201  # this is the output
