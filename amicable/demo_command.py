"""`amicable demo`: a small company's year on a system of its own, and what comes of it."""

import asyncio
import os
from datetime import datetime
from typing import Annotated

import typer

from amicable import addresses, driven_clock, system
from amicable.addresses import Addresses
from amicable.demo.people import COMPANY
from amicable.demo.play import play
from amicable.demo.stage import Stage
from amicable.output import AsJson, console, errors
from amicable.problems import USAGE, Problem
from amicable.runtime.home import Home
from amicable.runtime.parts import Addresses as Up
from amicable.runtime.supervisor import supervise
from amicable.settling import Settling
from shared import clock

SETTINGS = {
    "HEALTH_SCORING_QUIET_SECONDS": "2",  # the history is sent at once: nobody has to wait ten seconds for more of it
    "ACTION_PLANS_COMPANY": COMPANY,
    "TRANSITION_REVIEW_COMPANY": COMPANY,
    "CONSOLE_COMPANY": COMPANY,
}


def demo(
    once: Annotated[bool, typer.Option("--once", help="Play the written story, print what came of it, end.")] = False,
    a_day: Annotated[
        float, typer.Option(min=0.1, help="Seconds that a day takes once the written story is told.")
    ] = 60,
    as_json: AsJson = False,  # a flag
) -> None:
    """Start an empty system, send it a company's year, and tell its story day by day until Ctrl-C.

    With --once, exit code 1 says that what came of it is not what was expected. Where AMICABLE_ADDRESSES names a
    running system (it must be empty), that one is used.
    """
    if os.environ.get("AMICABLE_ADDRESSES"):
        code = asyncio.run(tell(addresses.find(), once=once, a_day=a_day, as_json=as_json))
    else:
        code = asyncio.run(_on_a_system_of_its_own(once=once, a_day=a_day, as_json=as_json))
    raise typer.Exit(code)


async def _on_a_system_of_its_own(*, once: bool, a_day: float, as_json: bool) -> int:
    main = Home.find()
    with main.lock():  # one run per folder, wherever its data is
        home = Home(main.root / addresses.DEMO)
        system.forget(home)

        async def story(up: Up) -> int:
            return await tell(addresses.of_run(up, home), once=once, a_day=a_day, as_json=as_json)

        parts = system.parts(home, clock_kind="driven", durable=False, settings=SETTINGS)
        return await supervise(home, parts, errors if as_json else console, story)


async def tell(found: Addresses, *, once: bool, a_day: float = 60, as_json: bool) -> int:
    """Tell the story to the system at these addresses; returns the exit code. Raises Problem."""
    file = found.clock_file
    if file is None or found.mail_web is None:
        raise Problem("The demo needs a clock file and a mail catcher, and the addresses do not name both.", USAGE)
    now = driven_clock.driven(file) or clock.real()
    clock.move(file, now)
    async with Settling(found) as settling:

        async def advance_to(moment: datetime) -> None:
            clock.move(file, moment)
            await settling.settled(moment)

        login = found.kafka_access()
        stage = Stage(
            found.kafka, found.mail_web, now, advance_to, settling.settled, found.actor_key, login, found.web, a_day
        )
        return await play(stage, once=once, as_json=as_json)
