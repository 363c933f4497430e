"""Time alone changes a customer's health, and is looked at when it can; the sequence is the same in any batches."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.database import Pool
from tests.services.health_scoring.stories import announced, busy_feeds, steady
from tests.services.health_scoring.workshop import Workshop
from tests.stories import upstream

NOW = datetime(2026, 3, 15, 12, 20, tzinfo=UTC)
pytestmark = pytest.mark.schema("health_scoring")


async def shop_with(pool: Pool, *events: list[dict[str, Any]]) -> Workshop:
    shop = Workshop(pool, NOW)
    for some in (busy_feeds(NOW), *events):
        await shop.take(some)
    await shop.settle()
    return shop


async def go_on(shop: Workshop, days: int) -> None:
    """Let days pass in which the feeds bring something about the neighbour only."""
    for _ in range(days * 4):
        await shop.take(
            [
                upstream("UsageRecorded", "neighbour", shop.now, metric="logins"),
                upstream("TicketEscalated", "neighbour", shop.now, ticket_id="never-opened"),
                upstream("MeetingHeld", "neighbour", shop.now, **{"with": "Ana"}),
            ]
        )
        await shop.advance(timedelta(hours=6))


async def test_customer_gone_silent_is_found_by_the_clock_alone(pool: Pool) -> None:
    shop = await shop_with(pool, steady("acme", NOW))
    await go_on(shop, days=11)
    risks = [one for one in await shop.told("RiskDetected", "RiskUpdated") if one.customer_id == "acme"]
    assert "silence" in {reason.code for reason in risks[-1].reasons}
    assert risks[-1].severity == "risk"
    assert all(one.causation_id.startswith("clock:") for one in risks)
    silence = next(reason for reason in risks[-1].reasons if reason.code == "silence")
    assert silence.text == "Nobody has used the product for 10 days"
    assert silence.evidence is not None
    assert silence.evidence.event_ids


async def test_dead_feed_is_not_silence(pool: Pool) -> None:
    """Nothing comes any more, of anybody: nothing is concluded, and nobody is at risk because of it."""
    shop = await shop_with(pool, steady("acme", NOW))
    await shop.advance(timedelta(days=20), step=timedelta(hours=6))
    kept = await shop.health("acme")
    assert kept is not None
    assert kept.band == "unknown"
    assert await shop.told("RiskDetected", "RiskUpdated") == []


async def test_feed_that_comes_back_makes_the_band_known_again(pool: Pool) -> None:
    shop = await shop_with(pool, steady("acme", NOW))
    await shop.advance(timedelta(days=4), step=timedelta(hours=6))
    kept = await shop.health("acme")
    assert kept is not None
    assert kept.band == "unknown"
    await go_on(shop, days=1)
    kept = await shop.health("acme")
    assert kept is not None
    assert kept.band != "unknown"


async def test_every_customer_is_told_of_once_a_day_at_least(pool: Pool) -> None:
    """Also one of whom nothing is known, whose score never moves."""
    shop = await shop_with(pool, [announced("still", NOW)])
    await shop.advance(timedelta(days=3), step=timedelta(hours=6))
    told = [one for one in await shop.told("HealthScored") if one.customer_id == "still"]
    assert {one.occurred_at.date() for one in told} == {NOW.date() + timedelta(days=day) for day in range(4)}
    assert [one.revision for one in told] == list(range(1, 1 + len(told)))


async def test_worse_band_needs_a_day_and_rules_act_at_once(pool: Pool) -> None:
    shop = await shop_with(pool, steady("acme", NOW))
    tickets = [
        upstream("TicketOpened", "acme", NOW, ticket_id=f"T{number}", severity=severity)
        for number, severity in enumerate(["urgent", "urgent", "high", "high"])
    ]
    await shop.take([*tickets, upstream("SurveyAnswered", "acme", NOW, kind="csat", score=1)])
    kept = await shop.health("acme")
    assert kept is not None
    assert (kept.band, kept.course.card) == ("yellow", ("smb", 1))  # it fell by more than 15 points in a week
    await shop.take([upstream("TicketOpened", "acme", NOW, ticket_id="T9", severity="urgent")])
    kept = await shop.health("acme")
    assert kept is not None
    assert kept.band == "red"  # three urgent ones are a risk by themselves
    (detected, *_), updated = await shop.told("RiskDetected"), await shop.told("RiskUpdated")
    assert (detected.severity, updated[-1].severity) == ("watch", "risk")


async def test_sequence_of_what_is_told_does_not_depend_on_how_the_stream_is_cut(pool: Pool) -> None:
    chance = random.Random(5)
    events = [
        upstream("TicketOpened", "acme", NOW - timedelta(hours=3), ticket_id="T1", severity="urgent"),
        upstream("UsageRecorded", "acme", NOW - timedelta(hours=2), metric="exports", quantity=3),
        upstream("TicketOpened", "acme", NOW - timedelta(hours=2), ticket_id="T2", severity="urgent"),
        upstream("SurveyAnswered", "acme", NOW - timedelta(hours=1), kind="csat", score=1),
        upstream("TicketOpened", "acme", NOW - timedelta(minutes=50), ticket_id="T3", severity="urgent"),
        upstream("TicketResolved", "acme", NOW - timedelta(minutes=40), ticket_id="T1"),
        upstream("UsageRecorded", "acme", NOW - timedelta(hours=20), metric="exports", quantity=5),
        upstream("MeetingMissed", "acme", NOW - timedelta(minutes=30), by="customer"),
        upstream("ContactLeft", "acme", NOW - timedelta(minutes=20), contact_id="boss"),
    ]
    sequences = []
    story, feeds = steady("acme", NOW), busy_feeds(NOW)
    for number in range(6):
        shop = Workshop(pool, NOW)
        await shop.empty()
        await shop.take([*feeds, *story])
        await shop.settle()
        left = list(events)
        while left:
            size = len(events) if number == 0 else chance.randint(1, 4)
            await shop.take(left[:size])
            left = left[size:]
        told = [one for one in await shop.told() if one.key == "acme"]
        sequences.append([one.model_dump(exclude={"event_id"}) for one in told])
    assert len(sequences[0]) > 4
    assert all(sequence == sequences[0] for sequence in sequences[1:])


async def test_a_year_passes(pool: Pool) -> None:
    shop = await shop_with(pool, steady("acme", NOW))
    await shop.advance(timedelta(days=365), step=timedelta(days=5))
    kept = await shop.health("acme")
    assert kept is not None
    assert kept.band == "unknown"
    assert kept.next_at is not None
    assert kept.next_at > shop.now
