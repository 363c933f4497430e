"""From a customer's events to its signals. Events may come in any order: what counts is when they happened."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.health_scoring.domain.signals import Departure, Meeting, Signals, Survey, Ticket


@dataclass(frozen=True)
class Event:
    """A support or relationship event: what it is about (ticket, invoice, contact) and what it says."""

    type: str
    at: datetime
    id: str
    subject: str | None
    value: Mapping[str, Any]


def signals(
    events: Iterable[Event],
    *,
    usage: Mapping[str, Mapping[date, float]],
    last_used_at: datetime | None,
    contacts: Mapping[str, str] | None,
) -> Signals:
    """Fold events by event time. `contacts`: role by contact id, None while the customer is not announced."""
    ordered = sorted(events, key=lambda event: (event.at, event.type, event.id))
    tickets: dict[str, Ticket] = {}
    overdue: dict[str, date | None] = {}
    meetings, surveys, departures = [], [], []
    for event in ordered:
        match event.type:
            case "TicketOpened" | "TicketEscalated" | "TicketResolved" | "TicketReopened":
                tickets[event.subject or ""] = _ticket_after(tickets.get(event.subject or ""), event)
            case "InvoiceOverdue":
                overdue[event.subject or ""] = date.fromisoformat(event.value["due_on"])
            case "InvoicePaid":
                overdue[event.subject or ""] = None
            case "MeetingHeld":
                meetings.append(Meeting(event.at, "held"))
            case "MeetingMissed":
                meetings.append(Meeting(event.at, f"missed_by_{event.value['by']}"))
            case "SurveyAnswered":
                surveys.append(Survey(event.at, event.value["kind"], event.value["score"]))
            case "ContactLeft":
                departures.append(Departure(event.at, (contacts or {}).get(event.subject or "")))
    moments = [event.at for event in ordered] + ([last_used_at] if last_used_at else [])
    return Signals(
        announced=contacts is not None,
        usage=usage,
        last_used_at=last_used_at,
        tickets=tuple(tickets.values()),
        meetings=tuple(meetings),
        surveys=tuple(surveys),
        overdue=tuple(sorted(due for due in overdue.values() if due is not None)),
        departures=tuple(departures),
        newest=max(moments, default=None),
        left=any(event.type == "CustomerLeft" for event in ordered),
    )


def _ticket_after(ticket: Ticket | None, event: Event) -> Ticket:
    before = ticket or Ticket(severity=None, opened_at=None)
    match event.type:
        case "TicketOpened":
            return Ticket(event.value["severity"], event.at, before.escalated, before.resolved)
        case "TicketEscalated":
            return Ticket(before.severity, before.opened_at, True, before.resolved)
        case _:
            return Ticket(before.severity, before.opened_at, before.escalated, event.type == "TicketResolved")
