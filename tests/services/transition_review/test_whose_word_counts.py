"""Whose word on a plan counts, for how long, and who is asked when: reviews, stand-ins, the executive."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.transition_review.policies.reading import shipped_policy
from shared.database import Pool
from tests.services.transition_review import steps
from tests.services.transition_review.workshop import Bench
from tests.stories import person

POLICY = shipped_policy()
pytestmark = pytest.mark.schema("transition_review")


async def waiting(bench: Bench) -> dict[str, str]:
    """Return since when each team is waited for that is."""
    reviews = (await bench.published())[-1]["transition"]["reviews"]
    return {one["team"]: one["since"] for one in reviews if one["standing"] == "waiting"}


async def asked(bench: Bench) -> list[str]:
    """Return the teams that were asked of late: since the last version was submitted."""
    facts = await bench.published()
    last = max(at for at, one in enumerate(facts) if one["type"] == "PlanSubmitted")
    return [one["about"] for one in facts[last:] if one["type"] == "ReviewRequested"]


async def pays(bench: Bench, a_year: str) -> None:
    """Tell what the customer pays by now."""
    bench.now += timedelta(seconds=1)
    await bench.tell_customer(recurring_revenue={"amount": a_year, "currency": "EUR", "period": "year"})


async def submit_another_day(bench: Bench) -> None:
    """Submit the plan as it was, but for its last day: what is owed changes with it."""
    timeline = (await bench.published())[-1]["transition"]["parts"]["timeline"]
    await bench.done("WriteTimeline", timeline={**timeline, "last_day": bench.day(119)})
    await bench.done("SubmitPlan")


async def test_finance_approves_again_when_another_last_day_changes_what_is_owed(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.reviewed(bench)
    await submit_another_day(bench)
    assert {"finance", "security"} <= set(await waiting(bench)), "security has its milestones in the timeline"
    unmet = await bench.refused("ApprovePlan", "not_reviewed", "xenia", content_hash=await bench.hash())
    assert any(one.startswith("finance approves") for one in unmet)


async def test_team_that_no_version_before_required_is_asked_and_has_its_days(pool: Pool) -> None:
    """Whatever it is that the new version brings about: here finance's own part is as it was."""
    teams = tuple(replace(one, parts=("refunds",)) if one.team == "finance" else one for one in POLICY.teams)
    bench = Bench(pool, policy=replace(POLICY, teams=teams))
    await steps.written(bench)
    refunds = steps.parts(bench)["WriteRefunds"]["refunds"]
    refunds["items"]["prepaid"][0]["ends_on"] = bench.day(120)
    await bench.done("WriteRefunds", refunds=refunds)
    await bench.done("SubmitPlan")
    assert "finance" not in await asked(bench)
    await bench.pass_time(timedelta(days=14))
    timeline = (await bench.published())[-1]["transition"]["parts"]["timeline"]
    await bench.done("WriteTimeline", timeline={**timeline, "last_day": bench.day(105)})
    await bench.done("SubmitPlan")
    assert "finance" in await asked(bench)
    assert (await waiting(bench))["finance"] == (await bench.published())[-1]["occurred_at"]
    await bench.pass_time(timedelta(0))
    late = [one["about"] for one in await bench.published() if one["type"] == "TeamReviewLate"]
    assert "finance" not in late


async def test_team_that_is_required_since_the_customer_pays_less_is_asked_and_has_its_days(pool: Pool) -> None:
    teams = tuple(replace(one, when=("refund_over_limit",)) if one.team == "legal" else one for one in POLICY.teams)
    bench = Bench(pool, policy=replace(POLICY, teams=teams))
    await steps.written(bench)
    await pays(bench, "50000.00")
    await bench.done("SubmitPlan")
    await steps.approved_by_teams(bench, "legal")
    assert "legal" not in await asked(bench)
    await bench.pass_time(timedelta(days=14))
    revision = (await bench.transition()).revision
    await pays(bench, "900.00")
    told = (await bench.published())[-1]
    assert (told["type"], told["about"]) == ("ReviewRequested", "legal")
    assert told["transition"]["revision"] == revision + 1
    assert await waiting(bench) == {"legal": told["occurred_at"]}
    await pays(bench, "800.00")
    assert (await bench.published())[-1] == told, "once"
    await bench.pass_time(timedelta(0))
    assert "TeamReviewLate" not in await bench.types()


async def test_who_has_written_since_speaks_for_no_team_any_more(pool: Pool) -> None:
    bench = Bench(pool)
    await bench.announce()
    bench.now += timedelta(seconds=1)
    await bench.tell_person(**person("mo", roles=["manager"], teams=["support"]))
    await bench.done("ProposeTransition", case_id="k", why="Everything was tried.")
    await bench.confirm()
    for kind, fields in steps.parts(bench).items():
        await bench.done(kind, **fields)
    await bench.done("SubmitPlan")
    await bench.done("GiveReview", "mo", team="support", says="approve", content_hash=await bench.hash())
    refunds = steps.parts(bench)["WriteRefunds"]["refunds"]
    refunds["items"]["prepaid"][0]["net"] = "3640.00"
    bench.now += timedelta(days=9)
    await bench.done("WriteRefunds", "mo", refunds=refunds)
    await bench.done("SubmitPlan")
    assert "support" in await asked(bench)
    assert (await waiting(bench))["support"] == (await bench.published())[-1]["occurred_at"]
    await steps.approved_by_teams(bench, "support")
    unmet = await bench.refused("ApprovePlan", "not_reviewed", "xenia", content_hash=await bench.hash())
    assert unmet == ["support approves by somebody else: mo, who approved for it, has written on the plan"]
    await bench.done("GiveReview", "r-support", team="support", says="approve", content_hash=await bench.hash())
    await bench.done("ApprovePlan", "xenia", content_hash=await bench.hash())


