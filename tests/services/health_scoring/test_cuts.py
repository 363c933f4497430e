"""What is told does not depend on how the stream is cut: in one batch, or event by event."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.database import Pool
from tests.services.health_scoring.stories import announced, busy_feeds, silent, steady
from tests.services.health_scoring.workshop import Workshop
from tests.stories import upstream

NOW = datetime(2026, 3, 18, 12, 20, tzinfo=UTC)
YESTERDAY = NOW - timedelta(hours=13)
pytestmark = pytest.mark.schema("health_scoring")


async def told(
    pool: Pool, before: Sequence[dict[str, Any]], events: Sequence[dict[str, Any]], size: int
) -> list[dict[str, Any]]:
    """Return what is told of acme when these events come in batches of that size, and are then caught up with."""
    shop = Workshop(pool, NOW)
    await shop.empty()
    await shop.take([*busy_feeds(NOW), *before])
    await shop.settle()
    for start in range(0, len(events), size):
        await shop.take(events[start : start + size])
    await shop.settle()
    return [one.model_dump(exclude={"event_id"}) for one in await shop.told() if one.key == "acme"]


async def test_what_comes_before_an_old_event_is_judged_at_once(pool: Pool) -> None:
    """Also when the old one is about another customer of the partition."""
    before = [*steady("acme", NOW), *steady("other", NOW)]
    events = [
        upstream("TicketOpened", "acme", NOW - timedelta(hours=2), ticket_id="T1", severity="urgent"),
        upstream("TicketResolved", "acme", NOW - timedelta(hours=1), ticket_id="T1"),
        upstream("TicketOpened", "other", NOW - timedelta(days=3), ticket_id="O1", severity="low"),
        upstream("TicketEscalated", "acme", NOW - timedelta(minutes=90), ticket_id="T1"),
    ]
    assert await told(pool, before, events, len(events)) == await told(pool, before, events, 1)


async def test_uses_in_fractions_add_up_to_the_same(pool: Pool) -> None:
    events = [upstream("UsageRecorded", "acme", YESTERDAY, metric="gb", quantity=quantity) for quantity in (0.1, 0.2)]
    events.append(upstream("SurveyAnswered", "acme", NOW, kind="csat", score=1))
    before = silent("acme", NOW, since=15)
    assert await told(pool, before, events, len(events)) == await told(pool, before, events, 1)


async def test_use_that_is_named_is_the_latest_whatever_came_last(pool: Pool) -> None:
    """Of a day's uses the last one stands for them in the reasons of a risk."""
    before = [announced("acme", NOW, seats=20), *silent("acme", NOW, since=15)[1:]]
    earlier, later = YESTERDAY - timedelta(hours=3), YESTERDAY
    events = [
        upstream("UsageRecorded", "acme", later, metric="logins", event_id="z-is-the-latest"),
        upstream("UsageRecorded", "acme", earlier, metric="logins", event_id="y-came-last"),
        upstream("UsageRecorded", "acme", earlier, metric="exports", event_id="a-names-a-user", user_id="u1"),
    ]
    at_once, one_by_one = await told(pool, before, events, len(events)), await told(pool, before, events, 1)
    assert at_once == one_by_one
    updated = next(fact for fact in at_once if fact["type"] == "RiskUpdated")
    assert ("z-is-the-latest",) in {reason["evidence"]["event_ids"] for reason in updated["reasons"]}


async def test_use_that_is_named_stays_the_latest_where_an_earlier_one_comes_late(pool: Pool) -> None:
    """Also where the day's uses are read as they are packed."""
    yesterday = steady("acme", NOW)[1:]
    before = [announced("acme", NOW, seats=20), *(one for one in yesterday if one["occurred_at"] < f"{NOW.date()}")]
    before.append(upstream("UsageRecorded", "acme", YESTERDAY, metric="logins", event_id="the-latest", user_id="u1"))
    events = [
        upstream("UsageRecorded", "acme", YESTERDAY - timedelta(minutes=9), metric="logins", event_id="came-late"),
        upstream("ContactLeft", "acme", NOW - timedelta(hours=1), contact_id="boss"),
    ]
    at_once, one_by_one = await told(pool, before, events, len(events)), await told(pool, before, events, 1)
    assert at_once == one_by_one
    detected = next(fact for fact in at_once if fact["type"] == "RiskDetected")
    assert ("the-latest",) in {reason["evidence"]["event_ids"] for reason in detected["reasons"]}


async def test_first_use_of_a_day_is_the_earliest_whatever_batch_it_comes_in(pool: Pool) -> None:
    early, late = (upstream("UsageRecorded", "acme", NOW - timedelta(hours=hours), metric="logins") for hours in (5, 2))
    for order in ([early, late], [late, early]):
        shop = Workshop(pool, NOW)
        for event in order:
            await shop.take([event])
        first = await pool.fetchval("SELECT first_at FROM usage_days WHERE customer_id = 'acme'")
        assert first == NOW - timedelta(hours=5)
        await shop.empty()
