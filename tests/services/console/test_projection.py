"""The read model: whatever comes twice, late or in another order, it is the same; and it can be made anew."""

import random

import pytest

from shared.database import Pool
from tests.services.console.workshop import Workshop, case, examples, of, one, told

pytestmark = pytest.mark.schema("console")


async def test_read_model_made_anew_from_the_topics_is_the_same(pool: Pool) -> None:
    """Every golden example of every topic, at once; then, emptied, in any order, one by one and twice."""
    bench = Workshop(pool)
    everything = examples()
    await bench.tell(*everything)
    before = await bench.all_rows()
    assert [table for table, rows in before.items() if not rows] == []
    await bench.forget()
    again = [*everything, *everything]
    random.Random(7).shuffle(again)
    for message in again:
        await bench.tell(message)
    assert await bench.all_rows() == before


async def test_older_state_of_a_case_changes_nothing(pool: Pool) -> None:
    bench = Workshop(pool)
    await bench.tell(case("CaseUpdated", "acme", "c-1", revision=9, state="reviewing"))
    await bench.tell(case("CaseUpdated", "acme", "c-1", revision=8, state="plan"))
    (row,) = await bench.rows("cases")
    assert (row["revision"], row["state"]) == (9, "reviewing")


async def test_what_a_case_needed_before_is_not_asked_any_more(pool: Pool) -> None:
    bench = Workshop(pool)
    await bench.tell(case("CaseUpdated", "acme", "c-1", revision=8, state="conversation"))
    assert await bench.rows("tasks")
    await bench.tell(case("CaseUpdated", "acme", "c-1", revision=9, state="saved"))
    assert await bench.rows("tasks") == []


async def test_risk_that_was_cleared_stays_so_whatever_comes_late(pool: Pool) -> None:
    bench = Workshop(pool)
    detected, cleared = told("RiskDetected", "acme"), told("RiskCleared", "acme")
    await bench.tell(cleared)
    await bench.tell(detected)
    (row,) = await bench.rows("risks")
    assert not row["is_open"]


async def test_last_score_of_each_day_is_kept(pool: Pool) -> None:
    bench = Workshop(pool)
    await bench.tell(
        told("HealthScored", "acme", revision=3, score="70.00", occurred_at="2026-03-01T20:00:00Z"),
        told("HealthScored", "acme", revision=2, score="60.00", occurred_at="2026-03-01T10:00:00Z"),
        told("HealthScored", "acme", revision=4, score="80.00", occurred_at="2026-03-02T08:00:00Z"),
    )
    days = {str(row["day"]): str(row["score"]) for row in await bench.rows("score_days")}
    assert days == {"2026-03-01": "70.00", "2026-03-02": "80.00"}


async def test_page_shows_a_fact_before_its_customer_and_people_are_known(pool: Pool) -> None:
    """A fact never waits for a copy."""
    bench = Workshop(pool)
    await bench.tell(one("ana", "csm"), case("CaseUpdated", "acme", "c-1", csm="ana", state="plan"))
    browser = await bench.browser_of("ana")
    assert "acme" in await browser.read("/")
    await bench.tell(of("acme", "ana", name="Acme Ltd"))
    assert "Acme Ltd" in await browser.read("/cases/c-1")
