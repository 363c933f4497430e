"""When it is too late to tell, and when to try again."""

from datetime import datetime, timedelta
from typing import Literal

LATE = timedelta(hours=24)
GIVEN_UP = timedelta(hours=24)
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=15)

Failure = Literal["permanent", "throttled", "transient"]


def is_late(happened_at: datetime, now: datetime, *, quiet: bool, sends: bool = False) -> bool:
    """A fact older than 24 hours when it arrives is recorded and sent to nobody, unless a person has asked that people
    are told of it; so is a quiet replay.
    """
    return quiet or (now - happened_at > LATE and not sends)


def pause_before(attempt: int, jitter: float) -> timedelta:
    """Return how long to wait before the next attempt: doubling, at most 15 minutes; `jitter` from 0 to 1 halves it."""
    doubled = FIRST_PAUSE * 2.0 ** min(attempt - 1, 20)
    return min(doubled, LONGEST_PAUSE) * (0.5 + jitter / 2)


def throttled_pause(asked: timedelta | None, attempt: int, jitter: float) -> timedelta:
    """Return how long to wait where the other side says that it is too much: never shorter than it asks for."""
    own = pause_before(attempt, jitter)
    if asked is None:
        return own
    return min(max(asked, timedelta(0)), GIVEN_UP) + own * 0.5


def is_given_up(made_at: datetime, now: datetime) -> bool:
    """Tell whether a message has been tried for a day: it becomes a dead letter, which a person can send again."""
    return now - made_at > GIVEN_UP
