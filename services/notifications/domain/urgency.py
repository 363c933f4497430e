"""How urgent something is, from what can wait to what breaks quiet hours."""

from typing import Literal, get_args

Urgency = Literal["low", "normal", "high", "critical"]
URGENCIES: tuple[Urgency, ...] = get_args(Urgency)


def rank(urgency: Urgency) -> int:
    """Return where it stands: the most urgent first."""
    return -URGENCIES.index(urgency)
