"""What is too old: events that cannot be told from duplicates any more are kept apart, idle facts are forgotten."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.health_scoring.store import forgetting
from shared import database
from shared.database import Pool
from tests.services.health_scoring.stories import announced, busy_feeds, steady, used
from tests.services.health_scoring.workshop import Workshop
from tests.stories import upstream

NOW = datetime(2026, 3, 15, 12, 20, tzinfo=UTC)
pytestmark = pytest.mark.schema("health_scoring")


def ago(type_: str, days: int, **fields: Any) -> dict[str, Any]:
    return upstream(type_, "acme", NOW - timedelta(days=days), **fields)


async def forget(shop: Workshop, *, limit: int) -> None:
    """Forget facts of more than 300 days ago, as housekeeping does."""
    gone = limit
    while gone >= limit:
        async with database.transaction(shop.pool, "health_scoring", shop.now) as tx:
            gone = await forgetting.forget(tx, (shop.now - timedelta(days=300)).date(), limit=limit)


async def test_event_of_more_than_400_days_ago_is_kept_with_its_reason_and_counted_nowhere(pool: Pool) -> None:
    shop = Workshop(pool, NOW)
    await shop.take([ago("UsageRecorded", 400, metric="logins"), ago("UsageRecorded", 401, metric="logins")])
    assert await pool.fetchval("SELECT sum(events) FROM usage_days") == 1
    (letter,) = await pool.fetch("SELECT kind, reason FROM dead_letters")
    assert letter["kind"] == "invalid"
    assert letter["reason"].startswith("/occurred_at is more than 400 days back")


async def test_customer_announced_long_ago_is_taken(pool: Pool) -> None:
    """A snapshot says what is, not what happened."""
    shop = Workshop(pool, NOW)
    await shop.take([announced("acme", NOW) | {"occurred_at": "2020-01-01T00:00:00Z"}])
    assert await pool.fetchval("SELECT count(*) FROM customers") == 1


async def test_old_use_is_forgotten_and_changes_no_judgement(pool: Pool) -> None:
    shop = Workshop(pool, NOW)
    for some in (busy_feeds(NOW), steady("acme", NOW), used("acme", NOW, range(301, 331)), used("acme", NOW, [299])):
        await shop.take(some)
    await shop.settle()
    before = await shop.health("acme")
    await forget(shop, limit=7)
    days = await pool.fetch("SELECT day FROM usage_days WHERE customer_id = 'acme' ORDER BY day LIMIT 2")
    assert days[0]["day"] == (NOW - timedelta(days=299)).date()
    await pool.execute("DELETE FROM health")
    await pool.execute("INSERT INTO due VALUES ('acme', 0, '0001-01-02', 'again', false)")
    await shop.settle()
    after = await shop.health("acme")
    assert before is not None
    assert after is not None
    assert (before.hundredths, before.band, before.course.levels) == (after.hundredths, after.band, after.course.levels)


async def test_what_is_over_is_forgotten_and_what_still_holds_is_not(pool: Pool) -> None:
    shop = Workshop(pool, NOW)
    holds = [
        ago("TicketOpened", 390, ticket_id="open", severity="high"),
        ago("TicketOpened", 390, ticket_id="again", severity="high"),
        ago("TicketResolved", 380, ticket_id="again"),
        ago("TicketReopened", 370, ticket_id="again"),
        ago("TicketOpened", 390, ticket_id="late", severity="high"),
        ago("TicketResolved", 200, ticket_id="late"),
        ago("InvoiceOverdue", 390, invoice_id="unpaid", amount="10.00", currency="EUR", due_on="2025-01-01"),
        ago("ContactLeft", 390, contact_id="boss"),
        ago("MeetingHeld", 350, **{"with": "Ana"}),
        ago("SurveyAnswered", 350, kind="nps", score=9),
        ago("SurveyAnswered", 360, kind="csat", score=4),
        ago("CustomerLeft", 390, on="2025-01-01"),
    ]
    over = [
        ago("TicketOpened", 390, ticket_id="done", severity="high"),
        ago("TicketEscalated", 385, ticket_id="done"),
        ago("TicketResolved", 380, ticket_id="done"),
        ago("InvoiceOverdue", 390, invoice_id="paid", amount="10.00", currency="EUR", due_on="2025-01-01"),
        ago("InvoicePaid", 380, invoice_id="paid"),
        ago("MeetingHeld", 360, **{"with": "Ana"}),
        ago("SurveyAnswered", 360, kind="nps", score=3),
    ]
    await shop.take(holds + over)
    await forget(shop, limit=1)
    kept = {row["event_id"] for row in await pool.fetch("SELECT event_id FROM signals")}
    assert kept == {event["event_id"] for event in holds}
