"""What is known of one customer: the input of its score. Built from events in any order, each counted once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True)
class Ticket:
    """A support ticket as its events leave it. `severity` is None while only later events of it are known."""

    severity: str | None
    opened_at: datetime | None
    escalated: bool = False
    resolved: bool = False


@dataclass(frozen=True)
class Meeting:
    """A meeting that was held, or missed by the customer or by us."""

    at: datetime
    outcome: str  # held | missed_by_customer | missed_by_us


@dataclass(frozen=True)
class Survey:
    """An answered survey: nps 0 to 10, csat 1 to 5, ces 1 to 7."""

    at: datetime
    kind: str
    score: float


@dataclass(frozen=True)
class Departure:
    """A contact who left; `role` as the customer's data names it, None if they do not."""

    at: datetime
    role: str | None


@dataclass(frozen=True)
class Signals:
    """Everything that a customer's score is made from.

    usage: quantity by metric and UTC day. overdue: due dates of unpaid overdue invoices.
    announced: the customer's master data is known (without it nothing is scored).
    newest: event time of the latest event. left: the customer ended the relationship by itself.
    """

    announced: bool
    usage: Mapping[str, Mapping[date, float]] = field(default_factory=dict)
    last_used_at: datetime | None = None
    tickets: tuple[Ticket, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    surveys: tuple[Survey, ...] = ()
    overdue: tuple[date, ...] = ()
    departures: tuple[Departure, ...] = ()
    newest: datetime | None = None
    left: bool = False
