"""`amicable clock`: shows the one clock of all processes, and moves it forward where it is driven."""

import asyncio
import re
from datetime import datetime, timedelta
from typing import Annotated

import typer

from amicable import addresses, driven_clock
from amicable.addresses import Addresses
from amicable.output import AsJson, console, print_json
from amicable.problems import REFUSED, USAGE, Problem
from amicable.settling import Settling
from shared import clock

app = typer.Typer(help="Show the clock of all processes, or move it forward.", no_args_is_help=True)

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
LONGEST = timedelta(days=3660)


def duration(text: str) -> timedelta:
    """Read a duration such as 90m, 6h, 7d or 2w. Raises Problem."""
    parts = re.fullmatch(r"(\d{1,6})([mhdw])", text)
    if parts is None or not timedelta() < (length := timedelta(**{_UNITS[parts[2]]: int(parts[1])})) <= LONGEST:
        raise Problem(f"{text} is not a duration: write it like 90m, 6h, 7d or 2w, up to ten years.", USAGE)
    return length


@app.command()
def show(as_json: AsJson = False) -> None:  # a flag
    """Show the time, and whether it is driven."""
    file = addresses.find().clock_file
    driven = driven_clock.driven(file) if file else None
    now = driven or clock.real()
    if as_json:
        print_json({"now": now.isoformat(), "clock": "driven" if driven else "real"})
    else:
        console.print(f"{now:%A, %-d %B %Y, %H:%M:%S} UTC ({'driven' if driven else 'real'})")


@app.command()
def advance(
    by: Annotated[str, typer.Argument(metavar="DURATION", help="such as 90m, 6h, 7d, 2w")],
    step: Annotated[str, typer.Option(help="Timers are looked at after each step.")] = "6h",
    as_json: AsJson = False,  # a flag
) -> None:
    """Move the driven clock forward in steps, each until nothing is left to do."""
    found = addresses.find()
    length, stride = duration(by), duration(step)
    file = found.clock_file
    start = driven_clock.driven(file) if file else None
    if file is None or start is None:
        raise Problem("The clock here is real: start with `amicable dev --clock driven` to move it.", REFUSED)
    asyncio.run(_advance(found, start, start + length, stride))
    if as_json:
        print_json({"now": (start + length).isoformat()})
    else:
        console.print(f"It is {start + length:%A, %-d %B %Y, %H:%M} UTC, and nothing is left to do.")


async def _advance(found: Addresses, start: datetime, end: datetime, stride: timedelta) -> None:
    file = found.clock_file
    if file is None:
        raise Problem("The addresses name no clock file.", USAGE)
    async with Settling(found) as system:
        moment = start
        while moment < end:
            moment = min(end, moment + stride)
            clock.move(file, moment)
            await system.settled(moment)
