"""Customers' histories for tests of health_scoring, with a neighbour that keeps the feeds busy."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.stories import customer, upstream

Event = dict[str, Any]


def announced(customer_id: str, now: datetime, **changes: Any) -> Event:
    """A customer of two years, as it was announced an hour ago."""
    return customer(
        customer_id,
        "ana",
        occurred_at=(now - timedelta(hours=1)).isoformat(),
        **{"started_on": "2024-01-01", **changes},
    )


def used(
    customer_id: str, now: datetime, days: Sequence[int], *, metric: str = "logins", quantity: float = 10
) -> list[Event]:
    """A use on each of these days ago, four hours before the time of day that it is now."""
    return [
        upstream("UsageRecorded", customer_id, now - timedelta(days=day, hours=4), metric=metric, quantity=quantity)
        for day in days
    ]


def busy_feeds(now: datetime, days: int = 130) -> list[Event]:
    """Feeds that bring something about somebody else every few hours."""
    events = []
    for hour in range(0, 24 * days, 6):
        at = now - timedelta(hours=hour, minutes=30)
        events.append(upstream("UsageRecorded", "neighbour", at, metric="logins"))
        events.append(upstream("TicketEscalated", "neighbour", at, ticket_id="never-opened"))
        events.append(upstream("MeetingHeld", "neighbour", at, **{"with": "Ana"}))
    return events


def steady(customer_id: str, now: datetime) -> list[Event]:
    """A customer who is well: used every day, met a week ago, a good survey."""
    return [
        announced(customer_id, now),
        *used(customer_id, now, range(120, -1, -1)),
        upstream("MeetingHeld", customer_id, now - timedelta(days=7), **{"with": "Ana"}),
        upstream("SurveyAnswered", customer_id, now - timedelta(days=20), kind="nps", score=9),
    ]


def silent(customer_id: str, now: datetime, since: int) -> list[Event]:
    """The same, but not used for so many days."""
    events = steady(customer_id, now)
    last = now - timedelta(days=since)
    return [
        event
        for event in events
        if event["type"] != "UsageRecorded" or datetime.fromisoformat(event["occurred_at"]) < last
    ]
