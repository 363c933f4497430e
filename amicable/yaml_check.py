"""Says what is wrong with files that people write: a sentence for each slip, for people or as JSON."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import typer
from rich.text import Text

from amicable.output import console, print_json
from amicable.problems import OK, REFUSED, USAGE, Problem
from shared.yaml_files.problems import WrongFile
from shared.yaml_files.tree import LARGEST

T = TypeVar("T")


def check(files: Sequence[Path], load: Callable[[str, str], T], praise: Callable[[T], str], *, as_json: bool) -> None:
    """Print what is wrong with each file, or what good there is in it, and exit: 1 if anything is wrong.

    load: reads a text of that name, or raises WrongFile. praise: says in some words what a good file holds.
    """
    texts = [(str(file), read_file(file)) for file in files]
    found = [(name, *_checked(text, name, load)) for name, text in texts]
    if as_json:
        print_json([{"file": name, "problems": problems} for name, _, problems in found])
    else:
        for name, read, problems in found:
            for problem in problems:
                console.print(Text(problem, style="red"), soft_wrap=True)
            if read is not None:
                console.print(Text(f"{name} is good: {praise(read)}."), soft_wrap=True)
    raise typer.Exit(REFUSED if any(problems for *_, problems in found) else OK)


def _checked(text: bytes, name: str, load: Callable[[str, str], T]) -> tuple[T | None, list[str]]:
    try:
        return load(text.decode(errors="replace" if len(text) > LARGEST else "strict"), name), []
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        return None, [f"{name} line {line}: is not text in UTF-8: save it as that."]
    except WrongFile as wrong:
        return None, list(wrong.problems)


def read_file(file: Path) -> bytes:
    """Return a file, or as much of it as shows that it is too large. Raises Problem."""
    try:
        with file.open("rb") as opened:
            return opened.read(LARGEST + 1)  # enough to see that it is too large
    except OSError as error:
        raise Problem(f"{file} cannot be read: {error.strerror}.", USAGE) from None
