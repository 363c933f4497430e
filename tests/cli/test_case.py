"""`amicable case`: a case in a hundred columns, and every mistake a sentence."""

import json
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from amicable import case_command, case_json, case_view
from services.action_plans.domain import plan as plans
from services.action_plans.domain.case import Comment
from services.action_plans.explanation import Explanation, explain
from services.action_plans.handlers import planning
from services.action_plans.keeping import Cause
from services.action_plans.store import cases, listing
from shared import database
from tests.cli.conftest import Shell
from tests.services.action_plans.steps import DAY, HOUR, opened, proposed, talked, with_players
from tests.services.action_plans.workshop import Bench

Pool = Any


async def explained(bench: Bench) -> Explanation:
    async with bench.transaction() as tx:
        return await explain(tx, "acme")


def drawn(what: Any) -> str:
    """Draw it as it comes out of a pipe."""
    console = Console(width=case_view.WIDTH, file=StringIO(), record=True)
    console.print(what)
    return console.export_text()


async def signed_by_the_customer(bench: Bench) -> None:
    """Accept the version that waits, as the customer does on its page."""
    async with bench.transaction() as tx:
        await database.lock_customer(tx, "acme")
        known = await cases.open_of(tx, "acme")
        assert known is not None
        case, head = known
        assert case.plan.proposed is not None
        signed = plans.accept(case.plan, "customer", "eddy", case.plan.proposed.content_hash, tx.now, proof="code-1")
        decided = planning.accepted(case, signed, "customer", tx.now)
        await bench.keeper.keep(tx, decided, head, Cause("page", "page"))


@pytest.fixture
async def bench(pool: Pool) -> Bench:
    """A case in its fourth week: a plan that both have signed, put off once, a review held and one that they missed."""
    bench = Bench(pool)
    await bench.announce(name="Acme [b]GmbH[/b]")
    await bench.risk(text="Usage fell by 41 %. [red]Really.")
    await with_players(bench)
    for id_, fit in (("s-main", 4), ("s-exec", 1)):
        await bench.done(
            "RecordView", stakeholder_id=id_, fit=fit, sentiment=3, wants=f"What {id_} wants.", on=bench.now.date()
        )
    await talked(bench, told=True)
    await bench.done("SignPlan", content_hash=await proposed(bench))
    await signed_by_the_customer(bench)
    await bench.pass_time(8 * DAY)
    first, second, *_ = (await bench.case()).reviews
    await bench.done("HoldReview", review_id=first.review_id, held_at=bench.now - HOUR, attendees=["s-exec", "s-us"])
    due_on = bench.now.date() + timedelta(days=30)
    await bench.done("EditCommitment", commitment_id="c-them", due_on=due_on)
    await bench.done("ProposePlan")
    version = (await bench.case()).plan.proposed
    assert version is not None
    await bench.done("SignPlan", content_hash=version.content_hash)
    await signed_by_the_customer(bench)
    await bench.pass_time(14 * DAY)
    second = min(
        (one for one in (await bench.case()).reviews if one.state == "planned"), key=lambda one: one.planned_for
    )
    await bench.done("RecordMissedReview", review_id=second.review_id, by="customer")
    await bench.done("RecordSentiment", value=2, why="They are tired of us.")
    return bench


async def test_case_is_drawn_whole_in_a_hundred_columns(bench: Bench) -> None:
    told = await explained(bench)
    text = drawn(case_view.explained(told))
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 100
    for said in (
        "Acme [b]GmbH[/b]",
        "Usage fell by 41 %. [red]Really.",
        "✓ 1 Set expectations",
        "✓ 2 Involve key players",
        "their views of fit lie 3 points apart",
        "It was said that ending is possible.",
        "version 1",
        "superseded",
        "✓ Person ana",
        "✓ Eddy Executive",
        "late What us does.",
        "by 10 Apr, put off 24 days",
        "Person ana feels 2 of 5",
        "6 of 8 conditions are not met",
        f"the last 10 of {told.head.number} rows",
        "SentimentRecorded",
    ):
        assert said in text, f"{said}\n{text}"
    assert "SENTINEL" not in text, "a private note is for the console alone"


