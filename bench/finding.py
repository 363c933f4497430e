"""What a scenario finds out."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One figure of a scenario. goal: what it may be at most; None where none was set."""

    what: str
    figure: float
    unit: str
    goal: float | None = None
