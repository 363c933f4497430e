"""How a relationship is ended, every guard tried shut first: on a bench as on the whole system."""

from datetime import timedelta
from typing import Any

from tests.services.transition_review import steps
from tests.services.transition_review.steps import Place
from tests.services.transition_review.workshop import TEAMS

DAY = timedelta(days=1)
OUTSIDE = ("terminations.v1", "releases.v1")
WHY = "Everything was tried, together."


async def types(place: Place, topic: str) -> list[str]:
    """Return the types told on a topic."""
    return [one["type"] for one in await place.published(topic)]


async def nothing_is_begun(place: Place) -> None:
    """Try every step on a transition that was never proposed."""
    for kind, fields in (
        *steps.parts(place).items(),
        ("SubmitPlan", {}),
        ("GiveReview", {"team": "legal", "says": "approve", "content_hash": "0" * 64}),
        ("ApprovePlan", {"content_hash": "0" * 64}),
        ("ArrangeTalk", steps.talk(place)),
        ("RecordTalk", steps.held(place)),
        ("AnnounceEnding", {"contacts": ["carla"]}),
        ("RecordNotice", {"received_on": place.day(0), "how": "By hand."}),
        ("WithdrawTransition", {"why": "They have turned around."}),
    ):
        await place.refused(kind, "no_transition", **fields)


async def opened(place: Place, who: str = "ana", **more: Any) -> None:
    """Propose it; action_plans confirms under the case's lock, and the health is frozen."""
    await place.refused("ProposeTransition", "no_case", case_id="another", why=WHY)
    await place.refused("ProposeTransition", "not_allowed", "eve", case_id=place.case_id, why=WHY)
    await place.done("ProposeTransition", who, case_id=place.case_id, why=WHY, **more)
    await place.confirm()
    found = await place.transition()
    assert (found.state, found.proposed_by) == ("draft", who)
    assert found.health is not None
    await place.refused(
        "ProposeTransition", "transition_open", case_id=place.case_id, why=WHY, transition_id="another-one"
    )


async def submitted(place: Place) -> None:
    """Write the six parts; a last day that no clause allows is refused."""
    await place.refused("SubmitPlan", "not_complete")
    parts = steps.parts(place)
    for kind, fields in parts.items():
        await place.done(kind, **fields)
    timeline = parts["WriteTimeline"]["timeline"]
    early = place.day(30)
    milestones = [{**one, "due_on": early} for one in timeline["milestones"]]
    await place.done("WriteTimeline", timeline={**timeline, "last_day": early, "milestones": milestones})
    unmet = await place.refused("SubmitPlan", "not_complete")
    assert any("earliest lawful" in one for one in unmet), unmet
    await place.done("WriteTimeline", timeline=timeline)
    await place.refused("GiveReview", "not_submitted", "r-legal", team="legal", says="approve", content_hash="0" * 64)
    await place.done("SubmitPlan")


async def reviewed(place: Place) -> None:
    """A change request resets the right teams, an objection is overcome, and an executive comes last."""
    content = await place.hash()
    await place.refused("ApprovePlan", "not_allowed", content_hash=content)
    unmet = await place.refused("ApprovePlan", "not_reviewed", "xenia", content_hash=content)
    assert {one.split()[0] for one in unmet} == set(TEAMS)
    word = {"team": "finance", "content_hash": content}
    await place.refused("GiveReview", "not_allowed", "r-legal", **word, says="approve")
    await place.refused("GiveReview", "no_reason", "r-finance", **word, says="change")
    for team in ("revenue", "operations", "support", "legal", "security"):
        await place.done("GiveReview", f"r-{team}", team=team, says="approve", content_hash=content)
    await place.done("GiveReview", "r-finance", **word, says="change", why="The tax of the licences is wrong.")
    refunds = steps.parts(place)["WriteRefunds"]["refunds"]
    refunds["items"]["prepaid"][0]["tax"] = "690.00"
    await place.done("WriteRefunds", refunds=refunds)
    await place.done("SubmitPlan")
    assert await waiting(place) == {"revenue", "finance", "legal"}, "whom the part affects, and nobody else"
    content = await place.hash()
    for team in ("revenue", "finance"):
        await place.done("GiveReview", f"r-{team}", team=team, says="approve", content_hash=content)
    await place.done("GiveReview", "r-legal", team="legal", says="object", why="Clause 12.", content_hash=content)
    await place.refused("ApprovePlan", "not_reviewed", "xenia", content_hash=content)
    await place.refused("OverruleObjection", "not_allowed", team="legal", why="We know.")
    await place.done("OverruleObjection", "xenia", team="legal", why="Counsel has looked at it since.")


async def waiting(place: Place) -> set[str]:
    """Return the teams that are waited for."""
    reviews = (await place.published())[-1]["transition"]["reviews"]
    return {one["team"] for one in reviews if one["standing"] == "waiting"}


