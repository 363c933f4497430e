"""A case from the first sign to its end, every guard tried shut first: saved in one run, failed in another."""

from datetime import timedelta
from typing import Any

from tests.services.action_plans.workshop import Bench

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
Pool = Any


async def talked(bench: Bench, *, told: bool = False, number: int = 1) -> None:
    """Hold a candid conversation with the main contact and the executive."""
    id_ = f"talk-{number}"
    await bench.done(
        "ScheduleConversation", conversation_id=id_, planned_for=bench.now + DAY, channel="video", invited=["s-main"]
    )
    await bench.pass_time(DAY + HOUR)
    await bench.done(
        "RecordConversation",
        conversation_id=id_,
        held_at=bench.now - HOUR,
        channel="video",
        attendees=["s-main", "s-exec", "s-us"],
        told_ending_possible=told,
        notes="We went through what success looks like.",
        private_notes="SENTINEL: the executive seems to have made up their mind.",
    )


async def with_players(bench: Bench) -> None:
    """Name the key players, and what both sides expect."""
    for id_, side, role, person_id in (
        ("s-main", "customer", "main", "carla"),
        ("s-exec", "customer", "executive", "eddy"),
        ("s-us", "us", "main", "ana"),
    ):
        await bench.done("AddStakeholder", stakeholder_id=id_, side=side, role=role, person_id=person_id)
    for side, kind, author in (("customer", "outcome", "s-exec"), ("us", "expectation", "ana")):
        await bench.done(
            "AddExpectation",
            expectation_id=f"e-{side}",
            side=side,
            kind=kind,
            text=f"What {side} expects.",
            author=author,
            norm="Implementation usually takes 2 weeks; yours is in its 6th month." if side == "us" else None,
            heard=True,
        )


async def proposed(bench: Bench, *, weeks: int = 8) -> str:
    """Draft a plan with a commitment of each side, and propose it; returns its content hash."""
    today = bench.now.date()
    await bench.done(
        "DraftPlan",
        purpose="Half of the team uses the product weekly.",
        starts_on=today + DAY,
        ends_on=today + timedelta(weeks=weeks),
        cadence="weekly",
        first_review_on=today + timedelta(days=7),
    )
    for id_, side, owner in (("c-us", "us", "ana"), ("c-them", "customer", "carla")):
        await bench.done(
            "AddCommitment",
            commitment_id=id_,
            side=side,
            what=f"What {side} does.",
            owner=owner,
            due_on=today + timedelta(days=14),
            done_when="Both sides see that it is done.",
        )
    await bench.done("ProposePlan")
    version = (await bench.case()).plan.proposed
    assert version is not None
    return version.content_hash


async def test_every_step_is_shut_until_the_one_before_it_is_done(pool: Pool) -> None:
    bench = Bench(pool)
    await bench.announce()
    await bench.risk()
    assert (await bench.case()).state == "at_risk"
    for kind, code, fields in (
        ("ProposePlan", "no_draft", {}),
        ("SignPlan", "nothing_proposed", {"content_hash": "0" * 64}),
        ("ExtendPlan", "not_agreed", {"ends_on": "2026-12-01", "reason": "More time"}),
        ("CreateShareLink", "nothing_proposed", {"link_id": "l", "contact_id": "carla", "token_hash": "0" * 64}),
        ("ScheduleReview", "nothing_proposed", {"review_id": "r", "planned_for": bench.now + DAY}),
        ("CompleteCommitment", "unknown", {"commitment_id": "c", "on": bench.now.date(), "evidence": "x"}),
        ("RecordUnansweredOffer", "nothing_proposed", {"on": bench.now.date(), "how": "By mail"}),
        ("DeclareSaved", "not_talked", {"why": "All good", "cause": "low_adoption", "helped": ["joint_plan"]}),
        ("ApproveException", "not_allowed", {"statement": "Go on"}),
    ):
        await bench.refused(kind, code, **fields)
    unmet = await bench.refused("DeclareFailed", "not_failed", why="It fails", cause="low_adoption")
    assert len(unmet) == 2
    assert (await bench.types())[:1] == ["CaseOpened"]
    assert len(await bench.types()) == 1, "what was refused has left nothing"


async def test_customer_is_saved(pool: Pool) -> None:
    bench = Bench(pool)
    await bench.announce()
    await bench.risk()
    await with_players(bench)
    await talked(bench)
    assert (await bench.case()).state == "conversation"
    content = await proposed(bench)
    assert (await bench.case()).state == "plan"
    await bench.done("SignPlan", content_hash=content)
    await bench.refused("SignPlan", "no_change", content_hash=content)
    await bench.done(
        "DeclareSaved", why="Use is back.", cause="low_adoption", helped=["candid_conversation", "key_players"]
    )
    assert (await bench.case()).state == "saved"
    (saved,) = [body for body in await bench.published() if body["type"] == "PlanSucceeded"]
    assert saved["helped"] == ["candid_conversation", "key_players"]
    assert saved["days"] == 1
    assert "SENTINEL" not in str(await bench.published())
    assert "SENTINEL" in str(await bench.published("notes.v1"))
