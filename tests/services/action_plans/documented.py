"""A case with something of everything, to be documented: misses of both sides, two versions, reviews, comments."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from services.action_plans.domain import plan as plans
from services.action_plans.domain.case import Comment
from services.action_plans.handlers.planning import accepted
from services.action_plans.keeping import Cause, Decided, Told
from services.action_plans.store import cases
from shared.contracts.plans import facts
from tests.services.action_plans.workshop import Bench

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
PRIVATE = "PRIVATE: the executive has asked two competitors for offers."
US, THEM = "Nordwind", "Acme Logistics GmbH"
COMMITMENTS = (
    ("c-export", "us", "Deliver the nightly export of all shipments", "ana", 7, "Three nights in a row without a gap."),
    ("c-training", "us", "Train both shifts of the dispatch team", "ana", 10, "Every dispatcher has planned one tour."),
    ("c-api", "us", "Support the customs interface, version 4", "mo", 14, "A declaration has passed end to end."),
    ("c-data", "customer", "Send the complete list of carriers", "carla", 5, "All 43 carriers have an address."),
    ("c-owner", "customer", "Name one owner for the rollout in each branch", "eddy", 8, "Five names are written down."),
    ("c-use", "customer", "Plan every tour of Hamburg in the product", "ursula", 38, "A week has no tour on paper."),
)


async def by_customer(bench: Bench) -> None:
    """Let Carla accept the version that waits, as its page does."""
    async with bench.transaction() as tx:
        known = await cases.open_of(tx, "acme")
        assert known is not None
        case, head = known
        assert case.plan.proposed is not None
        signed = plans.accept(case.plan, "customer", "carla", case.plan.proposed.content_hash, tx.now, proof="code-1")
        await bench.keeper.keep(tx, accepted(case, signed, "customer", tx.now), head, Cause("page", "page"), by="carla")


async def comment(bench: Bench, text: str) -> None:
    """Let Carla ask for a change, as its page does."""
    async with bench.transaction() as tx:
        known = await cases.open_of(tx, "acme")
        assert known is not None
        case, head = known
        said = Comment(f"comment-{case.revision}", "carla", text, tx.now, proposes=True)
        changed = replace(case, revision=case.revision + 1, comments=(*case.comments, said))
        decided = Decided(changed, (Told(facts.CommentMade, said.comment_id),))
        await bench.keeper.keep(tx, decided, head, Cause("page", "page"), by="carla")


async def agree(bench: Bench) -> None:
    """Both sides accept the version that waits."""
    version = (await bench.case()).plan.proposed
    assert version is not None
    await bench.done("SignPlan", content_hash=version.content_hash)
    await by_customer(bench)


async def review(bench: Bench, **results: str) -> None:
    """Hold the next review, an hour after it was planned."""
    due = next(one for one in (await bench.case()).reviews if one.state == "planned")
    await bench.pass_time(due.planned_for + HOUR - bench.now)
    await bench.done(
        "HoldReview",
        review_id=due.review_id,
        held_at=due.planned_for,
        attendees=["s-main", "s-us"],
        results=[
            {"commitment_id": id_.replace("_", "-"), "status": said, "note": "Both saw it in the meeting."}
            for id_, said in results.items()
        ],
        decided=["The next review also looks at the tours of the Bremen branch."],
    )


async def missed_review(bench: Bench, by: str) -> None:
    """Let a side miss the next review."""
    due = next(one for one in (await bench.case()).reviews if one.state == "planned")
    await bench.pass_time(due.planned_for + HOUR - bench.now)
    await bench.done("RecordMissedReview", review_id=due.review_id, by=by)


async def document(bench: Bench) -> None:
    """Take the case from the first sign to its second version."""
    await bench.announce(name=THEM)
    await bench.risk(text="Usage fell by 41 % within a month.")
    await _players(bench)
    await _talk(bench)
    await _first_version(bench)
    await agree(bench)
    await _weeks(bench)
    await bench.done("ExtendPlan", ends_on=bench.now.date() + 60 * DAY, reason="The interface needs more time.")
    await agree(bench)
    await comment(bench, "Could the export also hold the tours of subcontractors?\nWe would need it in May.")


async def _players(bench: Bench) -> None:
    for id_, side, role, person_id in (
        ("s-main", "customer", "main", "carla"),
        ("s-exec", "customer", "executive", "eddy"),
        ("s-us", "us", "main", "ana"),
    ):
        await bench.done("AddStakeholder", stakeholder_id=id_, side=side, role=role, person_id=person_id)
    for id_, fit in (("s-main", 2), ("s-exec", 4)):
        await bench.done(
            "RecordView", stakeholder_id=id_, fit=fit, sentiment=3, wants="INTERNAL view", on=bench.now.date()
        )
    for id_, side, kind, text, more in (
        ("e-1", "customer", "outcome", "Dispatch plans all tours of a branch within an hour each morning",
         {"target": "60 minutes for Hamburg", "by_day": bench.now.date() + 40 * DAY}),
        ("e-2", "customer", "initiative", "All five branches use the product", {"target": "5 branches"}),
        ("e-3", "us", "expectation", "Meetings take place, or are called off a day ahead",
         {"norm": "Implementation usually takes 2 weeks; yours is in its 6th month, and 9 meetings were called off."}),
    ):  # fmt: skip
        said: dict[str, Any] = {"expectation_id": id_, "side": side, "kind": kind, "text": text, **more}
        author = "ana" if side == "us" else "s-main"
        await bench.done("AddExpectation", author=author, heard=True, **said)


async def _talk(bench: Bench) -> None:
    await bench.done(
        "ScheduleConversation", conversation_id="talk", planned_for=bench.now + DAY, channel="video", invited=["s-main"]
    )
    await bench.pass_time(DAY + HOUR)
    await bench.done(
        "RecordConversation",
        conversation_id="talk",
        held_at=bench.now - HOUR,
        channel="video",
        attendees=["s-main", "s-exec", "s-us"],
        told_ending_possible=True,
        notes="INTERNAL notes: we went through what success looks like for both.",
        private_notes=PRIVATE,
    )
    await bench.done("RecordSentiment", value=2, why="INTERNAL sentiment")
    await bench.done("RecordDecision", decision_id="d-1", text="INTERNAL decision: a discount is off the table.")


async def _first_version(bench: Bench) -> None:
    today = bench.now.date()
    await bench.done(
        "DraftPlan",
        purpose="By the summer every branch of Acme plans its tours in the product,\nand nobody keeps a second list.",
        starts_on=today,
        ends_on=today + 6 * 7 * DAY,
        cadence="weekly",
        first_review_on=today + 6 * DAY,
    )
    for id_, side, what, owner, days, done_when in COMMITMENTS:
        await bench.done(
            "AddCommitment",
            commitment_id=id_,
            side=side,
            what=what,
            owner=owner,
            due_on=today + days * DAY,
            done_when=done_when,
        )
    await bench.done("ProposePlan")


async def _weeks(bench: Bench) -> None:
    await bench.pass_time(5 * DAY)
    await bench.done(
        "CompleteCommitment", commitment_id="c-data", on=bench.now.date(), evidence="The list of 43 carriers came."
    )
    await review(bench, c_data="done")
    await bench.pass_time(4 * DAY)
    await bench.done(
        "CompleteCommitment", commitment_id="c-export", on=bench.now.date(), evidence="Three nights without a gap."
    )
    await missed_review(bench, "us")
    await bench.done(
        "RecordMissedCommitment", commitment_id="c-owner", cause="Two branches have new heads.", evidence="Three names."
    )
    due = next(one for one in (await bench.case()).reviews if one.state == "planned")
    await bench.done("MoveReview", review_id=due.review_id, to=due.planned_for + DAY, by="customer")
    await review(bench, c_export="late", c_owner="missed", c_training="late", c_api="open")
    await missed_review(bench, "customer")
