"""What is odd and yet allowed (any id, any size, any date, metrics that no event names) is judged like everything."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from amicable import health_json
from services.health_scoring.domain.score import contributions, score
from services.health_scoring.domain.scorecard import Aggregate, Group, Source
from services.health_scoring.explanation import explain
from services.health_scoring.store import customers
from shared import database
from shared.contracts.fields import MAX_ID
from shared.database import Pool
from tests.services.health_scoring.cards import LEVEL, all_feeds, card, facts, measure
from tests.services.health_scoring.stories import announced, busy_feeds, steady, used
from tests.services.health_scoring.workshop import Workshop
from tests.stories import upstream

NOW = datetime(2026, 3, 15, 12, 20, tzinfo=UTC)
IDS = (
    "北浜精密 🦊", "é", "e\u0301", "E", "e", " ", "a\u202eb", "\ufeff", "\uffff", "\U0010ffff", "NULL", "null",
    '"', "{}", "{a,b}", "\\", "\\N", "x'; --", "%s", "$1", "a/b", "0", "\u2067\u200d", "🦊" * MAX_ID,
)  # fmt: skip


@pytest.mark.schema("health_scoring")
async def test_id_of_any_unicode_is_one_customer(pool: Pool) -> None:
    """Whatever it is written like: é and e with an accent of its own are two."""
    shop = Workshop(pool, NOW)
    await shop.take(busy_feeds(NOW))
    for number, name in enumerate(IDS):
        await shop.take([announced(name, NOW, name=f"Company {number}"), *used(name, NOW, range(number, 60))])
    await shop.settle()
    await shop.take([upstream("TicketOpened", name, NOW, ticket_id=name, severity="urgent") for name in IDS])
    async with database.transaction(pool, "health_scoring", NOW) as tx:
        listed, total = await customers.rows(tx, limit=100)
        assert (total, {row.customer_id for row in listed}) == (len(IDS), set(IDS))
        for number, name in enumerate(IDS):
            told = health_json.explained(await explain(tx, name, NOW))
            said = {one["measure"]: one for one in told["measures"]}
            assert (told["customer_id"], told["name"]) == (name, f"Company {number}")
            assert (said["recency"]["measured"], said["urgent_tickets"]["measured"]) == (number, 1)
    scored = {message.customer_id for message in await shop.told("HealthScored")}
    assert scored == set(IDS)


@pytest.mark.schema("health_scoring")
async def test_quantity_of_any_size_is_added_exactly(pool: Pool) -> None:
    """The largest, the smallest and none at all: a hundred days of each."""
    shop = Workshop(pool, NOW)
    await shop.take([*busy_feeds(NOW), *steady("acme", NOW)])
    for number, quantity in enumerate((1e15, 5e-324, 0)):
        for again in range(2):
            events = used("acme", NOW, range(100), metric=f"m{number}", quantity=quantity)
            await shop.take([{**event, "event_id": f"{number}/{again}/{day}"} for day, event in enumerate(events)])
    await shop.settle()
    rows = await pool.fetch("SELECT DISTINCT metric, quantity::float8 AS sum FROM usage_days WHERE metric LIKE 'm_'")
    assert {row["metric"]: row["sum"] for row in rows} == {"m0": 2e15, "m1": 1e-323, "m2": 0}
    async with database.transaction(pool, "health_scoring", NOW) as tx:
        told = await explain(tx, "acme", NOW)
    assert sum(part.hundredths for part in told.contributions) == told.judgement.score.hundredths
    level = next(part.reading for part in told.contributions if part.reading.measure.name == "usage_level")
    assert (level.ratio, level.points) == (1.0, 10_000)


@pytest.mark.schema("health_scoring")
@pytest.mark.parametrize(
    ("changes", "measure_", "measured"),
    [
        ({"started_on": "0001-01-01"}, "recency", 0),
        ({"started_on": "9999-12-31", "renews_on": "0001-01-01"}, "recency", 0),
        ({"onboarding": {"expected_days": 1, "started_on": "0001-01-01"}}, "implementation", 739_688),
        ({"onboarding": {"expected_days": 1, "started_on": "9999-12-31"}}, "implementation", None),
        ({"due_on": "0001-01-01"}, "oldest_unpaid_invoice", 739_689),
        ({"due_on": "9999-12-31"}, "oldest_unpaid_invoice", 0),
    ],
    ids=str,
)
async def test_date_of_any_year_is_judged(
    pool: Pool, changes: dict[str, Any], measure_: str, measured: float | None
) -> None:
    """Master data and invoices may name any day of the calendar."""
    shop = Workshop(pool, NOW)
    bill = {"invoice_id": "I", "amount": "1", "currency": "EUR", "due_on": changes.get("due_on", "2026-03-01")}
    told_of = {name: value for name, value in changes.items() if name != "due_on"}
    await shop.take([*busy_feeds(NOW), *steady("acme", NOW)])
    await shop.take([{**announced("acme", NOW, **told_of), "occurred_at": NOW.isoformat()}])
    await shop.take([upstream("InvoiceOverdue", "acme", NOW, **bill)])
    await shop.settle()
    await shop.advance(timedelta(days=1))
    async with database.transaction(pool, "health_scoring", NOW) as tx:
        told = health_json.explained(await explain(tx, "acme", NOW))
    said = {one["measure"]: one["measured"] for one in told["measures"]}
    assert (told["band"] != "unknown", said[measure_]) == (True, measured)
    assert (await shop.told("HealthScored"))[-1].customer_id == "acme"


def test_metric_that_no_event_names_is_unknown_and_its_weight_goes_to_the_others() -> None:
    """Of 60 of 100 points the level weighs a quarter, the metric that there is not three quarters."""
    routes = measure("routes", Source(("UsageRecorded",), "routes_planned"), Aggregate("sum", 14), weight=3)
    other = measure("days", Source(("UsageRecorded",)), Aggregate("active_days", 10))
    own = card(Group("usage", 60, (LEVEL, routes)), Group("other", 40, (other,)))
    scored = score(own, facts(NOW, days=dict.fromkeys(range(200), 10.0)), all_feeds(NOW), NOW)
    level, unnamed, _ = contributions(own, scored)
    assert (unnamed.reading.points, unnamed.reading.why, unnamed.weight) == (None, "missing", 0)
    assert (level.weight, level.hundredths, scored.hundredths) == (6000, 6000, 10_000)
    assert (scored.confidence, scored.is_known(own)) == (5500, False)
