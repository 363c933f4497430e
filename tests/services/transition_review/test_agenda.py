"""The agenda of the talk: facts that both sides know, ours as plainly as theirs; the approved plan; in five parts."""

import json
import re
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from services.transition_review.domain.customer_plan import Alternative
from services.transition_review.domain.names import Names
from services.transition_review.domain.parts import Parts
from services.transition_review.handlers import alternatives
from services.transition_review.handlers.agenda import NO_FACTS, agenda_of
from services.transition_review.handlers.reasons import reasons
from shared.contracts.plans.case import CaseSnapshot
from shared.database import Pool
from tests.services.transition_review import acme, steps
from tests.services.transition_review.workshop import Bench
from tests.told_cases import told_case

NAMES = Names("Nordwind", acme.THEM, {"ana": "Ana Ruiz"}, {"carla": "Carla Main", "eddy": "Eddy Executive"})
TODAY = date(2026, 3, 2)
NOTHING = {side: acme.counted(side, *[0] * 10) for side in ("us", "customer")}


def why(**changes: Any) -> tuple[str, ...]:
    """Return the reasons of Acme's case, but for what is given."""
    return reasons(CaseSnapshot.model_validate(acme.case() | changes), NAMES, TODAY)


@pytest.mark.schema("transition_review")
async def test_agenda_has_its_five_parts_in_order_from_the_record_and_the_approved_plan(pool: Pool) -> None:
    bench = Bench(pool)
    await acme.arranged(bench)
    talk = (await bench.transition()).talk
    assert talk is not None
    assert [one.topic for one in talk.agenda] == ["ending", "reasons", "final", "plan", "open_talk"]
    said = {one.topic: "\n".join(one.points) for one in talk.agenda}
    assert "The last day is Tuesday 30 June 2026." in said["ending"]
    assert "The contract permits 31 May 2026 at the earliest." in said["plan"]
    assert "We pay you 2,339.60 EUR, all together." in said["plan"]
    assert "You owe us 864.80 CHF, all together." in said["plan"]
    assert "Person eve is there for you." in said["plan"]
    assert "Tourwise may fit you better" in said["plan"]
    assert "By 30 July 2026: your data are deleted." in said["plan"]
    assert "partner managers" not in said["plan"], "a milestone that is our own work"


def test_facts_that_both_sides_know_are_named_with_their_days() -> None:
    said = why()
    for fact in (
        "On 6 October 2025 we talked openly, in person, with Carla Main, Eddy Executive and Ana Ruiz.",
        "we said that ending our work together is possible",
        "We missed the talk of 1 December 2025.",
        "You want to reach: “Dispatch plans all tours of a branch within an hour”",
        "On 13 October 2025 both of us agreed on a plan, in writing",
        "ended on 30 January 2026; at first it was to end on 19 December 2025.",
        "It was done 3 days late, on 23 October 2025.",
        "You promised, by 19 December 2025: “Plan every tour of Hamburg in the product”. It is 73 days late.",
        "We met 3 times to look at how it goes, the last time on 26 January 2026.",
        "We missed the review of 27 October 2025.",
        "You missed the review of 3 November 2025.",
    ):
        assert any(fact in one for one in said), fact


def test_what_we_missed_is_said_in_the_same_words_as_what_they_missed() -> None:
    """Domain.md: our own misses count and are shown as plainly as theirs."""
    done = [{**one, "state": "missed"} for one in acme.case()["progress"]]
    said = [one for one in why(progress=done) if one.endswith("It was not done.")]
    shapes = {re.sub(r"by .*“.*”", "by …", re.sub(r"^(We|You)", "…", one)) for one in said}
    assert len(shapes) == 1
    assert {one.split()[0] for one in said} == {"We", "You"}
    counted = [one for one in why() if " commitments: " in one]
    assert [one.split()[0] for one in counted] == ["We", "You"], "ours come first"


def test_what_a_side_has_not_heard_is_not_said() -> None:
    heard, unheard, retracted = (dict(acme.case()["expectations"][0]) for _ in range(3))
    del unheard["heard_at"]
    retracted |= {"retracted_at": acme.at(10, 7), "text": "Taken back"}
    said = why(expectations=[heard, unheard | {"text": "Never said"}, retracted])
    assert not [one for one in said if "Never said" in one or "Taken back" in one]
    assert [one for one in said if "Dispatch plans all tours" in one]


def test_plan_that_was_declined_and_offers_without_an_answer_are_said() -> None:
    refusal = {"person_id": "eddy", "at": acme.at(12, 9), "why": "Too much work for us."}
    proposed = {key: value for key, value in acme.AGREED.items() if key != "agreed_at"}
    offers = [{"number": 1, "on": f"2026-01-0{n}", "how": "INTERNAL", "recorded_by": "ana"} for n in (5, 6, 7)]
    said = why(plan={"proposed": {**proposed, "number": 3, "refusal": refusal}, "versions": 3, "offers": offers})
    assert "On 9 December 2025 Eddy Executive declined version 3 of the plan: “Too much work for us”." in said
    assert (
        "We offered to agree on a plan on 5 January 2026, 6 January 2026 and 7 January 2026, and have no answer."
        in said
    )


