"""`amicable transition`: an ending in a hundred columns, who is waited for, and every mistake a sentence."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from amicable import transition_json, transition_list_view, transition_view
from services.transition_review.explanation import Explanation, NotKnown, explain, waited_of
from services.transition_review.store import listing
from shared import database
from shared.database import Pool
from tests.cli.conftest import Shell
from tests.services.transition_review import steps, trying
from tests.services.transition_review.workshop import Bench

pytestmark = pytest.mark.schema("transition_review")


async def explained(bench: Bench, customer_id: str = "acme") -> Explanation:
    async with database.transaction(bench.pool, "transition_review", bench.now) as tx:
        return await explain(tx, customer_id)


async def lines(bench: Bench, **asked: Any) -> str:
    async with database.transaction(bench.pool, "transition_review", bench.now) as tx:
        rows, total = await listing.rows(tx, limit=50, **asked)
        return drawn(transition_list_view.listed([(one, waited_of(one)) for one in rows], total, bench.now))


def drawn(what: Any) -> str:
    """Draw it as it comes out of a pipe."""
    console = Console(width=transition_view.WIDTH, file=StringIO(), record=True)
    console.print(what)
    return console.export_text()


async def test_ending_under_review_shows_who_is_waited_for_since_when(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.reviewed(bench, "legal", "security")
    await bench.done("GiveReview", "r-legal", team="legal", says="object", why="Clause 12 [red]does not hold.",
                     content_hash=await bench.hash())  # fmt: skip
    await bench.pass_time(timedelta(days=9))
    told = await explained(bench)
    text = drawn(transition_view.explained(told))
    assert max(len(line.rstrip()) for line in text.splitlines()) <= transition_view.WIDTH
    for said in ("security: has not answered (for 9 days, by", "legal: objects", "Clause 12 [red]does not hold."):
        assert said in text
    assert [(one.who, one.due_on is not None) for one in told.waited] == [("legal", True), ("security", True)]
    assert "security: has not answered" in await lines(bench)
    assert json.loads(json.dumps(transition_json.explained(told)))["waited_for"][1]["who"] == "security"


async def test_plan_that_is_written_shows_when_it_may_end_step_by_step_and_what_is_owed(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.written(bench)
    told = await explained(bench)
    text = drawn(transition_view.explained(told))
    assert max(len(line.rstrip()) for line in text.splitlines()) <= transition_view.WIDTH
    for said in (
        "on 31 May 2026 at the earliest, by Clause 12",
        "22 May 2026 The notice period of 2 months, counted from the next day, ends on 22 May 2026.",
        "The last day 30 June 2026 is 30 days after the earliest lawful end.",
        "For an end on 30 June 2026 the notice is received by 30 April 2026.",
        "The last day 30 June 2026 leaves that time. A recommendation: it refuses nothing.",
        "184 of 365 days unused of 3,650.00 EUR: 1,840.00 EUR.",
    ):
        assert said in " ".join(text.split()), said
    sums = [line.split() for line in text.splitlines() if line.startswith(("Net", "Tax", "We owe"))]
    assert [one[-2:] for one in sums] == [["1,840.00", "EUR"], ["349.60", "EUR"], ["2,189.60", "EUR"]]
    shown = json.loads(json.dumps(transition_json.explained(told)))["reckoned"]
    assert [one["rule"] for one in shown["end"]["chosen"]["steps"]] == ["receipt", "notice", "period"]
    await bench.done("WriteTimeline", timeline=early(bench))
    text = " ".join(drawn(transition_view.explained(await explained(bench))).split())
    assert "✗ The last day 21 May 2026 is too early: by Clause 12, the notice period leads to 22 May 2026" in text


def early(bench: Bench) -> dict[str, Any]:
    """Return a timeline whose last day is one before the notice is over."""
    return {**steps.parts(bench)["WriteTimeline"]["timeline"], "last_day": bench.day(80)}


async def test_each_version_shows_what_it_changes(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.submitted(bench)
    await trying.reviewed(bench)
    told = await explained(bench)
    assert [(one.path, one.before, one.after) for one in told.changes[2]] == [
        (("refunds", "items", "prepaid", "p-1", "tax"), "693.50", "690.00")
    ]
    assert "693.50 → 690.00" in drawn(transition_view.explained(told))


async def test_refusal_says_why_until_it_is_asked_again(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.reviewed(bench)
    await bench.done("ApprovePlan", "xenia", content_hash=await bench.hash())
    await bench.refuse("an executive takes part")
    text = drawn(transition_view.explained(await explained(bench)))
    assert "Refused by action_plans, it needs: an executive takes part" in text
    await bench.done("ApprovePlan", "xenia", content_hash=await bench.hash())
    assert "Refused by" not in drawn(transition_view.explained(await explained(bench)))


async def test_refused_proposal_says_why_and_asks_for_nothing(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.proposed(bench)
    await bench.refuse("an executive takes part")
    text = drawn(transition_view.explained(await explained(bench)))
    assert "it needs: an executive takes part" in text
    assert "Before the teams can review it" not in text


async def test_every_state_of_an_ending_is_drawn(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.proposed(bench)
    assert "action_plans: answers whether" in await lines(bench)
    await bench.confirm()
    text = drawn(transition_view.explained(await explained(bench)))
    assert "the part timeline is written" in text
    assert "ana: writes the plan" in await lines(bench)
    await trying.submitted(bench)
    await trying.reviewed(bench)
    assert "executive: approves, last of all" in await lines(bench)
    await trying.approved(bench)
    assert "ana: arranges the talk" in await lines(bench)
    await trying.talked(bench)
    assert "ana: announces it" in await lines(bench)
    await bench.done("AnnounceEnding", contacts=["carla"])
    assert "customer: receives the written notice" in await lines(bench)
    await bench.done("RecordNotice", received_on=bench.day(0), how="By hand.")
    assert "finance: Refund paid" in await lines(bench)
    text = drawn(transition_view.explained(await explained(bench)))
    for said in (
        "told to Carla Main, Eddy Executive",
        "notice received on",
        "We owe the customer",
        "version 3",
    ):
        assert said in text
    await bench.done("WithdrawTransition", why="They have turned around.")
    assert "No transition fits." in await lines(bench)
    assert "withdrawn" in await lines(bench, states=["withdrawn"])
    assert "They have turned around." in drawn(transition_view.explained(await explained(bench)))


async def test_customer_that_was_sent_meets_the_history_it_is_known_from(pool: Pool) -> None:
    bench = Bench(pool)
    await bench.announce()
    await trying.opened(bench)
    await trying.submitted(bench)
    await trying.reviewed(bench)
    await trying.approved(bench)
    await trying.talked(bench)
    await trying.announced(bench)
    await trying.carried_out(bench)
    await bench.tell_customer("newcomer", csm="eve")
    await bench.done("RecordReturn", how="referred", about="newcomer")
    with pytest.raises(NotKnown, match="known from the ending of Company acme"):
        await explained(bench, "newcomer")
    await bench.done("RecordReturn", how="returned", about="acme")
    await bench.done("ProposeTransition", case_id="k", why="Once more.", transition_id="t-2")
    told = await explained(bench)
    assert told.transition.transition_id == "t-2"
    assert [one.transition.transition_id for one in told.history] == ["t-1"]
    assert "ended on" in drawn(transition_view.explained(told))


def test_wrong_state_is_a_sentence(shell: Shell) -> None:
    typed = shell.type("transition", "list", "--state", "over")
    assert (typed.code, "There is no state over: choose one of proposed" in typed.err) == (2, True)
