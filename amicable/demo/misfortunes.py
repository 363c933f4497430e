"""How customers go down and up again in the story that has no end. Each way takes about five weeks."""

from collections.abc import Callable
from random import Random

from amicable.demo.moves import (
    calms_down,
    escalate,
    meeting,
    missed,
    remark,
    resolve,
    sponsor_follows,
    sponsor_leaves,
    survey,
    ticket,
)
from amicable.demo.script import Script

_SMALL = (
    "Jobs disappear from the board at noon",
    "Travel times are wrong since the update",
    "Technicians are signed out in the middle of a job",
    "Invoices carry yesterday's hours",
)
_BIG = (
    "Nobody can open the dispatch board",
    "All jobs of tomorrow are gone",
    "No technician gets a notification",
    "Every report shows another customer's logo",
)


def fading_use(random: Random) -> Script:
    """People stop using it; talking brings them back."""
    low = random.uniform(0.15, 0.4)
    return Script(
        "fading use",
        usage=((0, 1.0), (9, low), (22, low), (32, 1.0)),
        moves=(
            (4, (remark("is used less from day to day", "bad"),)),
            (7, (missed(), survey("nps", random.randint(2, 4)))),
            (10, (ticket("high", random.choice(_SMALL)),)),
            (13, (missed(),)),
            (16, (meeting(), resolve())),
            (18, (meeting(), remark("trains its teams again", "good"))),
            (22, (meeting(), survey("nps", random.randint(7, 9)))),
            (26, (meeting(), calms_down())),
        ),
    )


def support_overload(random: Random) -> Script:
    """Urgent tickets pile up until they are taken seriously."""
    first, second = random.sample(_BIG, 2)
    return Script(
        "support overload",
        usage=((0, 1.0), (3, 0.6), (7, 0.25), (16, 0.25), (24, 1.0)),
        moves=(
            (1, (ticket("urgent", first),)),
            (2, (ticket("urgent", second), escalate())),
            (4, (survey("csat", 1),)),
            (6, (missed(), ticket("high", random.choice(_SMALL)))),
            (10, (meeting(), resolve(count=1))),
            (12, (resolve(),)),
            (15, (meeting(), survey("csat", 4))),
            (20, (meeting(), calms_down())),
        ),
    )


def sudden_silence(random: Random) -> Script:
    """Nobody logs in and nobody answers; then somebody does."""
    back = random.randint(19, 24)
    return Script(
        "sudden silence",
        usage=((0, 1.0), (1, 0.0), (back, 0.0), (back + 1, 0.8), (back + 12, 1.0)),
        moves=(
            (3, (remark("has gone quiet: nobody logs in", "bad"),)),
            (6, (missed(),)),
            (9, (missed(), survey("nps", random.randint(1, 3)))),
            (12, (missed(),)),
            (19, (meeting(), remark("is back at work", "good"))),
            (22, (meeting(), survey("nps", random.randint(7, 9)))),
            (26, (meeting(), calms_down())),
        ),
    )


def sponsor_left(random: Random) -> Script:
    """The sponsor leaves; a new one has to be found and won."""
    return Script(
        "sponsor left",
        moves=(
            (1, (sponsor_leaves(),)),
            (5, (meeting(),)),
            (random.randint(8, 12), (sponsor_follows(),)),
            (14, (meeting(), survey("nps", random.randint(6, 9)))),
            (18, (meeting(), calms_down())),
        ),
    )


def bad_week(random: Random) -> Script:
    """Several tickets at once, and an angry answer; soon mended."""
    return Script(
        "a bad week",
        moves=(
            (1, (ticket("high", random.choice(_SMALL)),)),
            (3, (ticket("urgent", random.choice(_BIG)), survey("csat", random.randint(1, 2)), missed())),
            (7, (resolve(count=1),)),
            (8, (resolve(),)),
            (10, (meeting(), survey("csat", random.randint(4, 5)))),
            (14, (calms_down(),)),
        ),
    )


WAYS: tuple[Callable[[Random], Script], ...] = (fading_use, support_overload, sudden_silence, sponsor_left, bad_week)
