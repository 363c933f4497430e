"""What happened counts, not when it was heard of: any order of events gives the same signals."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.health_scoring.domain.history import Event, signals
from services.health_scoring.domain.signals import Departure, Meeting, Signals, Ticket

START = datetime(2026, 1, 1, tzinfo=UTC)


def event(hour: int, type_: str, subject: str | None = None, **value: Any) -> Event:
    return Event(type_, START + timedelta(hours=hour), f"{type_}-{hour}-{subject}", subject, value)


def folded(*events: Event, contacts: dict[str, str] | None = None) -> Signals:
    return signals(events, usage={}, last_used_at=None, contacts=contacts if contacts is not None else {})


STORY = (
    event(1, "TicketOpened", "T", severity="high"),
    event(2, "TicketEscalated", "T"),
    event(3, "TicketResolved", "T"),
    event(4, "TicketReopened", "T"),
    event(1, "InvoiceOverdue", "I", due_on="2025-12-01"),
    event(2, "InvoicePaid", "I"),
    event(2, "InvoiceOverdue", "J", due_on="2025-12-02"),
    event(5, "MeetingHeld"),
    event(6, "MeetingMissed", by="customer"),
    event(7, "SurveyAnswered", kind="nps", score=3.0),
    event(8, "ContactLeft", "boss"),
)


@given(st.permutations(STORY))
def test_any_order_of_arrival_gives_the_same_signals(events: list[Event]) -> None:
    assert folded(*events, contacts={"boss": "executive"}) == folded(*STORY, contacts={"boss": "executive"})


def test_the_story_is_understood() -> None:
    known = folded(*STORY, contacts={"boss": "executive"})
    assert known.tickets == (Ticket("high", START + timedelta(hours=1), escalated=True, resolved=False),)
    assert known.overdue == (date(2025, 12, 2),)
    assert [meeting.outcome for meeting in known.meetings] == ["held", "missed_by_customer"]
    assert known.departures == (Departure(START + timedelta(hours=8), "executive"),)
    assert known.newest == START + timedelta(hours=8)


def test_ticket_of_which_only_the_end_is_known_is_not_open() -> None:
    assert folded(event(3, "TicketResolved", "T")).tickets == (Ticket(None, None, resolved=True),)


def test_meeting_outcomes_name_the_side() -> None:
    assert folded(event(1, "MeetingMissed", by="us")).meetings == (Meeting(START + timedelta(hours=1), "missed_by_us"),)


def test_customer_who_left_is_known_to_have_left() -> None:
    assert folded(event(1, "CustomerLeft", on="2026-01-01")).left