async def approved(place: Place) -> None:
    """The executive approves last; before that nothing reaches the customer."""
    early: tuple[tuple[str, dict[str, Any]], ...] = (
        ("ArrangeTalk", steps.talk(place)),
        ("RecordTalk", steps.held(place)),
        ("AnnounceEnding", {"contacts": ["carla"]}),
    )
    for kind, fields in early:
        await place.refused(kind, "not_approved", **fields)
    await place.done("ApprovePlan", "xenia", content_hash=await place.hash())
    await place.confirm()
    assert (await place.transition()).state == "approved"


async def talked(place: Place) -> None:
    """The talk is held; what it changed goes back to the teams that it affects."""
    await place.refused("RecordTalk", "not_arranged", **steps.held(place))
    await place.done("ArrangeTalk", **steps.talk(place))
    agenda = (await place.transition()).talk
    assert agenda is not None
    assert [one.topic for one in agenda.agenda] == ["ending", "reasons", "final", "plan", "open_talk"]
    await place.refused("AnnounceEnding", "not_talked", contacts=["carla"])
    await place.refused("RecordNotice", "not_announced", received_on=place.day(0), how="By hand.")
    await place.pass_time(2 * DAY + timedelta(hours=1))
    await nothing_went_out(place)
    await place.done("RecordTalk", **steps.held(place, agreed_changes=["support"]))
    await place.refused("AnnounceEnding", "changes_missing", contacts=["carla"])
    kept = (await place.published())[-1]["transition"]["parts"]["support"]
    await place.done("WriteSupport", support={**kept, "hours": "8 to 18"})
    await place.refused("AnnounceEnding", "not_approved", contacts=["carla"])
    await place.done("SubmitPlan")
    assert await waiting(place) == {"operations", "support", "security"}
    for team in ("operations", "support", "security"):
        await place.done("GiveReview", f"r-{team}", team=team, says="approve", content_hash=await place.hash())
    await place.refused("AnnounceEnding", "not_approved", contacts=["carla"])
    await place.done("ApprovePlan", "xenia", content_hash=await place.hash())
    await place.confirm()
    await nothing_went_out(place)


async def nothing_went_out(place: Place) -> None:
    """No fact of the ending, and no mail about it, has left the house."""
    assert await place.published("terminations.v1") == []
    assert [one for one in await place.published("releases.v1") if one["template"].startswith("ending")] == []


async def announced(place: Place) -> None:
    """Everybody is told, once."""
    await place.refused("AnnounceEnding", "unknown_contact", contacts=["nobody"])
    await place.done("AnnounceEnding", contacts=["carla"])
    assert await types(place, "terminations.v1") == ["TerminationAnnounced"]
    await place.refused("AnnounceEnding", "no_change", contacts=["carla"])
    await place.done("RecordNotice", received_on=place.day(0), how="Handed over, with a signature.")


async def carried_out(place: Place) -> None:
    """Every milestone is reached by its team; the clock ends it after the last day."""
    found = await place.transition()
    assert found.parts.timeline is not None
    await place.refused("ReachMilestone", "unknown", milestone_id="none", on=place.day(0), evidence="Protocol 7.")
    for one in found.parts.timeline.milestones:
        fields: dict[str, Any] = {"milestone_id": one.milestone_id, "on": place.day(0), "evidence": "Protocol 7."}
        await place.refused("ReachMilestone", "not_allowed", **fields)
        await place.done("ReachMilestone", f"r-{one.team}", **fields)
        await place.refused("ReachMilestone", "no_change", f"r-{one.team}", **fields)
    learned = {"missed_signals": "Logins.", "misfit_at_sale": "Too small.", "do_differently": "Ask."}
    await place.refused("RecordPostMortem", "not_over", **learned)
    last = found.parts.timeline.last_day
    await place.pass_time(timedelta(days=(last - place.day(0)).days))
    assert (await place.transition()).state == "ending", "the last day is part of it"
    await place.pass_time(2 * DAY)
    assert (await place.transition()).state == "ended"
    assert await types(place, "terminations.v1") == [
        "TerminationAnnounced", "TerminationChanged",
        *["MilestoneReached"] * len(found.parts.timeline.milestones), "TerminationCompleted",
    ]  # fmt: skip
    await place.refused("WithdrawTransition", "over", why="They have turned around.")
    await place.done("RecordPostMortem", **learned)
    await place.done("RecordReferral", consent="declined")


async def withdrawn(place: Place) -> None:
    """It is called off after the announcement: everyone who was told is told, and nothing follows."""
    await place.refused("WithdrawTransition", "not_allowed", "eve", why="They have turned around.")
    await place.done("WithdrawTransition", why="They have turned around.")
    assert (await place.transition()).state == "withdrawn"
    assert (await types(place, "terminations.v1"))[-1] == "TerminationWithdrawn"
    assert (await place.published("releases.v1"))[-1]["template"] == "ending_withdrawn"
    for kind, fields in (
        ("AnnounceEnding", {"contacts": ["carla"]}),
        ("RecordNotice", {"received_on": place.day(0), "how": "By hand."}),
        ("WithdrawTransition", {"why": "Again."}),
        ("SubmitPlan", {}),
    ):
        await place.refused(kind, "over", **fields)
