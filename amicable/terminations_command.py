"""`amicable terminations`: what revenue and operations were told, for people without Kafka."""

import asyncio
import io
import json
import sys
import tempfile
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from rich.text import Text

from amicable import addresses, reading
from amicable import terminations_rows as rows
from amicable.output import errors
from amicable.problems import USAGE, Problem
from services.transition_review.store import told_outside
from shared import cells, clock
from shared.database import Transaction

app = typer.Typer(help="What revenue and operations are told of endings: export.", no_args_is_help=True)
SCHEMA = "transition_review"
FORMATS = ("csv", "json")
STDOUT = "-"
BOM = "\ufeff"  # or Excel takes the file for one in the language of the machine


@app.callback()
def group() -> None:
    """Only what comes before any command; the help is the app's."""


@app.command()
def export(
    format_: Annotated[str, typer.Option("--format", metavar="FORMAT", help=f"One of {', '.join(FORMATS)}.")] = "csv",
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="Only endings of which something was told since (UTC)."),
    ] = None,
    facts: Annotated[bool, typer.Option("--facts", help="One row for each fact instead of each ending.")] = False,
    out: Annotated[str, typer.Option(metavar="FILE", help="Where to write it; - for standard output.")] = STDOUT,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file if it is there.")] = False,
) -> None:
    """Write what terminations.v1 says: one row for each ending as it stands. Nothing that is not announced is in it."""
    if format_ not in FORMATS:
        raise Problem(f"There is no format {format_}: choose one of {', '.join(FORMATS)}.", USAGE)
    found = addresses.find()
    now = clock.clock(found.clock_file)()
    begin = since.replace(tzinfo=UTC) if since else None
    with _opened(out, force=force) as file:
        write = write_csv if format_ == "csv" else write_json
        written = asyncio.run(reading.read(found.database, SCHEMA, now, lambda tx: write(file, tx, begin, facts=facts)))
    if out != STDOUT:
        noun = "fact" if facts else "ending"
        errors.print(Text(f"{written} {noun}{'s' * (written != 1)} written to {out}."), soft_wrap=True)


@contextmanager
def _opened(out: str, *, force: bool) -> Iterator[TextIO]:
    """Yield the text file to write to. A named one is there when all is written, for its owner alone."""
    if out == STDOUT:
        file = io.TextIOWrapper(sys.stdout.buffer, "utf-8", newline="")
        try:
            yield file
        finally:
            file.detach()  # writes what is left; standard output stays open
        return
    place = Path(out)
    if place.is_dir():
        raise Problem(f"{place} is a folder: name a file in it.", USAGE)
    taken = Problem(f"{place} is there already: name another file with --out, or overwrite it with --force.")
    if place.exists() and not force:
        raise taken
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=f".{place.name}-") as folder:
        scratch = Path(folder, "whole")
        scratch.touch(mode=0o600)
        with scratch.open("w", encoding="utf-8", newline="") as file:
            yield file
        try:
            scratch.replace(place) if force else place.hardlink_to(scratch)
        except FileExistsError:
            raise taken from None


async def write_csv(file: TextIO, tx: Transaction, since: datetime | None = None, *, facts: bool = False) -> int:
    """Write a CSV file (RFC 4180, UTF-8 with its mark); returns how many rows there are below the heading."""
    currencies = [] if facts else await told_outside.currencies(tx, since)
    file.write(BOM)
    cells.write(file, [rows.FACT_COLUMNS if facts else rows.columns(currencies)])
    written = 0
    async for one in _each(tx, since, facts=facts):
        cells.write(file, [rows.fact_row(one) if facts else rows.row(one, currencies)])
        written += 1
    return written


async def write_json(file: TextIO, tx: Transaction, since: datetime | None = None, *, facts: bool = False) -> int:
    """Write one JSON array, an entry a line; returns how many there are."""
    written = 0
    async for one in _each(tx, since, facts=facts):
        file.write(f"{',' if written else '['}\n{json.dumps(one, ensure_ascii=False)}")
        written += 1
    file.write("\n]\n" if written else "[]\n")
    return written


async def _each(tx: Transaction, since: datetime | None, *, facts: bool) -> AsyncGenerator[dict[str, Any], None]:
    """Yield each fact, or how each ending stands, holding a few at a time."""
    if facts:
        async for fact in told_outside.facts(tx, since):
            yield fact
        return
    async for of_one in told_outside.endings(tx, since):
        yield rows.standing(of_one)
