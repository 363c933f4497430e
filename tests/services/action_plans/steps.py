"""The steps of a case as commands, for tests that need one that has come so far; and what the customer does."""

from datetime import datetime, timedelta
from typing import Any, Protocol

from services.action_plans.domain import plan as plans
from services.action_plans.domain.case import Case
from services.action_plans.handlers import planning
from services.action_plans.handlers.desk import decided
from services.action_plans.keeping import Cause, Decided
from services.action_plans.store import cases
from shared import database
from shared.contracts.plans import facts
from tests.services.action_plans.workshop import Bench

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


class Place(Protocol):
    """Where the steps are taken: a bench on Postgres alone, or the whole running system."""

    @property
    def now(self) -> datetime:
        """What its clock says."""

    async def case(self) -> Case:
        """Return the latest case."""

    async def done(self, kind: str, /, who: str = "ana", **fields: Any) -> Any:
        """Ask for something that must be accepted."""

    async def refused(self, kind: str, code: str, /, who: str = "ana", **fields: Any) -> list[str]:
        """Ask for something that must be refused with that code; returns what would have to be true."""

    async def pass_time(self, span: timedelta) -> None:
        """Move the clock, and let all be done that is due."""


async def opened(bench: Bench) -> None:
    """Tell of everybody, and find the customer at risk."""
    await bench.announce()
    await bench.risk()


async def with_players(bench: Place) -> None:
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


async def talked(bench: Place, *, told: bool = False, number: int = 1) -> None:
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


async def drafted(bench: Place, *, weeks: int = 8) -> None:
    """Draft a plan with a commitment of each side, due in two weeks."""
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


async def proposed(bench: Place, *, weeks: int = 8) -> str:
    """Draft a plan, and propose it; returns its content hash."""
    await drafted(bench, weeks=weeks)
    await bench.done("ProposePlan")
    return await waiting(bench)


async def waiting(bench: Place) -> str:
    """Return the content hash of the version that waits."""
    version = (await bench.case()).plan.proposed
    assert version is not None
    return version.content_hash


async def agreed(bench: Bench, *, weeks: int = 8) -> None:
    """Come from nothing to a plan that both sides have signed."""
    await opened(bench)
    await with_players(bench)
    await talked(bench)
    content = await proposed(bench, weeks=weeks)
    await bench.done("SignPlan", content_hash=content)
    await customer_signs(bench)


async def failed(bench: Bench) -> None:
    """Come from nothing to a case that was declared failed, since the customer refused the plan."""
    await opened(bench)
    await with_players(bench)
    await talked(bench)
    await proposed(bench)
    await customer_refuses(bench)
    await bench.done("DeclareFailed", why="They do not want it.", cause="low_adoption")


async def customer_signs(bench: Bench, person: str = "carla") -> Case:
    """Have the customer sign what waits, as its page does once the mailed code was typed."""

    def sign(case: Case) -> Decided:
        assert case.plan.proposed is not None
        content = case.plan.proposed.content_hash
        signed = plans.accept(case.plan, "customer", person, content, bench.now, proof="code-1")
        return planning.accepted(case, signed, "customer", bench.now)

    return await _on_the_page(bench, person, sign)


async def customer_refuses(bench: Bench, person: str = "carla") -> Case:
    """Have the customer refuse what waits, on its page."""

    def refuse(case: Case) -> Decided:
        refused = plans.refuse(case.plan, person, "It does not help us.", bench.now)
        return decided(case.next(plan=refused), facts.PlanRefused, str(refused.versions))

    return await _on_the_page(bench, person, refuse)


async def _on_the_page(bench: Bench, person: str, what: Any) -> Case:
    async with bench.transaction() as tx:
        await database.lock_customer(tx, "acme")
        known = await cases.open_of(tx, "acme")
        assert known is not None
        return await bench.keeper.keep(tx, what(known[0]), known[1], Cause("page", "page"), by=person)
