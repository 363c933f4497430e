"""Agenda, preparation sheet, the customer's plan and the notice as documents, of every kind, each in its time."""

from datetime import timedelta
from typing import Any

import pytest

from services.transition_review.documents import gathering
from services.transition_review.documents.gathering import Company, NotThere
from services.transition_review.documents.kinds import AGENDA, NOTICE, PLAN, PREPARATION
from services.transition_review.documents.sheet import Sheet
from services.transition_review.domain.customer_plan import CustomerPlan
from shared import database
from shared.database import Pool
from tests.services.action_plans.plans import TEXT_KINDS, read, squeezed
from tests.services.transition_review import acme, steps
from tests.services.transition_review.workshop import Bench

US = Company("Nordwind", "Hafenstrasse 1, 20457 Hamburg")
pytestmark = pytest.mark.schema("transition_review")


async def plan_of(bench: Bench) -> CustomerPlan:
    """Return Acme's plan."""
    async with database.transaction(bench.pool, "transition_review", bench.now) as tx:
        return await gathering.plan_of(tx, "acme", US)


async def sheet_of(bench: Bench) -> Sheet:
    """Return Acme's talk."""
    async with database.transaction(bench.pool, "transition_review", bench.now) as tx:
        return await gathering.sheet_of(tx, "acme", US)


async def missing(ask: Any, bench: Bench) -> str:
    """Return the sentence that says what is missing."""
    with pytest.raises(NotThere) as why:
        await ask(bench)
    return str(why.value)


def says(kind: str, content: bytes, *facts: str) -> None:
    """Require that a document says all of this."""
    said = squeezed(read(kind, content).replace("\\", ""))
    for fact in facts:
        assert squeezed(fact) in said, fact


@pytest.mark.parametrize("kind", TEXT_KINDS)
async def test_documents_of_every_kind_say_what_they_are_for(pool: Pool, kind: str) -> None:
    bench = Bench(pool)
    await acme.ending(bench)
    sheet, plan = await sheet_of(bench), await plan_of(bench)
    says(
        kind,
        AGENDA[kind].render(sheet),
        "Internal: for those who lead the talk.",
        "Wednesday 4 March 2026, 10:00 (Europe/Berlin)",
        "Carla Main, main contact",
        "Eddy Executive, executive contact",
        "1. We are ending the relationship",
        "5. Would you like to talk it through?",
    )
    says(
        kind,
        PREPARATION[kind].render(sheet),
        "Internal: for our people alone.",
        "leads the talk",
        "Why that day?",
        "The notice period of 2 months, counted from the next day, ends on 22 May 2026.",
        "Licences of the year: 184 of 365 days unused of 3,650.00 EUR: 1,840.00 EUR.",
        "Can this be undone?",
        "unfortunately",
        "Person xenia",
    )
    says(
        kind,
        PLAN[kind].render(plan),
        "The transition plan of Acme Logistics GmbH and Nordwind",
        "Tuesday 30 June 2026",
        "88 days from today",
        "The last day is 30 June 2026, 30 days later: so there is time to find another way.",
        "Done on 3 April 2026",
        "You pay Nordwind 864.80 CHF.",
        "Nordwind pays you 2,339.60 EUR.",
        "Carriers with up to ten branches who plan tours by the hour",
        "a protocol, signed by our security team",
        "on 4 March 2026",
    )
    says(
        kind,
        NOTICE[kind].render(plan),
        "Written notice",
        "As we told you in our talk on 4 March 2026, Nordwind ends the contract “contract-1” with Acme Logistics GmbH",
        "Clause 12",
        "Its last day is Tuesday 30 June 2026.",
        "You reach Nordwind here: Hafenstrasse 1, 20457 Hamburg",
        "Received, place, day, signature:",
    )


async def test_the_same_moment_gives_the_same_bytes(pool: Pool) -> None:
    bench = Bench(pool)
    await acme.ending(bench)
    plan, sheet = await plan_of(bench), await sheet_of(bench)
    assert [kind.render(plan) for kind in PLAN.values()] == [kind.render(plan) for kind in PLAN.values()]
    assert [kind.render(sheet) for kind in AGENDA.values()] == [kind.render(sheet) for kind in AGENDA.values()]


