"""The one clock of all processes: real, or driven by a file that holds a moment and only moves forward."""

import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

Clock = Callable[[], datetime]


class WrongClock(ValueError):
    """The clock's file holds no moment, or would go backwards; the text is a sentence for people."""


def clock(file: Path | None) -> Clock:
    """Return the clock: what `file` says while it exists, else real time in UTC."""
    return (lambda: read(file) or real()) if file else real


def real() -> datetime:
    """Return the real time, in UTC."""
    return datetime.now(UTC)


def read(file: Path) -> datetime | None:
    """Return the moment in `file`, None if there is no such file; WrongClock if it holds something else."""
    try:
        text = file.read_text().strip()
    except FileNotFoundError:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise WrongClock(f"The clock file {file} does not hold a moment such as 2026-01-31T09:00:00+00:00.") from None
    if moment.tzinfo is None:
        raise WrongClock(f"The clock file {file} holds a moment without an offset from UTC.")
    return moment.astimezone(UTC)


def move(file: Path, to: datetime) -> None:
    """Set the driven clock to `to`, whole or not at all; WrongClock if that would be backwards."""
    now = read(file)
    if now is not None and to < now:
        raise WrongClock(f"The clock only moves forward: it is {now.isoformat()}, and {to.isoformat()} is before that.")
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    with os.fdopen(handle, "w") as draft:
        draft.write(to.astimezone(UTC).isoformat())
    Path(name).chmod(0o644)
    Path(name).replace(file)
