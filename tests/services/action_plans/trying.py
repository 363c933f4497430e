"""How everything is tried to save a customer, every guard tried shut first: on a bench as on the whole system."""

from datetime import date
from typing import Any

from services.action_plans.domain.case import Case
from services.action_plans.domain.progress import Progress, status
from tests.services.action_plans.steps import DAY, HOUR, Place, waiting

OUTCOME = {"why": "Nothing has changed.", "cause": "low_adoption"}
SAVED: dict[str, Any] = {
    "why": "Use is back.",
    "cause": "low_adoption",
    "helped": ["candid_conversation", "key_players"],
}


async def nothing_is_open_yet(place: Place) -> None:
    """Try every later step on a case that has just been opened."""
    assert (await place.case()).state == "at_risk"
    for kind, code, fields in (
        ("ProposePlan", "no_draft", {}),
        ("SignPlan", "nothing_proposed", {"content_hash": "0" * 64}),
        ("ExtendPlan", "not_agreed", {"ends_on": "2026-12-01", "reason": "More time"}),
        ("CreateShareLink", "nothing_proposed", {"link_id": "l", "contact_id": "carla", "token_hash": "0" * 64}),
        ("ScheduleReview", "nothing_proposed", {"review_id": "r", "planned_for": place.now + DAY}),
        ("CompleteCommitment", "unknown", {"commitment_id": "c", "on": place.now.date(), "evidence": "x"}),
        ("RecordUnansweredOffer", "nothing_proposed", {"on": place.now.date(), "how": "By mail"}),
        ("DeclareSaved", "not_talked", SAVED),
        ("ApproveException", "not_allowed", {"statement": "Go on"}),
    ):
        await place.refused(kind, code, **fields)
    assert len(await place.refused("DeclareFailed", "not_failed", **OUTCOME)) == 2


async def filled_from_a_playbook(place: Place, starts_on: date) -> None:
    """Draft the plan by a playbook, and edit it."""
    await place.refused("ApplyPlaybook", "unknown", playbook="hope", starts_on=starts_on)
    await place.done("ApplyPlaybook", playbook="low_adoption", starts_on=starts_on)
    await place.done("EditCommitment", commitment_id="low_adoption-1", owner="mo")


async def signed_by_us(place: Place) -> None:
    """Propose what is drafted, and sign it for our side."""
    await place.refused("SignPlan", "nothing_proposed", content_hash="0" * 64)
    await place.done("ProposePlan")
    content = await waiting(place)
    await place.refused("SignPlan", "other_content", content_hash="0" * 64)
    await place.done("SignPlan", content_hash=content)
    await place.refused("SignPlan", "no_change", content_hash=content)
    await place.refused("ExtendPlan", "not_agreed", ends_on="2026-12-01", reason="More time")


async def agreed_by_both(place: Place) -> None:
    """Look at the plan that both sides have signed: the very same content."""
    case = await place.case()
    assert case.state == "reviewing"
    assert case.plan.agreed is not None
    assert {one.side for one in case.plan.agreed.acceptances} == {"us", "customer"}
    assert {one.content_hash for one in case.plan.agreed.acceptances} == {case.plan.agreed.content_hash}


def _results(case: Case, place: Place) -> list[dict[str, str]]:
    """Return what a review says of everything that is due."""
    today, known = case.today(place.now), case.progress_by_id
    return [
        {
            "commitment_id": one.commitment_id,
            "status": status(one, known.get(one.commitment_id, Progress(one.commitment_id)), today),
        }
        for one in case.commitments
        if one.due_on <= today
    ]


async def reviewed_with_misses_on_both_sides(place: Place) -> None:
    """Hold the reviews but one, which the customer misses; of what is due each side does some, and misses the rest.

    By one review we have done our part and the customer has not, by the next it is the other way round.
    """
    for number, planned in enumerate((await place.case()).reviews):
        await place.refused("RecordMissedReview", "not_yet", review_id=planned.review_id, by="customer")
        await place.pass_time(planned.planned_for + HOUR - place.now)
        await _recorded(place, missing="us" if number % 2 else "customer")
        if number == 2:
            await place.done("RecordMissedReview", review_id=planned.review_id, by="customer")
            continue
        held: dict[str, Any] = {
            "review_id": planned.review_id,
            "held_at": place.now - HOUR,
            "attendees": ["s-main", "s-us"],
        }
        case = await place.case()
        await place.refused("HoldReview", "results_missing", results=[], **held)
        await place.done("HoldReview", results=_results(case, place), decided=["We go on."], **held)


async def _recorded(place: Place, *, missing: str) -> None:
    """Record what has become of everything that is past its day."""
    case = await place.case()
    today = case.today(place.now)
    for one in case.commitments:
        miss = {
            "commitment_id": one.commitment_id,
            "cause": "Other things came first.",
            "evidence": "Nothing is there.",
        }
        if one.commitment_id in case.progress_by_id:
            continue
        if one.due_on >= today:
            await place.refused("RecordMissedCommitment", "not_due", **miss)
        elif one.side == missing:
            await place.done("RecordMissedCommitment", **miss)
        else:
            done: dict[str, Any] = {"on": today, "evidence": "Both have seen it."}
            await place.done("CompleteCommitment", commitment_id=one.commitment_id, **done)


async def failed_after_everything(place: Place) -> None:
    """Declare the case failed, every guard tried shut first."""
    assert await place.refused("DeclareFailed", "not_failed", **OUTCOME), "the time frame runs, and we owe something"
    case = await place.case()
    assert case.plan.agreed is not None
    await place.pass_time((case.plan.agreed.terms.ends_on - case.today(place.now)).days * DAY + DAY)
    owed = await place.refused("DeclareFailed", "not_failed", **OUTCOME)
    assert owed
    assert all(one.startswith("our commitment low_adoption-") for one in owed), "it is over, but our part is not done"
    first, *others = [one.split()[2] for one in owed]
    for id_ in others:
        await place.done("CompleteCommitment", commitment_id=id_, on=place.now.date(), evidence="Late, but there.")
    await place.refused("AcknowledgeUndeliverable", "not_recorded", who="mo", commitment_id=first)
    await place.done("RecordUndeliverable", commitment_id=first, cause="It was never built.")
    assert len(await place.refused("DeclareFailed", "not_failed", **OUTCOME)) == 1
    await place.refused("AcknowledgeUndeliverable", "not_allowed", commitment_id=first)
    await place.done("AcknowledgeUndeliverable", who="mo", commitment_id=first)
    assert len(await place.refused("DeclareFailed", "not_failed", **OUTCOME)) == 1
    await place.done("RecordUndeliverableTold", commitment_id=first, told_at=place.now)
    await place.refused("DeclareFailed", "unknown_cause", why="It fails", cause="bad_luck")
    await place.done("DeclareFailed", **OUTCOME)
    await place.refused("DeclareFailed", "failed", **OUTCOME)
