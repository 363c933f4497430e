"""Everybody who was told of an ending is told that it is off: who heard it in the talk, was asked, or has a part."""

from datetime import timedelta
from typing import Any

import pytest

from shared.database import Pool
from tests.services.transition_review import steps
from tests.services.transition_review.workshop import CONTACTS, TEAMS, Bench
from tests.stories import person

WHY = "They have turned around."
pytestmark = pytest.mark.schema("transition_review")


async def _mails(bench: Bench) -> dict[str, str]:
    """Return which mail tells each contact that it is off."""
    mails = await bench.published("releases.v1")
    told = [one for one in mails if one["template"] in {"ending_withdrawn", "ending_called_off"}]
    found = {one["contact_id"]: one["template"] for one in told}
    assert len(found) == len(told), "nobody is told twice"
    return found


async def _withdrawn(bench: Bench, why: str = WHY) -> dict[str, Any]:
    await bench.done("WithdrawTransition", why=why)
    told = (await bench.published())[-1]
    assert told["type"] == "TransitionWithdrawn"
    return told


async def test_who_heard_it_in_the_talk_is_told_that_it_is_off_though_it_was_never_announced(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.talked(bench)
    await _withdrawn(bench)
    assert await _mails(bench) == {"carla": "ending_called_off", "eddy": "ending_called_off"}
    assert await bench.types("terminations.v1") == [], "revenue and operations were told nothing"


async def test_who_heard_it_in_the_talk_is_told_beside_who_has_it_in_writing(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.announced(bench)
    await _withdrawn(bench)
    assert await _mails(bench) == {"carla": "ending_withdrawn", "eddy": "ending_called_off"}


async def test_whom_no_mail_reaches_is_named_to_the_csm(pool: Pool) -> None:
    """Paul has no address, and Eddy has left the customer since; each of them has heard it."""
    bench = Bench(pool)
    await steps.talked(bench, contacts=["carla", "eddy", "paul"])
    bench.now += timedelta(hours=1)
    await bench.tell_customer(contacts=[one for one in CONTACTS if one["contact_id"] != "eddy"])
    told = await _withdrawn(bench)
    assert await _mails(bench) == {"carla": "ending_called_off"}
    assert told["untold"] == ["eddy", "paul"]


async def test_who_may_have_heard_it_in_a_talk_that_nobody_has_recorded_is_named_to_the_csm(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.approved(bench)
    await bench.done("ArrangeTalk", **steps.talk(bench))
    bench.now += timedelta(days=2, hours=1)
    told = await _withdrawn(bench)
    assert (await _mails(bench), told["untold"]) == ({}, ["carla", "eddy"])


async def test_talk_that_is_still_ahead_leaves_nobody_to_be_told(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.approved(bench)
    await bench.done("ArrangeTalk", **steps.talk(bench))
    assert (await _withdrawn(bench))["untold"] == []


async def test_team_that_was_asked_hears_of_the_withdrawal_though_a_later_version_does_not_affect_it(
    pool: Pool,
) -> None:
    bench = Bench(pool)
    await steps.announced(bench)
    await bench.done("WriteRefunds", refunds={"items": {}})
    await bench.done("SubmitPlan")
    told = await _withdrawn(bench)
    assert "finance" not in {one["team"] for one in told["transition"]["reviews"]}
    assert set(told["teams"]) == set(TEAMS), "finance has a milestone, and approved the first version"


async def test_everybody_who_has_or_had_a_part_in_it_hears_of_the_withdrawal(pool: Pool) -> None:
    """The stand-in whose time is over, who was to speak before the talk was moved, the executive who approved."""
    bench = Bench(pool)
    await steps.submitted(bench)
    await bench.tell_person(**person("pat"))
    until = bench.now + timedelta(hours=1)
    await bench.done("NameStandIn", "r-legal", team="legal", person="pat", until=until, why="Leave.")
    await steps.approved_by_teams(bench)
    await bench.done("ApprovePlan", "yves", content_hash=await bench.hash())
    await bench.confirm()
    await bench.done("ArrangeTalk", **{**steps.talk(bench), "speakers": ["ana", "r-support"]})
    await bench.done("ArrangeTalk", **steps.talk(bench))
    word = {"team": "legal", "content_hash": await bench.hash(), "says": "object", "why": "Clause 12."}
    await bench.done("GiveReview", "r-legal", **word)
    bench.now += timedelta(days=1)
    told = await _withdrawn(bench)
    assert "approval" not in told["transition"], "the objection has taken it back"
    assert {"pat", "r-support", "mo", "yves", "ana"} <= set(told["people"])
    assert "eve" not in told["people"], "whom they would have turned to until the end has heard nothing of it"


@pytest.mark.parametrize("asked", [True, False])
async def test_executives_hear_of_the_withdrawal_once_they_were_asked_for_their_approval(
    pool: Pool, asked: bool
) -> None:
    bench = Bench(pool)
    await steps.reviewed(bench)
    if asked:
        await bench.pass_time(timedelta(0))
    assert (await _withdrawn(bench))["executives"] == asked