def test_where_nothing_is_on_record_people_write_the_reasons() -> None:
    agenda = agenda_of(
        Parts(), CaseSnapshot.model_validate(told_case(ledger=NOTHING)), NAMES, (Alternative("T", "F"),), TODAY
    )
    assert agenda[1].points == (NO_FACTS,)


@pytest.mark.schema("transition_review")
async def test_talk_that_is_moved_keeps_the_agenda_that_people_have_edited(pool: Pool) -> None:
    bench = Bench(pool)
    await acme.arranged(bench)
    before = (await bench.transition()).talk
    assert before is not None
    edited = [{"topic": one.topic, "title": one.title, "points": ["Ours."]} for one in before.agenda]
    await bench.done("PrepareTalk", agenda=edited)
    await bench.done("ArrangeTalk", **(steps.talk(bench) | {"channel": "video"}))
    after = (await bench.transition()).talk
    assert after is not None
    assert (after.channel, after.agenda[1].points) == ("video", ("Ours.",))


@pytest.mark.schema("transition_review")
async def test_agenda_is_told_as_it_was_made_and_as_it_was_edited(pool: Pool) -> None:
    bench = Bench(pool)
    await acme.arranged(bench)
    made = await told_agenda(pool)
    assert [one["topic"] for one in made] == ["ending", "reasons", "final", "plan", "open_talk"]
    edited = [{"topic": one["topic"], "title": one["title"], "points": ["Ours."]} for one in made]
    await bench.done("PrepareTalk", agenda=edited)
    assert [one["points"] for one in await told_agenda(pool)] == [["Ours."]] * 5


@pytest.mark.schema("transition_review")
async def test_sheet_for_the_talk_is_told_as_it_was_made_and_as_it_was_edited(pool: Pool) -> None:
    bench = Bench(pool)
    await acme.arranged(bench)
    made = (await told_talk(pool))["preparation"]
    assert "Can this be undone?" in [one["question"] for one in made["questions"]]
    assert [one["person"] for one in made["roles"]] == list(steps.talk(bench)["speakers"])
    edited = {**made, "roles": [{"person": "mo", "does": "listens"}], "words_to_avoid": ["sorry"]}
    await bench.done("PrepareTalk", preparation=edited)
    assert (await told_talk(pool))["preparation"] == edited


@pytest.mark.schema("transition_review")
async def test_sheet_that_a_long_settlement_made_too_long_to_be_told_stops_no_ending(pool: Pool) -> None:
    """What is owed is one answer, of as many lines as there are invoices; people could not write so long a one."""
    bench = Bench(pool)
    await acme.approved(bench)
    refunds = acme.parts(bench)["WriteRefunds"]["refunds"]
    invoice = refunds["items"]["invoices"][0]
    many = [
        {**invoice, "item_id": f"i-{number}", "what": f"Invoice {number} of the branch in the north"}
        for number in range(60)
    ]
    refunds = {**refunds, "items": {**refunds["items"], "invoices": many}}
    await bench.done("WriteRefunds", refunds=refunds)
    await bench.done("SubmitPlan")
    await steps.approved_by_teams(bench)
    await bench.done("ApprovePlan", "xenia", content_hash=await bench.hash())
    await bench.confirm()
    await bench.done("ArrangeTalk", **steps.talk(bench))
    talk = await told_talk(pool)
    assert talk["speakers"] == ["ana", "mo"]
    assert talk.get("preparation") is None
    assert await bench.done("WithdrawTransition", why="They have turned around.")


async def told_agenda(pool: Pool) -> list[dict[str, Any]]:
    """Return the agenda as the latest fact tells it."""
    agenda: list[dict[str, Any]] = (await told_talk(pool))["agenda"]
    return agenda


async def told_talk(pool: Pool) -> dict[str, Any]:
    """Return the talk as the latest fact tells it."""
    body = await pool.fetchval("SELECT body FROM outbox WHERE topic = 'transitions.v1' ORDER BY id DESC LIMIT 1")
    talk: dict[str, Any] = json.loads(body)["transition"]["talk"]
    return talk


@pytest.mark.schema("transition_review")
async def test_catalogue_is_told_entry_by_entry_and_once_what_was_kept_before_its_topic_was_there(pool: Pool) -> None:
    bench = Bench(pool)
    await bench.announce()
    entries = [{"alternative_id": one, "name": one.title(), "fits": "All"} for one in ("tourwise", "dispo")]
    for one in entries:
        await bench.done("KeepAlternative", "mo", **one)
    told = await bench.published("alternatives.v1")
    assert [(one["alternative_id"], one["name"], one["seq"]) for one in told] == [
        ("tourwise", "Tourwise", 1),
        ("dispo", "Dispo", 1),
    ]
    await pool.execute("DELETE FROM sequences WHERE topic = 'alternatives.v1' AND customer_id = 'dispo'")
    parts: Any = SimpleNamespace(pool=pool, clock=lambda: bench.now)
    for _ in range(2):
        await alternatives.tell_kept_before(parts)
    again = (await bench.published("alternatives.v1"))[2:]
    assert [(one["alternative_id"], one["fits"]) for one in again] == [("dispo", "All")]
