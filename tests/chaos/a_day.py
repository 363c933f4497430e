"""A day of some customers, as one stream: each customer's events come on one topic, so that they have one order.

Before it come their announcements and their months until then, and after it an import of what happened weeks ago,
amid what is new: from its first event on a partition only takes, and judges when it has caught up.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.services.health_scoring.stories import announced, busy_feeds, silent, steady
from tests.stories import upstream

Event = dict[str, Any]

NOW = datetime(2026, 3, 18, 13, 20, tzinfo=UTC)  # the clock is held here
SILENT_DAYS = 15


@dataclass(frozen=True)
class Day:
    """What comes, in order. evening: of today still. imported: of today, then of weeks ago, then of today again."""

    customers: tuple[str, ...]
    before: tuple[Event, ...]
    stream: tuple[Event, ...]
    evening: tuple[Event, ...]
    imported: tuple[Event, ...]


def a_day(customers: int, seed: int) -> Day:
    """Make it up: a third of the customers each on usage.v1, support.v1 and relationship.v1."""
    chance = random.Random(seed)
    third = range(customers // 3)
    users, callers, contacts = ([f"{what}-{number:02}" for number in third] for what in ("user", "caller", "contact"))
    before = busy_feeds(NOW)
    for number, customer in enumerate([*users, *callers, *contacts]):
        months = silent(customer, NOW, SILENT_DAYS) if number % 3 == 1 else steady(customer, NOW)
        before += [announced(customer, NOW, seats=20), *months[1:]]
    days = [uses(chance, one) for one in users] + [tickets(chance, one, "T") for one in callers]
    days += [talks(chance, one) for one in contacts]
    return Day(
        (*users, *callers, *contacts),
        tuple(before),
        merged(chance, [some_twice(chance, events) for events in days]),
        merged(chance, [tickets(chance, one, "E") for one in callers]),
        merged(chance, [tickets(chance, one, "N") + old_ones(one) + tickets(chance, one, "L") for one in callers]),
    )


def uses(chance: random.Random, customer: str) -> list[Event]:
    """Uses of today and yesterday, in fractions, by people who were never named before, not in their order."""
    moments = [(NOW - timedelta(minutes=chance.randrange(1, 1400)), None) for _ in range(12)]
    named = [(NOW - timedelta(minutes=chance.randrange(900, 1400)), f"person-{n}") for n in range(3)]
    return [
        upstream(
            "UsageRecorded",
            customer,
            at,
            metric=chance.choice(["logins", "exports", "gigabytes"]),
            quantity=chance.choice([0.1, 0.2, 0.7, 3, 11.3]),
            **({"user_id": user} if user else {}),
        )
        for at, user in moments + named
    ]


def tickets(chance: random.Random, customer: str, prefix: str) -> list[Event]:
    """Three emergencies at once, one of them escalated twice over, and all resolved again."""
    at = NOW - timedelta(minutes=chance.randrange(120, 1200))
    names = [f"{prefix}{number}" for number in (1, 2, 3)]
    told: list[tuple[str, str, dict[str, str]]] = [("TicketOpened", name, {"severity": "urgent"}) for name in names]
    told += [("TicketEscalated", name, {}) for name in chance.sample(names, 2)]
    told += [("TicketResolved", name, {}) for name in chance.sample(names, 3)]
    events = []
    for kind, name, says in told:
        at += timedelta(minutes=chance.randrange(1, 14))
        events.append(upstream(kind, customer, at, ticket_id=name, **says))
    one = chance.randrange(len(events) - 1)
    events[one : one + 2] = reversed(events[one : one + 2])  # the later one is told first
    return events


def talks(chance: random.Random, customer: str) -> list[Event]:
    """Answers, meetings and invoices, bad ones and good ones; of some the sponsor leaves."""
    at = NOW - timedelta(hours=20)

    def told(type_: str, **says: Any) -> Event:
        return upstream(type_, customer, at + timedelta(minutes=chance.randrange(60)), **says)

    bad = [told("SurveyAnswered", kind=kind, score=1) for kind in ("nps", "csat", "ces")]
    bad += [told("MeetingMissed", by="customer") for _ in range(3)]
    bad += [
        told("InvoiceOverdue", invoice_id=f"I{n}", amount="9.00", currency="EUR", due_on="2026-02-01") for n in (1, 2)
    ]
    chance.shuffle(bad)
    at += timedelta(hours=2)
    good = [told("InvoicePaid", invoice_id=f"I{n}") for n in (1, 2)]
    good += [told("SurveyAnswered", kind=kind, score=score) for kind, score in (("nps", 10), ("csat", 5), ("ces", 7))]
    good += [told("MeetingHeld", **{"with": "Ana"}) for _ in range(3)]
    chance.shuffle(good)
    if chance.random() < 0.4:
        good.insert(chance.randrange(len(good)), told("ContactLeft", contact_id="boss"))
    if chance.random() < 0.2:
        good.insert(chance.randrange(len(good)), told("CustomerLeft", on="2026-04-01"))
    return bad + good


def old_ones(customer: str) -> list[Event]:
    """A ticket of weeks ago, which nobody had told us of."""
    at = NOW - timedelta(days=20)
    opened = upstream("TicketOpened", customer, at, ticket_id="old", severity="high")
    return [opened, upstream("TicketEscalated", customer, at + timedelta(days=2), ticket_id="old")]


def some_twice(chance: random.Random, events: Sequence[Event]) -> list[Event]:
    """Send every tenth event again, some time after it was sent first."""
    sent = list(events)
    for event in chance.sample(sent, len(sent) // 10):
        sent.insert(chance.randrange(sent.index(event) + 1, len(sent) + 1), event)
    return sent


def merged(chance: random.Random, lists: Sequence[Sequence[Event]]) -> tuple[Event, ...]:
    """Mix the customers' events at random, each customer's in their order."""
    turns = [number for number, events in enumerate(lists) for _ in events]
    chance.shuffle(turns)
    sources: list[Callable[[], Event]] = [iter(events).__next__ for events in lists]
    return tuple(sources[number]() for number in turns)
