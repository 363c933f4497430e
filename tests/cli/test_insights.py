"""`amicable insights`: what is counted over cases, and how it is drawn."""

import json
import tracemalloc
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

from rich.console import Console

from amicable import insights_command
from services.action_plans.domain.case import Case, Ending, Failure, Reason
from services.action_plans.domain.conversation import Side
from services.action_plans.domain.insights import Insights
from services.action_plans.domain.plan import Plan, Version
from services.action_plans.domain.progress import Progress
from services.action_plans.domain.review import Review
from services.action_plans.domain.terms import Commitment, Terms
from services.action_plans.store import cases
from shared.database import Pool
from tests.cli.conftest import Shell
from tests.services.action_plans.workshop import Bench

OPENED = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)
DUE = date(2026, 4, 1)


def case(number: int = 1, **more: Any) -> Case:
    """An open case with a commitment of each side, due on 1 April."""
    sides: tuple[Side, ...] = ("us", "customer")
    commitments = tuple(Commitment(f"c-{side}", side, "It works.", "ana", DUE, "Both see it.") for side in sides)
    terms = Terms("Better.", date(2026, 3, 3), date(2026, 6, 1), "weekly", date(2026, 3, 9), 10, (), commitments)
    agreed = Version(1, "ana", OPENED, "0" * 64, terms, agreed_at=OPENED)
    known: dict[str, Any] = {"plan": Plan(agreed=agreed, versions=1), **more}
    return Case(f"c{number}", f"acme-{number}", 1, OPENED, None, "ana", None, "risk", (Reason("x", "X"),), **known)


def saved(days: int, *helped: str, cause: str = "low_adoption", **more: Any) -> Case:
    return case(ending=Ending("saved", "Good.", OPENED + timedelta(days=days), "ana", cause, helped), **more)


def counted(*found: Case) -> dict[str, Any]:
    insights = Insights()
    for one in found:
        insights.add(one, NOW)
    return insights_command.as_document(insights)


def test_root_causes_are_counted_with_how_the_cases_ended() -> None:
    failure = Failure("refused", "No.", "product_gap", "ana", NOW)
    told = counted(
        saved(10, "joint_plan"),
        saved(30, "joint_plan", "key_players"),
        saved(100, "reviews", cause="sponsor_left"),
        case(failure=failure),
        case(failure=failure, ending=Ending("ended", "Over.", NOW, cause="product_gap")),
        case(failure=failure, ending=Ending("lost", "They left.", NOW)),
        case(ending=Ending("lost", "They left.", NOW)),
        case(),
    )
    adoption, gap = told["situations"]["low_adoption"], told["situations"]["product_gap"]
    assert (adoption["cases"], adoption["saved"], adoption["median_days_to_save"]) == (2, 2, 20)
    assert adoption["helped"] == {"joint_plan": 2, "key_players": 1}
    assert {how: gap[how] for how in ("failed", "ended", "lost", "saved")} == {
        "failed": 1,
        "ended": 1,
        "lost": 1,
        "saved": 0,
    }
    assert gap["median_days_to_save"] is None
    assert (told["situations"]["not_said"]["open"], told["situations"]["not_said"]["lost"]) == (1, 1)
    assert (told["total"]["cases"], told["total"]["median_days_to_save"]) == (8, 30)
    assert list(told["situations"]) == ["product_gap", "low_adoption", "sponsor_left", "not_said"]


def test_misses_of_both_sides_are_counted_as_they_were_when_the_case_ended() -> None:
    done = Progress("c-customer", "done", date(2026, 3, 30), "Seen.")
    told = counted(saved(40, progress=(done,)), case(progress=(done,)))
    assert {name: told["ledger"]["customer"][name] for name in ("commitments", "met", "late")} == {
        "commitments": 2, "met": 2, "late": 0,
    }  # fmt: skip
    until_it_ended, until_now = (OPENED + timedelta(days=40)).date(), NOW.date()
    assert told["ledger"]["us"]["late"] == 2
    assert told["ledger"]["us"]["days_late"] == (until_it_ended - DUE).days + (until_now - DUE).days


def test_reviews_are_counted_by_who_missed_them() -> None:
    reviews = (
        Review("r1", OPENED, "held", held_at=OPENED),
        Review("r2", OPENED, "missed", missed_by="us"),
        Review("r3", OPENED, "missed", missed_by="customer"),
        Review("r4", OPENED),
        Review("r5", NOW + timedelta(days=1)),
    )
    assert counted(case(reviews=reviews))["reviews"] == {
        "held": 1, "missed_by_us": 1, "missed_by_customer": 1, "not_recorded": 1,
    }  # fmt: skip
    after_it_ended = Review("r6", OPENED + timedelta(days=11))
    assert counted(saved(10, reviews=(after_it_ended,)))["reviews"]["not_recorded"] == 0


def test_what_is_counted_is_defined_and_fits_a_hundred_columns() -> None:
    insights = Insights()
    for one in (saved(10, "joint_plan"), saved(31, "key_players", cause="cost_to_serve_above_what_they_pay"), case()):
        insights.add(one, NOW)
    console = Console(width=100, file=StringIO(), record=True)
    console.print(insights_command.drawn(insights))
    text = console.export_text()
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 100
    for said in ("cost to serve above", "20.5", "joint plan", "50%", "not said", "days to save: "):
        assert said in text, text
    assert all(f"{word}: " in text for word in insights_command.DEFINITIONS)


async def test_ten_thousand_cases_are_counted_in_bounded_memory(pool: Pool) -> None:
    """Ten thousand cases of 20 KB each would be 200 MB at once."""
    bench = Bench(pool)
    text = cases.encode(replace(saved(10, "joint_plan"), reasons=(Reason("x", "X" * 20_000),))).decode()
    await pool.execute(
        """
        INSERT INTO cases
            (case_id, customer_id, revision, state, open, opened_at, bucket, content, chain_number, chain_hash)
        SELECT 'c' || n, 'acme-' || n, 1, 'saved', false, now(), 0, $1, 1, '' FROM generate_series(1, 10000) AS n
        """,
        text,
    )
    tracemalloc.start()
    try:
        async with bench.transaction() as tx:
            found = await insights_command.count(tx, NOW)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.total.how["saved"] == 10_000
    assert peak < 40_000_000


def test_where_there_is_no_case_everything_is_zero(dev: Shell) -> None:
    told = json.loads(dev.type("insights", "--json").out)
    assert (told["total"]["cases"], told["situations"], told["reviews"]["held"]) == (0, {}, 0)
    assert "Nobody was saved yet." in dev.type("insights").out


def test_where_nothing_runs_it_says_how_to_start(shell: Shell) -> None:
    assert shell.type("insights").err.startswith("Nothing runs from ")
