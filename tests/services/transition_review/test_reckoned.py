"""What a plan comes to, dates and money, is told with it from its first part on, to those who write and review it."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.transition_review import reckoning
from services.transition_review.domain.clauses.contract import Clause, ContractTerms, Notice, Place, Span
from services.transition_review.domain.parts import (
    Communication,
    Contracts,
    Parts,
    PlannedMessage,
    Refunds,
    Timeline,
)
from services.transition_review.domain.reckoned import reckon
from services.transition_review.domain.settlement.items import Credit, SettlementItems
from services.transition_review.domain.transition import Transition
from services.transition_review.policies.reading import shipped_policy
from shared.contracts.endings.clauses import MOST_OTHERS
from shared.database import Pool
from tests.services.transition_review import steps
from tests.services.transition_review.any_contract import CONTRACTS, NOTICES
from tests.services.transition_review.any_items import ITEMS
from tests.services.transition_review.workshop import START, Bench

LONG = "\N{SNOWMAN}" * 200
MESSAGE = PlannedMessage("out", "customer", "ana", "Carla Main", START.date(), "phone", "The ending.")


def transition(parts: Parts) -> Transition:
    return Transition(
        "t", "acme", "k", 1, 1, START, "ana", "Why.", "ana", "Europe/Berlin", shipped_policy(), parts=parts
    )


async def told(bench: Bench) -> dict[str, Any]:
    """Return what the last fact says that the plan comes to."""
    found: dict[str, Any] = (await bench.published())[-1]["transition"]["reckoned"]
    return found


@pytest.mark.schema("transition_review")
async def test_whoever_reviews_and_approves_is_told_the_end_step_by_step_and_every_sum(pool: Pool) -> None:
    """It is Monday 2 March 2026; the notice is planned for the 22nd: two months, then the end of a month."""
    bench = Bench(pool)
    await steps.opened(bench)
    assert await told(bench) == {
        "settlement": [],
        "lines_left_out": 0,
        "unsettled": "It is computed as soon as the parts timeline and refunds are written.",
    }
    for kind, fields in steps.parts(bench).items():
        await bench.done(kind, **fields)
    written = await told(bench)
    assert [(one["rule"], one["to_day"]) for one in written["lawful_end"]["chosen"]["steps"]] == [
        ("receipt", "2026-03-22"),
        ("notice", "2026-05-22"),
        ("period", "2026-05-31"),
    ]
    assert written["verdict"] == {
        "is_lawful": True,
        "sentence": "The last day 30 June 2026 is 30 days after the earliest lawful end.",
    }
    assert written["receive_by"]["day"] == "2026-04-30"
    assert written["time_needed"]["sentence"].startswith("The customer needs 60 days from 12 March 2026")
    (euros,) = written["settlement"]
    assert [(one["part"], one["amount"]) for one in euros["lines"]] == [("net", "1840.00"), ("tax", "349.60")]
    assert (euros["net"], euros["tax"], euros["total"]) == ("1840.00", "349.60", "2189.60")
    await bench.done("SubmitPlan")
    assert await told(bench) == written
    timeline = steps.parts(bench)["WriteTimeline"]["timeline"]
    await bench.done("WriteTimeline", timeline={**timeline, "last_day": bench.day(80)})
    changed = await told(bench)
    assert changed["verdict"]["is_lawful"] is False
    assert "too early: by Clause 12" in changed["verdict"]["sentence"]
    assert changed["settlement"][0]["total"] == "2665.60"


@pytest.mark.schema("transition_review")
async def test_what_has_happened_takes_the_place_of_what_was_planned(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.approved(bench)
    await bench.done("ArrangeTalk", **steps.talk(bench))
    assert "from 4 March 2026 to find" in (await told(bench))["time_needed"]["sentence"]
    bench.now += timedelta(days=3)
    await bench.done("RecordTalk", **steps.held(bench, held_at=bench.now - timedelta(hours=1)))
    assert "from 5 March 2026 to find" in (await told(bench))["time_needed"]["sentence"]
    await bench.done("AnnounceEnding", contacts=["carla"])
    await bench.done("RecordNotice", received_on=bench.now.date(), how="By hand.")
    ended = await told(bench)
    assert ended["lawful_end"]["chosen"]["steps"][0]["to_day"] == "2026-03-05"
    assert "receive_by" not in ended


def test_too_much_to_travel_is_counted_and_its_sums_hold_it_all() -> None:
    """The transition itself may have 500 KB, and a message 900."""
    clauses = tuple(
        Clause(f"c-{n}", LONG, "either", "ordinary", Span(n + 1, "days"), despite_minimum_term=True) for n in range(100)
    )
    credits_ = tuple(Credit(f"i-{n}", LONG * 2, "EUR", Decimal("1.01"), Decimal("0.19")) for n in range(100))
    whole = Parts(
        timeline=Timeline(date(2026, 12, 31), 60, ()),
        contracts=Contracts("c", ContractTerms(date(2024, 1, 1), Place("UTC"), clauses), Notice(date(2026, 3, 20))),
        refunds=Refunds(SettlementItems(service_credits=credits_)),
    )
    found = reckoning.told(reckon(transition(whole)))
    assert len(found.model_dump_json().encode()) <= reckoning.MOST_BYTES
    (euros,) = found.settlement
    assert (euros.lines, found.lines_left_out, euros.total) == ((), 200, Decimal("120.00"))
    end = found.lawful_end
    assert end is not None
    assert (len(end.others), end.left_out) == (MOST_OTHERS, 99 - MOST_OTHERS)
    assert [one.clause_id for one in end.others][:2] == ["c-1", "c-2"]  # the nearest
    few = replace(whole, refunds=Refunds(SettlementItems(service_credits=credits_[:5])))
    assert len(reckoning.told(reckon(transition(few))).settlement[0].lines) == 10


@settings(deadline=None, max_examples=60)
@example(contract=None, notice=Notice(date.max), items=None, last_day=date.max, needed=1, told_on=date.max)
@given(
    contract=st.none() | CONTRACTS,
    notice=NOTICES,
    items=st.none() | ITEMS,
    last_day=st.none() | st.dates(),
    needed=st.integers(0, 3_660),
    told_on=st.none() | st.dates(),
)
def test_whatever_is_written_it_is_reckoned_and_told(
    contract: ContractTerms | None,
    notice: Notice,
    items: SettlementItems | None,
    last_day: date | None,
    needed: int,
    told_on: date | None,
) -> None:
    """No fact of a transition fails because of what its plan comes to."""
    plan = Parts(
        timeline=Timeline(last_day, needed, ()) if last_day else None,
        contracts=Contracts("c", contract, notice) if contract else None,
        refunds=Refunds(items) if items else None,
        communication=Communication((replace(MESSAGE, on=told_on),)) if told_on else None,
    )
    found = reckon(transition(plan))
    said = reckoning.told(found)
    assert type(said).model_validate_json(said.model_dump_json(exclude_none=True)) == said
    assert (said.lawful_end is not None) == (contract is not None)
    if said.verdict is not None and found.end is not None and last_day is not None:
        assert said.verdict.is_lawful == (found.end.day is not None and found.end.day <= last_day)
    if said.receive_by is not None and found.end is not None and found.end.day and said.receive_by.day:
        in_time = notice.received_on <= said.receive_by.day
        assert in_time <= (found.end.day <= (last_day or date.max))
