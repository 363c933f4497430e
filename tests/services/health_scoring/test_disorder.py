"""The same events in any order, in any batches, with duplicates, late, across restarts, end in the same state.

On the real store, against a reference that knows neither orders nor batches: the judgement of all events at once.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.health_scoring.domain.facts import Facts, Profile, Signal, Usage, seen
from services.health_scoring.domain.feeds import Feeds, feeds, hour_of
from services.health_scoring.domain.judgement import judge
from services.health_scoring.domain.scorecard import Scorecard
from services.health_scoring.scorecards.shipped import default_cards
from services.health_scoring.store.health import Kept
from shared.contracts.topics import UPSTREAM_TOPIC_OF_TYPE
from shared.database import Pool
from tests.services.health_scoring.workshop import Workshop
from tests.stories import customer, upstream

START = datetime(2026, 3, 15, 9, 40, tzinfo=UTC)
KNOWN = ("usage_days", "usage_users", "signals", "customers", "contacts", "feed_days")
SMB: Scorecard = next(card for card in default_cards() if "smb" in card.segments)


@dataclass(frozen=True)
class Delivery:
    """A batch of events at a time, after so many hours; restart: the process begins anew before it."""

    after: timedelta
    events: tuple[dict[str, Any], ...]
    sweep: bool
    restart: bool


def history(chance: random.Random, end: datetime) -> list[dict[str, Any]]:
    """A customer's last months, and a neighbour's that keeps the feeds busy."""
    events = [*announcements(chance, end), *uses(chance, end), *tickets(chance, end), *talks(chance, end)]
    for number, event in enumerate(events):
        event["event_id"] = f"e{number}"
        event["source"] = chance.choice(["crm", "app"]) if event["type"] != "UsageRecorded" else "app"
    return events


def announcements(chance: random.Random, end: datetime) -> list[dict[str, Any]]:
    """Both customers as they are announced, ours perhaps twice."""
    events = [
        customer("acme", "ana", occurred_at=(end - timedelta(days=chance.randrange(1, 200))).isoformat()),
        customer("other", "ana", occurred_at=(end - timedelta(days=200)).isoformat()),
    ]
    if chance.random() < 0.5:
        later = (end - timedelta(hours=chance.randrange(1, 60))).isoformat()
        events.append(customer("acme", "bo", occurred_at=later, seats=chance.randrange(1, 9), started_on="2025-09-30"))
    return events


def uses(chance: random.Random, end: datetime) -> list[dict[str, Any]]:
    """What ours used, with users and fractions, and what its neighbour did."""
    events = []
    span = chance.choice([3, 40, 120])
    for metric in ("logins", "gb", "reports")[: chance.randrange(1, 4)]:
        silent = chance.choice([0, 0, 2, 15])
        for day in range(silent, span):
            if chance.random() < 0.6:
                at = end - timedelta(days=day, minutes=chance.randrange(1440))
                quantity = chance.choice([1, 2.5, 0.1, 7])
                user = chance.choice([None, "u1", "u2", "u3"])
                fields = {"metric": metric, "quantity": quantity} | ({"user_id": user} if user else {})
                events.append(upstream("UsageRecorded", "acme", at, **fields))
    for day in range(0, 120, chance.choice([1, 1, 3])):
        at = end - timedelta(days=day, minutes=chance.randrange(600))
        events.append(upstream("UsageRecorded", "other", at, metric="logins"))
    return events


def tickets(chance: random.Random, end: datetime) -> list[dict[str, Any]]:
    """Tickets, whose later events may come before their opening."""
    events = []
    for number in range(chance.randrange(6)):
        at = end - timedelta(minutes=chance.randrange(1440 * chance.choice([1, 5, 40])))
        severity = chance.choice(["low", "normal", "urgent"])
        events.append(upstream("TicketOpened", "acme", at, ticket_id=f"T{number}", severity=severity))
        for kind in ("TicketEscalated", "TicketResolved", "TicketReopened"):
            if chance.random() < 0.4:
                at += timedelta(minutes=chance.randrange(60 * 50))
                events.append(upstream(kind, "acme", min(at, end + timedelta(hours=5)), ticket_id=f"T{number}"))
    return events


def talks(chance: random.Random, end: datetime) -> list[dict[str, Any]]:
    """Surveys and meetings, and perhaps an executive who leaves."""
    events = []
    for _ in range(chance.randrange(4)):
        at = end - timedelta(minutes=chance.randrange(1440 * 60))
        events.append(upstream("SurveyAnswered", "acme", at, kind="nps", score=chance.randrange(11)))
        events.append(upstream(chance.choice(["MeetingHeld", "MeetingMissed"]), "acme", at, by="customer"))
        if events[-1]["type"] == "MeetingHeld":
            events[-1]["with"] = events[-1].pop("by")
    if chance.random() < 0.3:
        at = end - timedelta(minutes=chance.randrange(1440 * 40))
        events.append(upstream("ContactLeft", "acme", at, contact_id="boss"))
    return events


def deliveries(chance: random.Random, events: list[dict[str, Any]], end: datetime) -> list[Delivery]:
    """Cut the events into batches in disorder, with duplicates; none comes more than a day before it happens."""
    mixed = events + chance.sample(events, len(events) // 4)
    if chance.random() < 0.5:
        mixed.sort(key=lambda event: event["occurred_at"])
        for _ in range(5):
            one, other = chance.randrange(len(mixed)), chance.randrange(len(mixed))
            mixed[one], mixed[other] = mixed[other], mixed[one]
    else:
        chance.shuffle(mixed)
    cuts = sorted(chance.randrange(len(mixed)) for _ in range(chance.randrange(7)))
    bounds = [0, *cuts, len(mixed)]
    hours = chance.choice([0, 1, 9])
    return [
        Delivery(
            timedelta(minutes=chance.randrange(60 * hours + 1)),
            tuple(mixed[start:stop]),
            chance.random() < 0.6,
            chance.random() < 0.2,
        )
        for start, stop in pairwise(bounds)
    ]


def reference(events: Iterable[dict[str, Any]], now: datetime) -> tuple[Facts, Feeds]:
    """Put together what is known of acme, from all events, without a store."""
    ours = [event for event in events if event["customer_id"] == "acme"]
    usage: dict[str, dict[int, list[tuple[datetime, float, str]]]] = {}
    users, signals = [], []
    roles: dict[str, tuple[datetime, str]] = {}
    profile = None
    for event in sorted(ours, key=lambda event: (_at(event), event["event_id"])):
        at = _at(event)
        match event["type"]:
            case "UsageRecorded":
                usage.setdefault(event["metric"], {}).setdefault(at.toordinal(), []).append(
                    (at, float(event["quantity"]), event["event_id"])
                )
                if "user_id" in event:
                    users.append((event["user_id"], at.toordinal()))
            case "CustomerChanged":
                roles |= {contact["contact_id"]: (at, contact["role"]) for contact in event["contacts"]}
                profile = Profile(
                    event["segment"],
                    date.fromisoformat(event["started_on"]),
                    event.get("seats"),
                    {name: role for name, (_, role) in roles.items()},
                )
            case kind:
                subject = event.get("ticket_id") or event.get("contact_id") or ""
                signals.append(Signal(at, event["source"], event["event_id"], kind, subject, event))
    days = {
        metric: Usage.of(
            sorted(found),
            [_exact_sum(use[1] for use in found[day]) for day in sorted(found)],
            [len(found[day]) for day in sorted(found)],
            {day: min(use[0] for use in found[day]) for day in found},
        )
        for metric, found in usage.items()
    }
    active: dict[tuple[str, str], set[int]] = {}
    for event in events:
        topic = UPSTREAM_TOPIC_OF_TYPE[event["type"]].name
        if topic != "customers.v1":
            active.setdefault((topic, event["source"]), set()).add(hour_of(_at(event)))
    known = feeds({feed: sorted(hours) for feed, hours in active.items()}, now)
    return Facts(profile, days, *seen((user, (day,)) for user, day in users), tuple(sorted(signals))), known


def _at(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["occurred_at"]).astimezone(UTC)


def _exact_sum(quantities: Iterable[float]) -> float:
    return float(sum(Decimal(repr(quantity)) for quantity in quantities))


def state(kept: Kept) -> dict[str, Any]:
    """What must not depend on the way."""
    return {
        "hundredths": kept.hundredths,
        "confidence": kept.confidence,
        "band": kept.band,
        "since": kept.band_since if kept.band_since < kept.scored_at else None,
        "open": kept.open_since is not None,
        "severity": kept.severity,
        "levels": kept.course.levels,
        "midnights": {day: points for day, points in kept.course.midnights.items() if points is not None},
    }


@pytest.mark.schema("health_scoring")
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
async def test_disorder_ends_in_the_state_of_all_events_at_once(pool: Pool, seed: int) -> None:
    await _live(pool, seed)


@pytest.mark.soak
@pytest.mark.schema("health_scoring")
@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
async def test_any_of_a_thousand_disorders_ends_in_the_state_of_all_events_at_once(pool: Pool, seed: int) -> None:
    await _live(pool, seed)


async def _live(pool: Pool, seed: int) -> None:
    """Live through the history that the seed makes, and compare."""
    chance = random.Random(seed)
    shop = Workshop(pool, START)
    await shop.empty()
    events = history(chance, START)
    for delivery in deliveries(chance, events, START):
        await shop.advance(delivery.after)
        if delivery.restart:
            shop.begin()
        await shop.take(delivery.events)
        if delivery.sweep:
            await shop.settle()
    step = timedelta(hours=chance.choice([1, 7, 200]))
    await shop.advance(timedelta(hours=chance.choice([0, 0, 3, 30, 24 * 9])), step=step)
    await shop.settle()
    kept = await shop.health("acme")
    assert kept is not None
    assert state(kept) == expected(events, kept.scored_at)
    moves_on = ("since", "levels", "midnights")  # with the window: nothing new was said by them since it was judged
    for name, value in expected(events, shop.now).items():
        assert name in moves_on or state(kept)[name] == value, name


def expected(events: Iterable[dict[str, Any]], now: datetime) -> dict[str, Any]:
    """Return the state by all events at once, at the moment."""
    judged = judge(SMB, *reference(events, now), now)
    standing = judged.standing
    return {
        "hundredths": judged.score.hundredths,
        "confidence": judged.score.confidence,
        "band": standing.band,
        "since": standing.since if standing.since < now else None,
        "open": standing.open_since is not None,
        "severity": standing.severity,
        "levels": judged.course.levels,
        "midnights": {day: points for day, points in judged.course.midnights.items() if points is not None},
    }
