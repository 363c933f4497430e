"""What was announced of an ending: for its teams, who need not know what led to it."""

from dataclasses import dataclass
from datetime import date

from shared.contracts.endings.parts import Milestone
from shared.contracts.endings.terminations import Termination
from shared.database import Row, Transaction

MOST = 20
Marks = dict[str, tuple[date, str]]  # by milestone: the day on which it was reached, and what shows it


@dataclass(frozen=True)
class Announced:
    """An ending as it was announced last. state: announced, withdrawn or completed."""

    termination_id: str
    customer_id: str
    state: str
    termination: Termination | None
    reached: Marks

    def open_milestones(self) -> tuple[Milestone, ...]:
        """Return the milestones that are still to be reached."""
        known = self.termination.milestones if self.termination and self.state == "announced" else ()
        return tuple(one for one in known if one.milestone_id not in self.reached)


async def find(tx: Transaction, termination_id: str) -> Announced | None:
    """Return the ending, None where none was announced or this reader may not know of it."""
    row = await tx.row(
        "SELECT termination_id, customer_id, state, body FROM terminations WHERE termination_id = $1", termination_id
    )
    return await _announced(tx, row) if row else None


async def of_customer(tx: Transaction, customer_id: str) -> list[Announced]:
    """Return the customer's endings that were announced and that this reader may know of."""
    rows = await tx.fetch(
        "SELECT termination_id, customer_id, state, body FROM terminations WHERE customer_id = $1"
        " ORDER BY epoch DESC, seq DESC LIMIT $2",
        customer_id,
        MOST,
    )
    return [await _announced(tx, row) for row in rows]


async def _announced(tx: Transaction, row: Row) -> Announced:
    reached = await tx.fetch(
        "SELECT milestone_id, reached_on, evidence FROM reached WHERE termination_id = $1", row["termination_id"]
    )
    return Announced(
        row["termination_id"],
        row["customer_id"],
        row["state"],
        Termination.model_validate_json(row["body"]) if row["body"] is not None else None,
        {one["milestone_id"]: (one["reached_on"], one["evidence"]) for one in reached},
    )