async def test_what_the_customer_wrote_is_shown_newest_first(pool: Pool) -> None:
    """The page has promised that we are told."""
    bench = Bench(pool)
    await opened(bench)
    told = await explained(bench)
    said = [Comment(f"c-{day}", "carla", f"Word {day}.", bench.now + day * DAY, proposes=day == 7) for day in range(8)]
    text = drawn(case_view.explained(replace(told, case=replace(told.case, comments=tuple(said)))))
    assert "On the customer's page  the last 5 of 8" in text
    assert text.index("asks for a change: Word 7.") < text.index("Word 6.") < text.index("Word 3.")
    assert "Word 2." not in text


async def test_what_is_missing_is_the_next_thing_to_do(pool: Pool) -> None:
    bench = Bench(pool)
    await bench.announce()
    await bench.risk()
    told = await explained(bench)
    first, second, third, fourth, fifth = told.path
    assert [step.standing for step in told.path] == ["now", "ahead", "ahead", "not_needed", "not_needed"]
    assert first.missing[0] == "a candid conversation is held and recorded"
    assert second.missing[0] == "the customer's main contact is named"
    assert third.missing == ("a plan is drafted: apply a playbook, or begin with its frame",)
    assert (fourth.missing, fifth.missing) == ((), ())
    assert told.suggestions, "a risk's reasons suggest what to do"
    text = drawn(case_view.explained(told))
    assert f"→ playbook {told.suggestions[0].playbook.name}" in text
    assert told.suggestions[0].because[0].why[:60] in text
    await with_players(bench)
    await talked(bench)
    path = (await explained(bench)).path
    assert [step.standing for step in path[:3]] == ["done", "now", "ahead"]
    assert path[1].missing == ("each player's own view is recorded",)


async def test_owners_in_a_draft_are_shown_by_name(pool: Pool) -> None:
    bench = Bench(pool)
    await opened(bench)
    await bench.done("ApplyPlaybook", playbook="unkind_behaviour", starts_on=bench.now.date())
    assert "Person mo, by" in drawn(case_view.explained(await explained(bench)))


async def test_cases_are_listed_with_what_is_missing_next(bench: Bench) -> None:
    async with bench.transaction() as tx:
        rows, total = await listing.rows(tx, limit=50)
        assert (await listing.rows(tx, states=["saved"], limit=50))[1] == 0
        assert (await listing.rows(tx, csm="eve", limit=50))[1] == 0
        assert (await listing.rows(tx, csm="ana", states=["reviewing"], limit=50))[1] == 1
    text = drawn(case_command.listed(rows, total, bench.now))
    assert "Acme [b]GmbH[/b]" in text
    assert "reviewing" in text
    (line,) = [case_json.listed(row) for row in rows]
    assert (line["state"], line["csm"]) == ("reviewing", "ana")


async def test_json_holds_the_whole_case(bench: Bench) -> None:
    told = json.loads(json.dumps(case_json.explained(await explained(bench))))
    assert told["case"]["state"] == "reviewing"
    assert told["names"]["eddy"] == "Eddy Executive"
    assert [one["number"] for one in told["versions"]] == [1, 2]
    assert len(told["record"]) == 10
    assert told["record"][0]["number"] == told["chain"]["number"]
    planned = [one["planned_for"] for one in told["case"]["reviews"] if one["state"] == "planned"]
    assert told["next_review"]["planned_for"] == min(planned)
    assert "SENTINEL" not in str(told)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("list", "--state", "angry"), 2, "There is no state angry: choose one of at_risk, conversation, plan, "),
        (("show", "acme"), 1, "There is no case of a customer acme. `amicable case list` shows the open ones."),
        (("show", "\udcff"), 2, "'\\udcff' is not valid UTF-8"),
    ],
)
def test_mistake_is_a_sentence(dev: Shell, words: tuple[str, ...], code: int, says: str) -> None:
    typed = dev.type("case", *words)
    assert (typed.code, typed.out) == (code, "")
    assert typed.err.startswith(says)


def test_list_of_none_says_so(dev: Shell) -> None:
    assert "No case fits." in dev.type("case", "list").out
    assert json.loads(dev.type("case", "list", "--json").out) == {"total": 0, "cases": []}
