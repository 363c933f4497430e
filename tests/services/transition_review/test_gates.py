"""Every guard of an ending, tried shut: what it refuses, and with which condition."""

from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from services.transition_review.domain.approving import reviews
from services.transition_review.domain.waited import waited_for
from services.transition_review.policies.reading import shipped_policy
from shared.database import Pool
from tests.services.transition_review import steps
from tests.services.transition_review.workshop import Bench, T
from tests.stories import person

POLICY = shipped_policy()
pytestmark = pytest.mark.schema("transition_review")


async def test_nothing_is_prepared_before_eligibility_is_confirmed(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.proposed(bench)
    kind, fields = next(iter(steps.parts(bench).items()))
    await bench.refused(kind, "not_confirmed", **fields)
    await bench.refuse("two candid conversations are held")
    assert (await bench.transition()).state == "refused"
    refused = (await bench.published())[-1]
    assert (refused["type"], refused["reasons"]) == ("TransitionRefused", ["two candid conversations are held"])
    await bench.confirm()
    assert (await bench.transition()).state == "refused"


async def test_no_answer_within_a_minute_is_a_refusal(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.proposed(bench)
    await bench.pass_time(timedelta(seconds=59))
    assert (await bench.transition()).state == "proposed"
    await bench.pass_time(timedelta(seconds=1))
    assert (await bench.transition()).state == "refused"


async def test_answer_that_comes_after_a_minute_confirms_nothing(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.proposed(bench)
    bench.now += timedelta(seconds=60)  # the clock has not looked yet
    await bench.confirm()
    assert (await bench.transition()).state == "refused"


async def test_an_answer_to_another_question_is_none(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.proposed(bench)
    await bench.confirm(causation_id="another")
    assert (await bench.transition()).state == "proposed"


async def test_lost_eligibility_stops_it_until_it_is_regained_or_overridden(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.reviewed(bench)
    await bench.tell_case("executive")
    assert (await bench.types())[-1] == "EligibilityLost"
    unmet = await bench.refused("ApprovePlan", "stopped", "xenia", content_hash=await bench.hash())
    assert unmet == ["executive is met"]
    await bench.tell_case()
    assert (await bench.types())[-1] == "EligibilityRegained"
    await bench.tell_case("executive")
    await bench.refused("OverrideCondition", "not_allowed", condition="executive", reason="They are on leave.")
    await bench.done("OverrideCondition", "xenia", condition="executive", reason="They are on leave.")
    await bench.done("ApprovePlan", "xenia", content_hash=await bench.hash())
    assert (await bench.question())["overridden"] == ["executive"]


async def test_nobody_is_reminded_of_a_talk_while_it_is_stopped(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.approved(bench)
    await bench.tell_case("executive")
    await bench.pass_time(timedelta(days=8))
    assert "TalkDue" not in await bench.types()
    await bench.tell_case()
    await bench.pass_time(timedelta(minutes=1))
    assert (await bench.types())[-1] == "TalkDue", "it is still to be arranged"


async def test_eligibility_is_asked_again_before_the_last_approval(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.reviewed(bench)
    await bench.done("ApprovePlan", "xenia", content_hash=await bench.hash())
    assert (await bench.transition()).state == "in_review", "not before the answer"
    await bench.refuse("our commitment c-1 is done")
    assert (await bench.types())[-1] == "ApprovalRefused"
    assert (await bench.transition()).state == "in_review"
    await bench.done("ApprovePlan", "xenia", content_hash=await bench.hash())
    await bench.confirm()
    assert (await bench.transition()).state == "approved"


async def test_approval_waits_for_every_team_and_an_executive_comes_last(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.reviewed(bench, "legal", "security")
    await bench.refused("ApprovePlan", "not_allowed", "mo", content_hash=await bench.hash())
    unmet = await bench.refused("ApprovePlan", "not_reviewed", "xenia", content_hash=await bench.hash())
    assert [one.split()[0] for one in unmet] == ["legal", "security"]


async def test_who_has_written_never_approves(pool: Pool) -> None:
    bench = Bench(pool)
    await bench.announce()
    bench.now += timedelta(seconds=1)
    await bench.tell_person(**person("mo", roles=["manager"], teams=["legal"]))
    await bench.done("ProposeTransition", case_id="k", why="Everything was tried.")
    await bench.confirm()
    for kind, fields in steps.parts(bench).items():
        await bench.done(kind, "mo" if kind == "WriteSupport" else "ana", **fields)
    await bench.done("SubmitPlan")
    content_hash = await bench.hash()
    await bench.refused("GiveReview", "own_plan", "mo", team="legal", says="approve", content_hash=content_hash)
    await bench.done("GiveReview", "mo", team="legal", says="change", why="The notice.", content_hash=content_hash)


async def test_executive_who_has_written_does_not_approve(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.written(bench)
    timeline = steps.parts(bench)["WriteTimeline"]["timeline"]
    await bench.done("WriteTimeline", "xenia", timeline={**timeline, "time_needed_days": 61})
    await bench.done("SubmitPlan")
    await steps.approved_by_teams(bench)
    await bench.refused("ApprovePlan", "not_reviewed", "xenia", content_hash=await bench.hash())
    await bench.done("ApprovePlan", "yves", content_hash=await bench.hash())


async def test_a_team_speaks_for_itself_about_the_version_that_it_saw(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.submitted(bench)
    content_hash = await bench.hash()
    await bench.refused(
        "GiveReview", "not_allowed", "r-revenue", team="legal", says="approve", content_hash=content_hash
    )
    await bench.refused("GiveReview", "other_version", "r-legal", team="legal", says="approve", content_hash="0" * 64)
    await bench.refused("GiveReview", "no_reason", "r-legal", team="legal", says="object", content_hash=content_hash)


async def test_a_change_resets_exactly_the_teams_that_it_affects(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.reviewed(bench)
    refunds = steps.parts(bench)["WriteRefunds"]["refunds"]
    refunds["items"]["prepaid"][0]["net"] = "3640.00"
    await bench.done("WriteRefunds", refunds=refunds)
    await bench.refused("ApprovePlan", "not_submitted", "xenia", content_hash=await bench.hash())
    await bench.done("SubmitPlan")
    standings = {one["team"]: one["standing"] for one in (await bench.published())[-1]["transition"]["reviews"]}
    assert standings == {
        "revenue": "waiting",
        "operations": "approved",
        "support": "approved",
        "finance": "waiting",
        "legal": "waiting",
        "security": "approved",
    }


async def test_an_objection_stands_until_the_team_or_an_executive_ends_it(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.reviewed(bench, "legal")
    content_hash = await bench.hash()
    await bench.done("GiveReview", "r-legal", team="legal", says="object", why="Clause 12.", content_hash=content_hash)
    await bench.refused("ApprovePlan", "not_reviewed", "xenia", content_hash=content_hash)
    await bench.refused("OverruleObjection", "not_allowed", team="legal", why="We know.")
    await bench.done("OverruleObjection", "yves", team="legal", why="Counsel has looked at it.")
    await bench.done("ApprovePlan", "xenia", content_hash=content_hash)


@pytest.mark.parametrize("says", ["object", "change"])
async def test_who_objects_after_the_approval_takes_it_back(pool: Pool, says: str) -> None:
    """The executive comes last: after the objection there is somebody before them again."""
    bench = Bench(pool)
    await steps.talked(bench)
    content_hash = await bench.hash()
    await bench.done("GiveReview", "r-legal", team="legal", says=says, why="Clause 12.", content_hash=content_hash)
    await bench.refused("AnnounceEnding", "not_approved", contacts=["carla"])
    await bench.refused("ApprovePlan", "not_reviewed", "xenia", content_hash=content_hash)
    await bench.done("GiveReview", "r-legal", team="legal", says="approve", content_hash=content_hash)
    await bench.done("ApprovePlan", "xenia", content_hash=content_hash)
    await bench.confirm()
    await bench.done("AnnounceEnding", contacts=["carla"])


async def test_team_that_is_affected_only_after_the_approval_approves_before_the_announcement(pool: Pool) -> None:
    teams = tuple(replace(one, when=("condition_overridden",)) if one.team == "legal" else one for one in POLICY.teams)
    bench = Bench(pool, policy=replace(POLICY, teams=teams))
    await steps.submitted(bench)
    await steps.approved_by_teams(bench, "legal")
    await bench.done("ApprovePlan", "xenia", content_hash=await bench.hash())
    await bench.confirm()
    await bench.done("ArrangeTalk", **steps.talk(bench))
    bench.now += timedelta(days=2, hours=1)
    await bench.done("RecordTalk", **steps.held(bench))
    await bench.done("OverrideCondition", "xenia", condition="executive", reason="They are on leave.")
    assert "legal" in [one["about"] for one in await bench.published() if one["type"] == "ReviewRequested"]
    unmet = await bench.refused("AnnounceEnding", "not_approved", contacts=["carla"])
    assert unmet[0].startswith("legal approves")
    await bench.done("GiveReview", "r-legal", team="legal", says="approve", content_hash=await bench.hash())
    await bench.done("AnnounceEnding", contacts=["carla"])


async def test_executive_is_asked_once_as_soon_as_nobody_else_is_waited_for(pool: Pool) -> None:
    """Whether the last team approves or its objection is overruled; and not while the checklist stops everything."""

    async def asked() -> int:
        await bench.pass_time(timedelta(0))
        return (await bench.types()).count("ApprovalRequested")

    bench = Bench(pool)
    await steps.reviewed(bench, "legal")
    assert await asked() == 0
    word = {"team": "legal", "content_hash": await bench.hash()}
    await bench.done("GiveReview", "r-legal", **word, says="object", why="Clause 12.")
    assert await asked() == 0
    await bench.tell_case("executive")
    await bench.done("OverruleObjection", "xenia", team="legal", why="The court has decided.")
    assert await asked() == 0, "it would be refused"
    await bench.tell_case()
    assert await asked() == 1
    assert await asked() == 1
    await bench.done("GiveReview", "r-legal", **word, says="object", why="Clause 14.")
    assert await asked() == 1
    bench.now += timedelta(hours=1)
    await bench.done("GiveReview", "r-legal", **word, says="approve")
    assert await asked() == 2


async def test_team_that_an_override_affects_is_asked_reminded_and_waited_for_before_the_talk(pool: Pool) -> None:
    teams = tuple(replace(one, when=("condition_overridden",)) if one.team == "legal" else one for one in POLICY.teams)
    bench = Bench(pool, policy=replace(POLICY, teams=teams))
    await steps.reviewed(bench, "legal")
    await bench.done("ApprovePlan", "xenia", content_hash=await bench.hash())
    await bench.confirm()
    bench.now += timedelta(days=3)
    await bench.done("OverrideCondition", "xenia", condition="executive", reason="They are on leave.")
    asked = [one for one in await bench.published() if one["type"] == "ReviewRequested"][-1]
    assert (asked["about"], asked["due_on"] > bench.now.date().isoformat()) == ("legal", True)
    (standing,) = [one for one in asked["transition"]["reviews"] if one["team"] == "legal"]
    assert standing["since"] == asked["occurred_at"]
    unmet = await bench.refused("ArrangeTalk", "not_approved", **steps.talk(bench))
    assert unmet[0].startswith("legal approves")
    transition = await bench.transition()
    assert [one.who for one in waited_for(transition, reviews(transition, None))] == ["legal", "ana"]
    await bench.pass_time(timedelta(days=10))
    assert {"TeamReviewDue", "TeamReviewLate"} <= set(await bench.types())
    await bench.done("GiveReview", "r-legal", team="legal", says="approve", content_hash=await bench.hash())
    await bench.done("ArrangeTalk", **steps.talk(bench))


async def test_stand_in_answers_for_a_team_until_its_time_is_over(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.submitted(bench)
    content_hash = await bench.hash()
    said = {"team": "legal", "says": "approve", "content_hash": content_hash}
    await bench.refused("GiveReview", "not_allowed", "eve", **said)
    until = bench.now + timedelta(days=1)
    await bench.refused("NameStandIn", "not_allowed", "eve", team="legal", person="eve", until=until, why="Leave.")
    await bench.done("NameStandIn", "r-legal", team="legal", person="eve", until=until, why="Leave.")
    bench.now += timedelta(days=1)
    await bench.refused("GiveReview", "not_allowed", "eve", **said)
    bench.now -= timedelta(seconds=1)
    await bench.done("GiveReview", "eve", **said)


async def test_the_last_day_is_never_too_early(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.opened(bench)
    for kind, fields in steps.parts(bench).items():
        await bench.done(kind, **fields)
    timeline = steps.parts(bench)["WriteTimeline"]["timeline"]
    await bench.done("WriteTimeline", timeline={**timeline, "last_day": bench.day(40)})
    unmet = await bench.refused("SubmitPlan", "not_complete")
    assert any("too early" in one for one in unmet)


async def test_a_plan_that_lacks_something_is_not_reviewed(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.opened(bench)
    unmet = await bench.refused("SubmitPlan", "not_complete")
    assert unmet == [
        f"the part {name} is written"
        for name in ("timeline", "contracts", "refunds", "support", "communication", "referral")
    ]


async def test_the_customer_hears_nothing_before_the_approval(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.reviewed(bench)
    await bench.refused("ArrangeTalk", "not_approved", **steps.talk(bench))
    await bench.refused("AnnounceEnding", "not_approved", contacts=["carla"])


async def test_nothing_is_announced_before_the_talk(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.approved(bench)
    await bench.refused("AnnounceEnding", "not_talked", contacts=["carla"])
    await bench.done("ArrangeTalk", **steps.talk(bench))
    await bench.refused("AnnounceEnding", "not_talked", contacts=["carla"])
    bench.now += timedelta(days=3)
    early = steps.held(bench) | {"held_at": bench.now - timedelta(days=4)}
    await bench.refused("RecordTalk", "before_approval", **early)


async def test_notice_needs_an_address_and_the_talk_comes_before_it(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.talked(bench)
    await bench.refused("AnnounceEnding", "no_address", contacts=["paul"])
    await bench.done("AnnounceEnding", contacts=["carla"])
    how = "By registered mail."
    await bench.refused("RecordNotice", "before_the_talk", received_on=bench.day(-1), how=how)
    await bench.refused("RecordNotice", "in_the_future", received_on=bench.day(1), how=how)


async def test_the_database_itself_lets_nothing_out_before_approval_and_talk(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.approved(bench)
    for topic in ("terminations.v1", "releases.v1"):
        with pytest.raises(asyncpg.RaiseError, match="before approval and talk"):
            await pool.execute(
                "INSERT INTO outbox (bucket, topic, key, headers, body) VALUES (0, $1, 'acme', '{}', '')", topic
            )


async def test_nothing_follows_a_withdrawal(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.ending(bench)
    await bench.done("WithdrawTransition", why="They have turned around.")
    before = await bench.types("terminations.v1"), await bench.types("releases.v1")
    await bench.refused("AnnounceEnding", "over", contacts=["carla"])
    await bench.refused("ReachMilestone", "over", "mo", milestone_id="m-none", on=bench.day(0), evidence="x")
    await bench.pass_time(timedelta(days=400))
    assert (await bench.types("terminations.v1"), await bench.types("releases.v1")) == before


async def test_withdrawal_is_possible_until_the_last_day_is_over(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.ending(bench)
    last = (await bench.transition()).parts.timeline
    assert last is not None
    bench.now += timedelta(days=(last.last_day - bench.now.date()).days + 1)
    await bench.refused("WithdrawTransition", "after_the_end", why="Too late.")
    bench.now -= timedelta(days=1)
    await bench.done("WithdrawTransition", why="In time.")


async def test_health_is_frozen_when_it_is_opened(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.opened(bench)
    frozen = (await bench.transition()).health
    await bench.tell_health(2, band="green", score="91.00")
    await bench.tell_case()
    assert (await bench.transition()).health == frozen
    assert frozen is not None
    assert frozen.band != "green"


async def test_one_transition_at_a_time_and_each_id_once(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.opened(bench)
    await bench.refused("ProposeTransition", "transition_open", case_id="k", why="Again.", transition_id="t-2")
    await bench.done("WithdrawTransition", why="No.")
    await bench.refused("ProposeTransition", "id_taken", case_id="k", why="Again.", transition_id=T)
    await bench.done("ProposeTransition", case_id="k", why="Again.", transition_id="t-2")


async def test_an_older_ending_opens_no_gate_for_a_new_one(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.announced(bench)
    await bench.done("WithdrawTransition", why="They have turned around.")
    bench.now += timedelta(days=1)
    await bench.done("ProposeTransition", case_id="k", why="Again.", transition_id="t-2")
    with pytest.raises(asyncpg.RaiseError, match="before approval and talk"):
        await pool.execute(
            "INSERT INTO outbox (bucket, topic, key, headers, body) VALUES (0, 'terminations.v1', 'acme', '{}', '')"
        )


async def test_a_proposal_that_was_refused_at_the_same_moment_shuts_no_gate(pool: Pool) -> None:
    bench = Bench(pool)
    await bench.announce()
    await bench.done("ProposeTransition", case_id="k", why="Too early.", transition_id="a-first-try")
    await bench.refuse("a plan ran")
    await steps.announced(bench)
    assert await bench.types("terminations.v1") == ["TerminationAnnounced"]


async def test_changes_by_two_at_once_show_what_the_other_did(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.opened(bench)
    revision = (await bench.transition()).revision
    fields = steps.parts(bench)["WriteSupport"]
    await bench.done("WriteSupport", expected_revision=revision, **fields)
    unmet = await bench.refused("WriteReferral", "conflict", expected_revision=revision,
                                **steps.parts(bench)["WriteReferral"])  # fmt: skip
    assert unmet[0] == f"expected_revision is {revision + 1}"
    assert "PartWritten support by ana" in unmet[1]
