"""The moment that drives the clock of all processes, as the command line reads it."""

from datetime import datetime
from pathlib import Path

from amicable.problems import Problem
from shared import clock


def driven(file: Path) -> datetime | None:
    """Return the moment in `file`, None where there is none and the clock is real; Problem where it holds no moment."""
    try:
        return clock.read(file)
    except ValueError:  # WrongClock, or bytes that are no text
        raise Problem(
            f"The clock file {file} does not hold a moment and its offset from UTC, such as 2026-01-31T09:00:00+00:00: "
            "write one into it, or remove it to go by the real time."
        ) from None
    except OSError as error:
        raise Problem(f"The clock file {file} cannot be read: {error.strerror}.") from None
