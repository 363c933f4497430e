"""Upstream events for tests: a person, a customer, and what makes it a customer at risk."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

Body = dict[str, Any]


def upstream(type_: str, customer: str, at: datetime | None = None, **fields: Any) -> Body:
    """Return an upstream event with an id of its own."""
    moment = at or datetime.now(UTC)
    common = {"type": type_, "event_id": str(uuid4()), "customer_id": customer, "occurred_at": moment.isoformat()}
    return {**common, **fields}


def person(person_id: str, **changes: Any) -> Body:
    """Return a PersonChanged: a CSM."""
    about: Mapping[str, Any] = {
        "person_id": person_id,
        "name": f"Person {person_id}",
        "email": f"{person_id}@example.com",
        "roles": ["csm"],
        "teams": [],
        "time_zone": "Europe/Madrid",
        "active": True,
    }
    event = upstream("PersonChanged", "", **{**about, **changes})
    del event["customer_id"]
    return event


def customer(customer_id: str, csm: str, **changes: Any) -> Body:
    """Return a CustomerChanged of a customer whose name is `Company <id>`."""
    about: Mapping[str, Any] = {
        "name": f"Company {customer_id}",
        "segment": "smb",
        "tier": "gold",
        "csm": csm,
        "recurring_revenue": {"amount": "100.00", "currency": "EUR", "period": "month"},
        "started_on": "2025-01-01",
        "time_zone": "Europe/Berlin",
        "contacts": [{"contact_id": "boss", "name": "Bo Ss", "role": "executive"}],
    }
    return upstream("CustomerChanged", customer_id, **{**about, **changes})


def trouble(customer_id: str, now: datetime | None = None) -> list[Body]:
    """Return events that make a customer red: it uses the product daily, and opens three urgent tickets at once."""
    moment = now or datetime.now(UTC)
    used = [
        upstream("UsageRecorded", customer_id, moment - timedelta(days=day), metric="logins", quantity=10)
        for day in range(100, 0, -1)
    ]
    return [
        *used,
        upstream("SurveyAnswered", customer_id, moment, kind="nps", score=2),
        *(upstream("TicketOpened", customer_id, moment, ticket_id=f"T{n}", severity="urgent") for n in (1, 2, 3)),
    ]