async def test_agenda_is_there_once_the_plan_is_approved_and_the_talk_arranged(pool: Pool) -> None:
    bench = Bench(pool)
    assert await missing(sheet_of, bench) == "There is no customer acme."
    await bench.announce()
    assert await missing(sheet_of, bench) == "The customer acme has no transition, and never had one."
    await bench.done("ProposeTransition", case_id="k", why="Everything was tried.")
    await bench.confirm()
    for kind, fields in steps.parts(bench).items():
        await bench.done(kind, **fields)
    await bench.done("SubmitPlan")
    assert "nothing reaches the customer before the plan is approved" in await missing(sheet_of, bench)
    await steps.approved_by_teams(bench)
    await bench.done("ApprovePlan", "xenia", content_hash=await bench.hash())
    await bench.confirm()
    assert (
        await missing(sheet_of, bench)
        == "acme, transition t-1: no talk is arranged; it needs that the talk is arranged."
    )
    await bench.done("ArrangeTalk", **steps.talk(bench))
    assert (await sheet_of(bench)).talk.agenda


async def test_agenda_of_a_plan_that_is_no_longer_approved_is_not_there(pool: Pool) -> None:
    bench = Bench(pool)
    await acme.arranged(bench)
    support = acme.parts(bench)["WriteSupport"]["support"]
    await bench.done("WriteSupport", support={**support, "hours": "8 to 18"})
    assert "approved" in await missing(sheet_of, bench)


async def test_agenda_made_for_an_earlier_version_says_so(pool: Pool) -> None:
    bench = Bench(pool)
    await acme.arranged(bench)
    assert not (await sheet_of(bench)).is_outdated
    support = acme.parts(bench)["WriteSupport"]["support"]
    await bench.done("WriteSupport", support={**support, "hours": "8 to 18"})
    await bench.done("SubmitPlan")
    await steps.approved_by_teams(bench, "revenue", "finance", "legal")
    await bench.done("ApprovePlan", "xenia", content_hash=await bench.hash())
    await bench.confirm()
    sheet = await sheet_of(bench)
    assert sheet.is_outdated
    says("md", AGENDA["md"].render(sheet), "made for version 1 of the plan, which is at version 2: check part 4")
    edited = [{"topic": one.topic, "title": one.title, "points": one.points} for one in sheet.talk.agenda]
    await bench.done("PrepareTalk", agenda=edited)
    assert not (await sheet_of(bench)).is_outdated


async def test_plan_and_notice_are_there_once_it_is_announced_and_not_when_it_is_withdrawn(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.talked(bench)
    assert await missing(plan_of, bench) == (
        "acme, transition t-1: the ending is not announced yet; it needs that it is announced."
    )
    await bench.done("AnnounceEnding", contacts=["carla"])
    assert (await plan_of(bench)).received_on is None
    await bench.done("WithdrawTransition", why="They have turned around.")
    assert await missing(plan_of, bench) == "acme, transition t-1: the ending was withdrawn on 4 March 2026."


async def test_plan_is_what_was_announced_whatever_is_written_since(pool: Pool) -> None:
    bench = Bench(pool)
    await acme.ending(bench)
    announced = (await bench.transition()).announced
    assert announced is not None
    assert announced.parts.timeline is not None
    before = await plan_of(bench)
    support = acme.parts(bench)["WriteSupport"]["support"]
    await bench.done("WriteSupport", support={**support, "level": "less than before"})
    assert (await plan_of(bench)).support == before.support


async def test_lines_add_up_to_the_total_of_their_currency(pool: Pool) -> None:
    bench = Bench(pool)
    await acme.announced(bench)
    plan = await plan_of(bench)
    assert [one.currency for one in plan.settlements] == ["CHF", "EUR"]
    for one in plan.settlements:
        assert sum(line.amount for line in one.lines) == one.total


async def test_plan_of_what_has_ended_says_thank_you(pool: Pool) -> None:
    bench = Bench(pool)
    await acme.ending(bench)
    for id_, team in (
        ("m-data", "support"),
        ("m-access", "operations"),
        ("m-deleted", "security"),
        ("m-own", "revenue"),
    ):
        await bench.done("ReachMilestone", f"r-{team}", milestone_id=id_, on=bench.now.date(), evidence="Protocol 7.")
    await bench.pass_time(timedelta(days=120))
    plan = await plan_of(bench)
    assert plan.is_over
    says("md", PLAN["md"].render(plan), "The last day was 30 June 2026. Thank you for the time with us.")
