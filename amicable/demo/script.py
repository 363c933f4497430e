"""A script: in which way a customer goes down, and perhaps up again."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from amicable.demo.dates import working_day
from amicable.demo.happening import Happening
from amicable.demo.life import Life, Move


@dataclass(frozen=True)
class Script:
    """What happens to a customer, counted from an origin (for the past and the story's first days: the anchor).

    Attributes:
        way: the name of its way.
        moves: by working day before (negative) or after the origin.
        usage: points of its usage curve: calendar days from the origin, and the factor.
        quiet_from: the calendar day from which nothing ordinary happens to it.
        live: whether it uses the product at all; a move may make it go live.
    """

    way: str
    moves: tuple[tuple[int, tuple[Move, ...]], ...]
    usage: tuple[tuple[int, float], ...] = ()
    quiet_from: int = 0
    live: bool = True


def cast(script: Script, life: Life, origin: date) -> None:
    """Give the customer its part. Moves on days that it did not live to see, being a new customer, do not happen."""
    life.curve.bend(origin, script.usage)
    quiet_on = origin + timedelta(days=script.quiet_from)
    if quiet_on <= life.day:
        life.calm = False
    else:
        life.plan.setdefault(quiet_on, []).append(_grows_quiet)
    if not script.live:
        life.live_on = None
    for number, moves in script.moves:
        for move in moves:
            life.plan.setdefault(working_day(origin, number), []).append(move)


def _grows_quiet(life: Life, at: datetime) -> Happening:
    life.calm = False
    return Happening(at)
