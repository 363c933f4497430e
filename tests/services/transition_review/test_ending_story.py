"""An ending from the proposal to the last milestone, and its other turns; each fact in its order."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from services.transition_review.domain.approving import Recurring, reviews
from services.transition_review.domain.waited import waited_for
from shared.database import Pool
from tests.services.transition_review import steps, trying
from tests.services.transition_review.workshop import TEAMS, Bench

pytestmark = pytest.mark.schema("transition_review")


async def test_relationship_is_ended_step_by_step(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.ending(bench)
    assert (await bench.transition()).state == "ending"
    last = (await bench.transition()).parts.timeline
    assert last is not None
    for milestone in last.milestones:
        await bench.pass_time(timedelta(days=30))
        on = bench.now.date()
        team = f"r-{milestone.team}"
        await bench.done("ReachMilestone", team, milestone_id=milestone.milestone_id, on=on, evidence="Protocol 7.")
    assert (await bench.transition()).state == "ending", "the last day is not over"
    await bench.pass_time(timedelta(days=40))
    assert (await bench.transition()).state == "ended"
    told = await bench.types()
    assert told[0] == "TransitionProposed"
    assert told[-1] == "TransitionCompleted"
    order = ["TransitionOpened", "PlanSubmitted", "TransitionApproved", "TalkHeld", "TransitionAnnounced"]
    assert [one for one in told if one in order] == order
    assert told.count("ReviewRequested") == len(TEAMS)
    public = await bench.types("terminations.v1")
    assert public == ["TerminationAnnounced", "TerminationChanged", *["MilestoneReached"] * 4, "TerminationCompleted"]
    await bench.done("RecordPostMortem", missed_signals="Logins.", misfit_at_sale="Too small.", do_differently="Ask.")
    assert (await bench.transition()).post_mortem is not None
    await bench.done("ShareEnding", contacts=["carla"], days=7)
    await bench.done("ProposeTransition", case_id="k", why="They came back, and it failed again.", transition_id="t-2")
    await bench.refused("ShareEnding", "another", contacts=["carla"], days=7)


async def test_what_is_announced_is_what_was_approved(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.announced(bench)
    (announced,) = await bench.published("terminations.v1")
    about = announced["termination"]
    assert about["effective_on"] == (await bench.transition()).parts.timeline.last_day.isoformat()  # type: ignore[union-attr]
    assert about["clause_id"] == "c-12"
    assert announced["idempotency_key"] == "t-1/1"
    (settlement,) = about["settlement"]
    assert sum(float(one["amount"]) for one in settlement["lines"]) == pytest.approx(float(settlement["total"]))
    (mail,) = await bench.published("releases.v1")
    assert (mail["contact_id"], mail["template"]) == ("carla", "ending_notice")


async def test_transition_is_withdrawn_and_everyone_who_was_told_is_told(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.ending(bench)
    await bench.done("WithdrawTransition", why="They have turned around.")
    assert (await bench.transition()).state == "withdrawn"
    assert (await bench.types())[-1] == "TransitionWithdrawn"
    assert (await bench.types("terminations.v1"))[-1] == "TerminationWithdrawn"
    assert (await bench.published("releases.v1"))[-1]["template"] == "ending_withdrawn"


async def test_withdrawal_is_told_to_whoever_has_a_link_to_the_plan_too(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.announced(bench)
    await bench.done("ShareEnding", contacts=["eddy", "carla"])
    await bench.done("WriteReferral", referral={"alternatives": [], "why": "", "introduction_offered": False,
                                                "glad_of": "Large companies."})  # fmt: skip
    await bench.done("SubmitPlan")
    await steps.approved_by_teams(bench)
    await bench.done("ApprovePlan", "xenia", content_hash=await bench.hash())
    await bench.done("AnnounceEnding", contacts=["carla"])
    await bench.done("WithdrawTransition", why="They have turned around.")
    mails = [one for one in await bench.published("releases.v1") if one["template"] == "ending_withdrawn"]
    assert sorted(one["contact_id"] for one in mails) == ["carla", "eddy"]


async def test_withdrawal_before_the_announcement_is_told_inside_alone(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.approved(bench)
    await bench.done("WithdrawTransition", why="They have turned around.")
    assert await bench.types("terminations.v1") == []
    assert await bench.types("releases.v1") == []


async def test_change_agreed_in_the_talk_goes_back_to_the_teams_it_affects(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.talked(bench, agreed_changes=["support"])
    unmet = await bench.refused("AnnounceEnding", "changes_missing", contacts=["carla"])
    assert "support" in unmet[0]
    support = steps.parts(bench)["WriteSupport"]["support"] | {"hours": "8 to 18"}
    support |= {name: (await bench.published())[-1]["transition"]["parts"]["support"][name] for name in (
        "until", "export_on", "access_ends_on", "deleted_on")}  # fmt: skip
    await bench.done("WriteSupport", support=support)
    await bench.done("SubmitPlan")
    waiting = [one["team"] for one in (await bench.published())[-1]["transition"]["reviews"]
               if one["standing"] == "waiting"]  # fmt: skip
    assert waiting == ["operations", "support", "security"]
    for team in waiting:
        await bench.done("GiveReview", f"r-{team}", team=team, says="approve", content_hash=await bench.hash())
    await bench.done("ApprovePlan", "xenia", content_hash=await bench.hash())
    await bench.confirm()
    await bench.done("AnnounceEnding", contacts=["carla"])


async def test_change_after_the_announcement_is_approved_and_published_as_a_change(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.ending(bench)
    timeline = (await bench.published())[-1]["transition"]["parts"]["timeline"]
    await bench.done("WriteTimeline", timeline={**timeline, "time_needed_days": 90})
    await bench.refused("AnnounceEnding", "not_approved", contacts=["carla"])
    milestones = ["finance", "support", "operations", "security"]
    assert await _waited(bench) == ["ana", *milestones]
    await bench.done("SubmitPlan")
    assert await _waited(bench) == ["revenue", "operations", "support", "finance", "legal", "security", *milestones]
    await steps.approved_by_teams(bench)
    assert await _waited(bench) == ["executive", *milestones]
    await bench.done("ApprovePlan", "xenia", content_hash=await bench.hash())
    assert await _waited(bench) == ["ana", *milestones]
    assert (await bench.question())["type"] == "EligibilityAsked"
    bench.now += timedelta(days=2)
    await bench.done("AnnounceEnding", contacts=["carla"])
    public = await bench.published("terminations.v1")
    assert [one["type"] for one in public] == ["TerminationAnnounced", *["TerminationChanged"] * 2]
    assert [one["revision"] for one in public] == [1, 2, 3]
    assert len({one["idempotency_key"] for one in public}) == 3
    announced = (await bench.transition()).announced
    assert announced is not None
    assert announced.began_at < announced.at
    returned = {"milestone_id": "m-data", "evidence": "A receipt."}
    before = announced.began_at.date() - timedelta(days=1)
    await bench.refused("ReachMilestone", "too_early", "r-support", **returned, on=before)
    await bench.done("ReachMilestone", "r-support", **returned, on=announced.began_at.date())


async def _waited(bench: Bench) -> list[str]:
    transition = await bench.transition()
    recurring = Recurring(Decimal(100_000), "EUR")
    return [one.who for one in waited_for(transition, reviews(transition, recurring))]


async def test_change_after_the_notice_counts_from_the_day_on_which_it_was_received(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.announced(bench)
    bench.now += timedelta(days=40)  # later than it was planned: two months to the end of a month lead a month further
    await bench.done("RecordNotice", received_on=bench.now.date(), how="Handed over, with a signature.")
    timeline = (await bench.published())[-1]["transition"]["parts"]["timeline"]
    bench.now += timedelta(days=1)
    await bench.done("WriteTimeline", timeline={**timeline, "last_day": "2026-06-15"})
    (only,) = await bench.refused("SubmitPlan", "not_complete")
    assert "the earliest lawful end is 30 June 2026" in only
    await bench.done("WriteTimeline", timeline={**timeline, "time_needed_days": 90})
    await bench.done("SubmitPlan")


async def test_emergency_goes_by_the_executives_override(pool: Pool) -> None:
    """Named conditions, each with its reason, shown for ever."""
    bench = Bench(pool)
    await bench.announce()
    await bench.tell_case("declared_failed", state="reviewing")
    overrides = [{"condition": "declared_failed", "reason": "Abuse of our people."}]
    await bench.refused("ProposeTransition", "not_allowed", case_id="k", why="Abuse.", overrides=overrides)
    await bench.done("ProposeTransition", "xenia", case_id="k", why="Abuse.", overrides=overrides)
    assert (await bench.question())["overridden"] == ["declared_failed"]
    await bench.confirm()
    (made,) = (await bench.published())[-1]["transition"]["overrides"]
    assert (made["condition"], made["by"], made["reason"]) == ("declared_failed", "xenia", "Abuse of our people.")
    await bench.tell_case("declared_failed", state="reviewing")
    assert (await bench.transition()).stopped == ()


async def test_customer_who_leaves_by_itself_closes_the_transition(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.approved(bench)
    await bench.tell_case(state="lost")
    assert (await bench.transition()).state == "lost"
    assert (await bench.types())[-1] == "TransitionLost"
    assert await bench.types("terminations.v1") == []


async def test_customer_who_leaves_after_the_announcement_is_ended_to_the_last_milestone(pool: Pool) -> None:
    """What was announced is owed: refund, data, deletion."""
    bench = Bench(pool)
    await steps.ending(bench)
    await bench.tell_case(state="lost")
    assert (await bench.transition()).state == "ending"
    await bench.done("ReachMilestone", "r-finance", milestone_id="m-refund", on=bench.now.date(), evidence="Paid.")


@pytest.mark.parametrize("state", ["saved", "dismissed"])
async def test_customer_who_turns_around_withdraws_its_ending_and_who_was_told_is_told(pool: Pool, state: str) -> None:
    bench = Bench(pool)
    await steps.announced(bench)
    await bench.tell_case(state=state)
    assert (await bench.transition()).state == "withdrawn"
    assert (await bench.types("terminations.v1"))[-1] == "TerminationWithdrawn"
    mail = (await bench.published("releases.v1"))[-1]
    assert (mail["template"], mail["contact_id"]) == ("ending_withdrawn", "carla")


async def test_new_csm_of_the_customer_goes_on_and_the_former_does_not(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.opened(bench)
    bench.now += timedelta(hours=1)
    await bench.tell_customer(csm="eve")
    told = (await bench.published())[-1]
    assert (told["type"], told["about"], told["before"]) == ("TransitionReassigned", "eve", "ana")
    fields = steps.parts(bench)["WriteSupport"]
    await bench.refused("WriteSupport", "not_allowed", **fields)
    await bench.done("WriteSupport", "eve", **fields)


async def test_every_guard_is_shut_before_its_time(pool: Pool) -> None:
    bench = Bench(pool)
    await bench.announce()
    await trying.nothing_is_begun(bench)
    await trying.opened(bench)
    await trying.submitted(bench)
    await trying.reviewed(bench)
    await trying.approved(bench)
    await trying.talked(bench)
    await trying.announced(bench)
    await trying.carried_out(bench)


async def stalled(bench: Bench, days: int) -> list[tuple[str, str, str]]:
    """Let days pass; return what was raised as standing still then: whom it waits for, in which step, with whom."""
    before = len(await bench.published())
    await bench.pass_time(timedelta(days=days))
    new = (await bench.published())[before:]
    return [(one["about"], one["step"], one["level"]) for one in new if one["type"] == "TransitionStalled"]


async def test_whatever_stands_still_is_raised_and_escalated_once(pool: Pool) -> None:
    """Silence is no approval, and no end: whoever has to act next hears of it, and later the managers."""
    bench = Bench(pool)
    await steps.written(bench)
    assert await stalled(bench, 4) == [("ana", "plan", "owner")]
    assert await stalled(bench, 6) == [("ana", "plan", "manager")]
    await bench.done("WriteTimeline", **moved_on(bench))
    await bench.done("WriteSupport", **steps.parts(bench)["WriteSupport"])
    await bench.done("WriteContracts", **steps.parts(bench)["WriteContracts"])
    await bench.done("WriteCommunication", **steps.parts(bench)["WriteCommunication"])
    await bench.done("SubmitPlan")
    await steps.approved_by_teams(bench, "legal")
    word = {"team": "legal", "content_hash": await bench.hash()}
    await bench.done("GiveReview", "r-legal", **word, says="object", why="Clause 12.")
    assert await stalled(bench, 10) == [("legal", "settling", "owner"), ("legal", "settling", "manager")]
    await bench.done("GiveReview", "r-legal", **word, says="approve")
    assert await stalled(bench, 10) == [("executive", "approval", "owner"), ("executive", "approval", "manager")]
    assert await stalled(bench, 30) == []


def moved_on(bench: Bench) -> dict[str, Any]:
    """Return the timeline as it is sound from today on."""
    return steps.parts(bench)["WriteTimeline"]


async def test_talk_and_notice_that_stand_still_are_escalated(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.approved(bench)
    await bench.pass_time(timedelta(days=12))
    assert [one["level"] for one in await bench.published() if one["type"] == "TalkDue"] == ["owner", "manager"]
    await bench.done("ArrangeTalk", **steps.talk(bench))
    await bench.pass_time(timedelta(days=2, hours=1))
    await bench.done("RecordTalk", **steps.held(bench))
    assert await stalled(bench, 4) == [("ana", "announcement", "owner")]
    await bench.done("AnnounceEnding", contacts=["carla"])
    await bench.pass_time(timedelta(days=8))
    assert [one["level"] for one in await bench.published() if one["type"] == "NoticeDue"] == ["owner", "manager"]


async def test_notice_that_came_on_another_day_is_told_to_revenue_and_operations(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.announced(bench)
    await bench.done("RecordNotice", received_on=bench.now.date(), how="Handed over.")
    first, second = await bench.published("terminations.v1")
    assert (second["type"], second["revision"]) == ("TerminationChanged", 2)
    assert first["termination"]["notice_on"] != second["termination"]["notice_on"] == bench.now.date().isoformat()
    assert {**first["termination"], "notice_on": 0} == {**second["termination"], "notice_on": 0}
    assert await bench.types("releases.v1") == ["MessageReleased"], "the customer knows when it came"
    planned = bench.day(18)
    bench.now += timedelta(days=18)
    await bench.done("RecordNotice", received_on=planned, how="It was the later letter.")
    corrected = (await bench.published("terminations.v1"))[-1]
    assert (corrected["revision"], corrected["termination"]["notice_on"]) == (3, first["termination"]["notice_on"])


async def test_milestones_and_support_name_the_same_days(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.written(bench)
    support = steps.parts(bench)["WriteSupport"]["support"]
    await bench.done("WriteSupport", support={**support, "deleted_on": bench.day(149)})
    (unmet,) = await bench.refused("SubmitPlan", "not_complete")
    assert unmet.startswith("milestone m-deleted and the part support name the same day on which the data are deleted")


async def test_what_we_owe_has_a_day_by_which_it_is_paid_and_no_day_is_out_of_reach(pool: Pool) -> None:
    """Or the ending would be complete with the refund unpaid; and the clock cannot count to any day one can write."""
    bench = Bench(pool)
    await steps.written(bench)
    timeline = steps.parts(bench)["WriteTimeline"]["timeline"]
    refund, *others = timeline["milestones"]
    await bench.done("WriteTimeline", timeline={**timeline, "milestones": others})
    (unmet,) = await bench.refused("SubmitPlan", "not_complete")
    assert re.fullmatch(r"a milestone says when the [0-9.]+ EUR that we owe are paid", unmet)
    late = {**timeline, "milestones": [{**refund, "due_on": bench.day(-1)}, *others]}
    await bench.done("WriteTimeline", timeline=late)
    assert await bench.refused("SubmitPlan", "not_complete") == ["milestone m-refund is due today or later"]
    for never in ("9999-12-31", "0001-01-01"):
        with pytest.raises(ValidationError, match="due_on must be a day from 1990"):
            bench.command("WriteTimeline", timeline={**timeline, "milestones": [{**refund, "due_on": never}]})
    await bench.done("WriteTimeline", timeline=timeline)
    await bench.done("SubmitPlan")
