"""What people and companies are called, where a customer hears or reads it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.transition_review.domain.clauses.contract import Side


@dataclass(frozen=True)
class Names:
    """What people and companies are called. ours, theirs: by the ids of our people and of the customer's contacts."""

    us: str
    customer: str
    ours: Mapping[str, str] = field(default_factory=dict)
    theirs: Mapping[str, str] = field(default_factory=dict)

    def of(self, side: Side) -> str:
        """Return what a side is called."""
        return self.us if side == "us" else self.customer

    def person(self, side: Side, person_id: str) -> str:
        """Return what a person is called; never the id, which is ours alone."""
        known = self.ours if side == "us" else self.theirs
        return known.get(person_id) or f"somebody at {self.of(side)}"
