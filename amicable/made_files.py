"""Documents that commands make: as a file, which is never overwritten by chance, or to standard output."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from amicable.output import console
from amicable.problems import USAGE, Problem
from shared.documents.kinds import Kind

STDOUT = "-"
OWN = 0o600  # who may read what is internal
Out = Annotated[str | None, typer.Option(metavar="FILE", help="Where to write it; - for standard output.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite the file if it is there.")]


@dataclass(frozen=True)
class Made:
    """A document that was made. name: what its file is called where nobody says otherwise; mode: who may read it."""

    name: str
    content: bytes
    mode: int = 0o666  # less what the user's umask takes away


def require_text(format_: str, kinds: Mapping[str, Kind[Any]], out: str | None) -> None:
    """Raise Problem where a terminal would be given what is no text."""
    if out == STDOUT and not (format_ in kinds and kinds[format_].is_text):
        raise Problem(f"{format_} is no text for a terminal: name a file with --out.", USAGE)


def write(made: Made, out: str | None, *, force: bool) -> None:
    """Write it, and say where. Raises Problem where the file is there already."""
    if out == STDOUT:
        sys.stdout.buffer.write(made.content)
        return
    file = Path(out or made.name)
    if file.is_dir():
        raise Problem(f"{file} is a folder: name a file in it.", USAGE)
    try:
        with open(file, "wb" if force else "xb", opener=lambda path, flags: os.open(path, flags, made.mode)) as opened:
            opened.write(made.content)
    except FileExistsError:
        raise Problem(f"{file} is there already: name another file with --out, or overwrite it with --force.") from None
    console.print(Text(f"Written to {file}."), soft_wrap=True)
