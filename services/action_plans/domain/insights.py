"""What went wrong and what helped, counted over cases one by one, so that nothing of a case is held afterwards."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime
from statistics import median

from services.action_plans.domain.case import Case
from services.action_plans.domain.ledger import ledger

NOT_SAID = "not_said"
COUNTED = (
    "commitments",
    "met",
    "late",
    "missed",
    "waived",
    "open",
    "days_late",
    "undeliverable",
    "meetings_missed",
    "meetings_moved",
)


@dataclass
class Situation:
    """Cases of one root cause. how: of each end, or state of those still open, how many; days: from opened to saved."""

    how: Counter[str] = field(default_factory=Counter)
    helped: Counter[str] = field(default_factory=Counter)
    days: list[int] = field(default_factory=list)

    @property
    def cases(self) -> int:
        """How many there were."""
        return self.how.total()

    @property
    def days_to_save(self) -> float | None:
        """The median of days from opened to saved; None where nobody was saved."""
        return median(self.days) if self.days else None


@dataclass
class Insights:
    """The count. reviews: held, missed by us, missed by the customer, not recorded."""

    situations: dict[str, Situation] = field(default_factory=dict)
    total: Situation = field(default_factory=Situation)
    us: Counter[str] = field(default_factory=Counter)
    customer: Counter[str] = field(default_factory=Counter)
    reviews: Counter[str] = field(default_factory=Counter)

    def add(self, case: Case, now: datetime) -> None:
        """Count a case, as it was when it ended, or is now."""
        at = case.ending.at if case.ending else now
        for counted in (self.situations.setdefault(cause_of(case), Situation()), self.total):
            counted.how[case.state if case.ending or case.failure else "open"] += 1
            if case.ending is not None and case.ending.how == "saved":
                counted.helped.update(case.ending.helped)
                counted.days.append((case.ending.at - case.opened_at).days)
        book = ledger(case, now)
        for sums, side in ((self.us, book.us), (self.customer, book.customer)):
            known = asdict(side)
            sums.update({name: known[name] for name in COUNTED})
        for review in case.reviews:
            if review.state == "held":
                self.reviews["held"] += 1
            elif review.missed_by is not None:
                self.reviews[f"missed_by_{review.missed_by}"] += 1
            elif review.planned_for < at:
                self.reviews["not_recorded"] += 1


def cause_of(case: Case) -> str:
    """Return the root cause that a person named when the case ended or failed: a situation of the playbooks."""
    named = case.ending.cause if case.ending else None
    return named or (case.failure.cause if case.failure else None) or NOT_SAID