async def test_executive_who_has_written_since_has_neither_overruled_nor_approved(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.reviewed(bench, "legal")
    content_hash = await bench.hash()
    word = {"team": "legal", "content_hash": content_hash}
    await bench.done("GiveReview", "r-legal", **word, says="object", why="Clause 12.")
    await bench.done("OverruleObjection", "yves", team="legal", why="We know.")
    await bench.done("ApprovePlan", "xenia", content_hash=content_hash)
    await bench.confirm()
    support = steps.parts(bench)["WriteSupport"]["support"]
    for hours in ("8 to 18", support["hours"]):
        await bench.done("WriteSupport", "xenia", support={**support, "hours": hours})
    assert (await bench.transition()).state == "in_review", "what they wrote is taken back, and still they have written"
    await bench.refused("ApprovePlan", "not_reviewed", "xenia", content_hash=content_hash)
    await bench.done("ApprovePlan", "yves", content_hash=content_hash)
    await bench.confirm()
    await bench.done("WriteSupport", "yves", support={**support, "hours": "all day"})
    await bench.done("SubmitPlan")
    standings = {one["team"]: one["standing"] for one in (await bench.published())[-1]["transition"]["reviews"]}
    assert standings["legal"] == "objected"


async def test_executive_approves_anew_what_was_taken_back_through_another_version(pool: Pool) -> None:
    """They come last: the teams have said something since."""
    bench = Bench(pool)
    await steps.reviewed(bench)
    await bench.pass_time(timedelta(0))
    await bench.done("ApprovePlan", "xenia", content_hash=await bench.hash())
    await bench.confirm()
    support = steps.parts(bench)["WriteSupport"]["support"]
    for hours in ("8 to 18", support["hours"]):
        bench.now += timedelta(hours=1)
        await bench.done("WriteSupport", support={**support, "hours": hours})
        await bench.done("SubmitPlan")
    assert await waiting(bench) == {}
    assert (await bench.transition()).state == "in_review"
    await bench.refused("ArrangeTalk", "not_approved", **steps.talk(bench))
    assert (await bench.types()).count("ApprovalRequested") == 1
    await bench.pass_time(timedelta(0))
    assert (await bench.types()).count("ApprovalRequested") == 2, "once for each version"
    await bench.done("ApprovePlan", "yves", content_hash=await bench.hash())
    await bench.confirm()
    await bench.done("ArrangeTalk", **steps.talk(bench))


async def test_outsider_names_nobody_who_answers_for_a_team(pool: Pool) -> None:
    """Mo leads Ana alone; Sam is a manager too, of support."""
    bench = Bench(pool)
    await steps.submitted(bench)
    until = bench.now + timedelta(days=9)
    for who in ("mo", "sam", "ana", "xenia"):
        fields = {"team": "legal", "person": "eve", "until": until, "why": "Leave."}
        await bench.refused("NameStandIn", "not_allowed", who, **fields)
    bench.now += timedelta(seconds=1)
    await bench.tell_person(**person("r-legal", roles=["reviewer"], teams=["legal"], manager="lea"))
    await bench.tell_person(**person("lea", roles=["manager"]))
    for who in ("lea", "admin"):
        fields = {"team": "legal", "person": who, "until": until, "why": "Leave."}
        await bench.refused("NameStandIn", "own_name", who, **fields)
        await bench.done("NameStandIn", who, **{**fields, "person": "eve"})
    bench.now += timedelta(seconds=1)
    await bench.tell_person(**person("r-legal", roles=["reviewer"], teams=["legal"], manager="lea", active=False))
    fields = {"team": "legal", "person": "eve", "until": until, "why": "Who was there has left."}
    await bench.refused("NameStandIn", "not_allowed", "lea", **fields)
    await bench.done("NameStandIn", "admin", **fields)


async def test_nobody_who_proposed_leads_or_has_written_it_answers_for_a_team(pool: Pool) -> None:
    bench = Bench(pool)
    await bench.announce()
    await bench.done("ProposeTransition", "mo", case_id="k", why="Everything was tried.")
    await bench.confirm()
    for kind, fields in steps.parts(bench).items():
        await bench.done(kind, "xenia", **fields)
    await bench.done("SubmitPlan", "yves")
    for who in ("mo", "ana", "xenia", "yves"):
        fields = {"team": "legal", "person": who, "until": bench.now + timedelta(days=9), "why": "Leave."}
        await bench.refused("NameStandIn", "own_plan", "r-legal", **fields)


async def test_stand_in_ends_no_objection_that_the_team_has_raised_itself(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.reviewed(bench, "legal")
    until = bench.now + timedelta(days=9)
    await bench.done("NameStandIn", "r-legal", team="legal", person="eve", until=until, why="Leave.")
    word = {"team": "legal", "content_hash": await bench.hash(), "why": "Clause 12."}
    await bench.done("GiveReview", "r-legal", **word, says="object")
    await bench.done("GiveReview", "eve", **word, says="object")
    for says in ("approve", "change"):
        unmet = await bench.refused("GiveReview", "objection_stands", "eve", **word, says=says)
        assert unmet == ["somebody of legal itself takes it back, or an executive overrules it"]
    await bench.done("GiveReview", "r-legal", **word, says="approve")
    told = (await bench.published())[-1]
    assert (told["type"], told.get("stands_in", False)) == ("TeamApproved", False)
    await bench.done("GiveReview", "eve", **word, says="object")
    await bench.done("GiveReview", "eve", **word, says="approve")
    told = (await bench.published())[-1]
    assert (told["type"], told["stands_in"]) == ("TeamApproved", True)
