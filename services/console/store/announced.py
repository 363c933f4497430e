"""What was announced of an ending: for its teams, who need not know what led to it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Literal

from shared.contracts.endings.parts import Milestone
from shared.contracts.endings.terminations import Termination
from shared.database import Transaction

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
    found = await _announced(tx, "termination_id", termination_id)
    return found[0] if found else None


async def of_customer(tx: Transaction, customer_id: str) -> list[Announced]:
    """Return the customer's endings that were announced and that this reader may know of."""
    return await _announced(tx, "customer_id", customer_id)


async def _announced(tx: Transaction, column: Literal["termination_id", "customer_id"], value: str) -> list[Announced]:
    rows = await tx.fetch(
        f"SELECT termination_id, customer_id, state, body FROM terminations WHERE {column} = $1"  # noqa: S608  # one of two
        " ORDER BY epoch DESC, seq DESC LIMIT $2",
        value,
        MOST,
    )
    marks: dict[str, Marks] = defaultdict(dict)
    for one in await tx.fetch(
        "SELECT termination_id, milestone_id, reached_on, evidence FROM reached WHERE termination_id = ANY($1::text[])",
        [row["termination_id"] for row in rows],
    ):
        marks[one["termination_id"]][one["milestone_id"]] = (one["reached_on"], one["evidence"])
    return [
        Announced(
            row["termination_id"],
            row["customer_id"],
            row["state"],
            Termination.model_validate_json(row["body"]) if row["body"] is not None else None,
            marks[row["termination_id"]],
        )
        for row in rows
    ]
