"""Who was found to be at risk, when, how long before the renewal, why, and by what."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from amicable.demo.trace import Link, is_clock, link
from shared.contracts.event import Message
from shared.contracts.health import Reason, RiskDetected
from shared.contracts.upstream import CustomerChanged


@dataclass(frozen=True)
class Found:
    """A customer's first risk, as it was announced.

    Attributes:
        renews_in: days from then to the renewal, negative where that was over; None where it is not known.
        by_clock: no event told of it: time alone did.
        evidence: the newest event behind the first reason. What caused the announcement is only the latest event.
    """

    customer_id: str
    customer: str
    at: datetime
    severity: str
    renews_in: int | None
    reasons: tuple[Reason, ...]
    by_clock: bool
    evidence: Link | None

    @property
    def reason(self) -> str:
        """The first reason, in words; nothing where none was given."""
        return self.reasons[0].text if self.reasons else ""


def found(
    facts: Iterable[Message], register: Mapping[str, CustomerChanged], by_id: Mapping[str, Message]
) -> tuple[Found, ...]:
    """Return whoever was found, those first who renew first; `by_id` holds the events behind the reasons."""
    first: dict[str, RiskDetected] = {}
    for fact in facts:
        if isinstance(fact, RiskDetected):
            known = first.setdefault(fact.customer_id, fact)
            first[fact.customer_id] = min(known, fact, key=lambda risk: risk.occurred_at)
    every = [_found(risk, register.get(customer_id), by_id) for customer_id, risk in first.items()]
    return tuple(sorted(every, key=lambda one: (one.renews_in is None, one.renews_in or 0, one.customer)))


def evidence_of(reasons: Sequence[Reason]) -> Iterator[str]:
    """Yield the ids of the events behind the first reason, the newest first."""
    if reasons and reasons[0].evidence:
        yield from reasons[0].evidence.event_ids


def _found(risk: RiskDetected, entry: CustomerChanged | None, by_id: Mapping[str, Message]) -> Found:
    return Found(
        customer_id=risk.customer_id,
        customer=entry.name if entry else risk.customer_id,
        at=risk.occurred_at,
        severity=risk.severity,
        renews_in=(entry.renews_on - risk.occurred_at.date()).days if entry and entry.renews_on else None,
        reasons=risk.reasons,
        by_clock=is_clock(risk.causation_id),
        evidence=next((link(by_id[event_id]) for event_id in evidence_of(risk.reasons) if event_id in by_id), None),
    )
