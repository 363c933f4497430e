"""Facts of terminations.v1 for tests, each as its contract writes it."""

from datetime import UTC, date, datetime
from typing import Any

from shared.contracts.endings import terminations
from shared.contracts.endings.terminations import TerminationFact
from shared.contracts.topics import TERMINATIONS

AT = datetime(2026, 3, 2, 14, 5, tzinfo=UTC)
LAST_DAY = date(2026, 6, 30)


def line(currency: str, amount: str, part: str = "net", **more: Any) -> dict[str, Any]:
    """Return a line of a settlement: a refund, or what the customer owes where it is negative."""
    kind = "invoice" if amount.startswith("-") else "refund"
    return {
        "kind": kind,
        "part": part,
        "item_id": f"{kind}-{currency}",
        "what": "Licences 2026",
        "currency": currency,
        "amount": amount,
        "how": "184 of 365 days.",
        **more,
    }


def settlement(currency: str, net: str, tax: str, total: str) -> dict[str, Any]:
    """Return a settlement of two lines, which come to these sums."""
    return {
        "currency": currency,
        "lines": [line(currency, net), line(currency, tax, "tax")],
        "net": net,
        "tax": tax,
        "total": total,
        "owed_by": "customer" if total.startswith("-") else "us",
        "sentence": f"{total} {currency}.",
    }


BOTH_OWE = (settlement("EUR", "1000.00", "190.00", "1190.00"), settlement("USD", "-50.00", "-9.50", "-59.50"))


def termination(
    last_day: date = LAST_DAY, settled: tuple[dict[str, Any], ...] = BOTH_OWE, **more: Any
) -> dict[str, Any]:
    """Return an ending as it is told."""
    milestones = [
        {"milestone_id": name, "kind": kind, "what": "So it is done.", "team": "finance", "due_on": last_day}
        for name, kind in (("m-refund", "refund_paid"), ("m-access", "access_closed"))
    ]
    return {
        "effective_on": last_day,
        "last_day_of_support": last_day,
        "access_ends_on": last_day,
        "data_returned_on": last_day,
        "data_deleted_on": last_day,
        "time_zone": "Europe/Berlin",
        "contract_id": "contract-7",
        "notice_on": date(2026, 3, 9),
        "settlement": settled,
        "milestones": milestones,
        "support_contact": "jo",
        **more,
    }


class Story:
    """The facts of one ending, numbered in the order in which they are made."""

    def __init__(self, customer: str, termination_id: str) -> None:
        """Nothing is told yet."""
        self.customer = customer
        self.termination_id = termination_id
        self._seq = 0

    def announced(self, revision: int = 1, **more: Any) -> TerminationFact:
        """It will end, or, with a later revision, otherwise than was said."""
        kind = terminations.TerminationAnnounced if revision == 1 else terminations.TerminationChanged
        return self._fact(kind, revision, str(revision), termination=termination(**more))

    def withdrawn(self, revision: int) -> TerminationFact:
        """It will not end."""
        return self._fact(terminations.TerminationWithdrawn, revision, "withdrawn", withdrawn_at=AT)

    def reached(self, milestone_id: str, kind: str, revision: int, **more: Any) -> TerminationFact:
        """A milestone is reached."""
        fields = {"milestone_id": milestone_id, "kind": kind, "on": LAST_DAY, "evidence": "Booked.", **more}
        return self._fact(terminations.MilestoneReached, revision, f"milestone/{milestone_id}", **fields)

    def completed(self, revision: int) -> TerminationFact:
        """It has ended."""
        return self._fact(terminations.TerminationCompleted, revision, "completed", effective_on=LAST_DAY)

    def _fact(self, kind: type[TerminationFact], revision: int, key: str, /, **fields: Any) -> TerminationFact:
        self._seq += 1
        return kind.model_validate(
            {
                "customer_id": self.customer,
                "source": TERMINATIONS.producers[0],
                "epoch": 1,
                "seq": self._seq,
                "occurred_at": AT,
                "correlation_id": "began-it",
                "causation_id": "caused-it",
                "termination_id": self.termination_id,
                "revision": revision,
                "idempotency_key": f"{self.termination_id}/{key}",
                **fields,
            }
        )
