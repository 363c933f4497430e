"""A relationship that is being ended, or has ended: the first is scored and raises no alarm, the second is not scored.

From domain.md, life's other turns.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Ending:
    """ended_on: the last day; None while the ending goes on, and may still be withdrawn."""

    ended_on: date | None = None

    @property
    def is_going_on(self) -> bool:
        """Tell whether the customer is in an ending: its people know, and need no alarm."""
        return self.ended_on is None

    def is_over_for(self, started_on: date) -> bool:
        """Tell whether it has ended, and the customer, announced as one since `started_on`, has not begun anew."""
        return self.ended_on is not None and started_on <= self.ended_on
