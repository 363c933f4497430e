"""`amicable dev`: the whole system in the foreground, on real Kafka and Postgres, without Docker."""

import asyncio
from typing import Annotated

import typer

from amicable import addresses, system
from amicable.output import console
from amicable.runtime.home import Home
from amicable.runtime.supervisor import supervise
from amicable.system import ClockKind


def dev(
    ephemeral: Annotated[bool, typer.Option("--ephemeral", help="Start from nothing and forget it all.")] = False,
    clock: Annotated[ClockKind, typer.Option(help="driven: time moves by `amicable clock advance`.")] = "real",
) -> None:
    """Start Kafka, Postgres, a mail catcher and every service; stop them with Ctrl-C. What they hold is kept."""
    raise typer.Exit(asyncio.run(_dev(ephemeral=ephemeral, clock=clock)))


async def _dev(*, ephemeral: bool, clock: ClockKind) -> int:
    home = Home.find()
    if not ephemeral:
        return await supervise(home, system.parts(home, clock_kind=clock), console)
    with home.lock():  # one run per folder, wherever its data is
        passing = Home(home.root / addresses.EPHEMERAL)
        system.forget(passing)
        try:
            return await supervise(passing, system.parts(passing, clock_kind=clock, durable=False), console)
        finally:
            system.forget(passing)
