"""A parcel to hand over."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from services.notifications.domain.parcel import Attachment, Parcel

INVITATION = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:PUBLISH\r\nEND:VCALENDAR\r\n"
PARCEL = Parcel(
    key="n-1",
    address="ana@example.com",
    name="Ana Ruiz",
    subject="Action needed: Acme",
    text="Acme needs you.\n\nWhat to do next: arrange a candid conversation.",
    html="<!doctype html><p>Acme needs you.</p><p>What to do next: arrange a candid conversation.</p>",
    headers={
        "List-Unsubscribe": "<https://amicable.example/choices/tok>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    },
    attachments=(Attachment("meeting.ics", "text/calendar; method=PUBLISH", INVITATION),),
    fact={
        "type": "CaseOpened",
        "event_id": "f-1",
        "customer_id": "acme",
        "correlation_id": "c-1",
        "causation_id": "c-1",
    },
    link="https://amicable.example/customers/acme",
    urgency="high",
    sent_at=datetime(2026, 7, 1, 22, 30, tzinfo=UTC),
)


def parcel(**changes: Any) -> Parcel:
    """Return the parcel, with changes."""
    return replace(PARCEL, **changes)
