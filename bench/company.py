"""Customers with a past, as upstream systems tell it: for the real health_scoring with the shipped scorecards."""

import json
import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.contracts.topics import CUSTOMERS, SUPPORT, USAGE

METRICS = ("logins", "reports", "exports", "api_calls")
USERS = 5
SEGMENTS = ("smb", "mid-market", "enterprise")
SEVERITIES = ("low", "normal", "high", "urgent")

Sent = tuple[str, str, bytes]  # topic, key, body


class Company:
    """Makes events about customers; the same seed makes the same ones."""

    def __init__(self, seed: int = 11) -> None:
        """Nothing was told yet."""
        self._chance = random.Random(seed)  # noqa: S311  # the same company every time
        self.upstream = 0  # events so far

    def announced(self, names: list[str], at: datetime) -> Iterator[Sent]:
        """Yield the announcement of each customer."""
        for index, name in enumerate(names):
            yield self.event(CUSTOMERS.name, "CustomerChanged", name, at, {
                "name": f"Company {name}",
                "segment": SEGMENTS[index % len(SEGMENTS)],
                "tier": "standard",
                "csm": "csm-1",
                "recurring_revenue": {"amount": "1200.00", "currency": "EUR", "period": "month"},
                "started_on": "2024-01-01",
                "seats": 25,
                "time_zone": "Europe/Berlin",
                "contacts": [{"contact_id": "boss", "name": "Bo Ss", "role": "executive"}],
            })  # fmt: skip

    def used(self, names: list[str], until: datetime, days: int) -> Iterator[Sent]:
        """Yield a use of each metric on each day by each customer, by rising time, until the moment; and tickets."""
        for day in range(days, 0, -1):
            for index, name in enumerate(names):
                at = until - timedelta(days=day - 1, seconds=60 + index % 3000)
                for metric in METRICS:
                    yield self.use(name, at, metric)
                if self._chance.random() < 1 / 30:
                    yield self.ticket(name, at)

    def use(self, name: str, at: datetime, metric: str) -> Sent:
        """Return a use of the product."""
        user = f"user-{self._chance.randrange(USERS)}"
        says = {"metric": metric, "quantity": float(self._chance.randint(1, 50)), "user_id": user}
        return self.event(USAGE.name, "UsageRecorded", name, at, says)

    def ticket(self, name: str, at: datetime) -> Sent:
        """Return a ticket that is opened."""
        number = f"T{self._chance.getrandbits(40)}"
        says = {"ticket_id": number, "severity": self._chance.choice(SEVERITIES)}
        return self.event(SUPPORT.name, "TicketOpened", name, at, says)

    def event(self, topic: str, kind: str, name: str, at: datetime, says: dict[str, Any]) -> Sent:
        """Return an event with an id of its own."""
        self.upstream += 1
        body = {
            "type": kind,
            "event_id": str(uuid.UUID(int=self._chance.getrandbits(128), version=4)),
            "source": topic,
            "occurred_at": at.astimezone(UTC).isoformat(),
            "customer_id": name,
            **says,
        }
        return topic, name, json.dumps(body).encode()
