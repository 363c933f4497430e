"""A case from the first sign to its end, every guard tried shut first: saved in one run, failed in another."""

from typing import Any

import jwt
import pytest

from services.action_plans.domain.case import Case
from services.action_plans.domain.ledger import ledger
from services.action_plans.domain.path import path
from services.action_plans.domain.sharing import is_answerable
from services.action_plans.playbooks.shipped import NAMES, shipped_playbooks
from shared.contracts.endings.facts import (
    EligibilityAsked,
    TransitionAnnounced,
    TransitionCompleted,
    TransitionProposed,
    TransitionWithdrawn,
)
from shared.contracts.health import HealthBandChanged
from shared.contracts.topics import HEALTH, TRANSITIONS
from shared.database import Pool
from tests.services.action_plans.steps import DAY, customer_signs, opened, proposed, talked, with_players
from tests.services.action_plans.tables import chain_problems
from tests.services.action_plans.trying import (
    OUTCOME,
    agreed_by_both,
    failed_after_everything,
    filled_from_a_playbook,
    nothing_is_open_yet,
    reviewed_with_misses_on_both_sides,
    signed_by_us,
)
from tests.services.action_plans.workshop import SIGNER, Bench


async def test_every_step_is_shut_until_the_one_before_it_is_done(pool: Pool) -> None:
    bench = Bench(pool)
    await bench.announce()
    await bench.risk()
    await nothing_is_open_yet(bench)
    assert await bench.types() == ["CaseOpened"], "what was refused has left nothing"


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


@pytest.mark.parametrize(
    ("compared", "norms"),
    [
        (
            {"usual": "9 of 10", "yours": "2 of 10"},
            {"With customers like you, 9 of 10 of the seats are used; with you it is 2 of 10."},
        ),
        ({}, set()),
    ],
    ids=["said", "not said"],
)
async def test_playbook_compares_with_what_is_usual_once_that_is_said(
    pool: Pool, compared: dict[str, str], norms: set[str]
) -> None:
    """Nothing that somebody has to fill in reaches the customer."""
    bench = Bench(pool)
    await opened(bench)
    await bench.done("ApplyPlaybook", playbook="low_adoption", starts_on=bench.now.date(), **compared)
    assert {one.norm for one in (await bench.case()).expectations if one.norm} == norms


@pytest.mark.parametrize("name", NAMES)
async def test_what_a_playbook_says_to_us_about_the_customer_is_no_part_of_the_plan(pool: Pool, name: str) -> None:
    bench = Bench(pool)
    await opened(bench)
    await bench.done("ApplyPlaybook", playbook=name, starts_on=bench.now.date())
    case = await bench.case()
    (one,) = [one for one in shipped_playbooks() if one.name == name]
    assert case.plan.draft is not None
    assert case.plan.draft.purpose == one.purpose
    whys = [*(clue.why for clue in one.reasons), *(player.why for player in one.involve)]
    shown = str((case.plan.draft, case.expectations))
    assert [text for text in (one.title, one.applies, *one.questions, *one.avoid, *whys) if text in shown] == []


async def agreed_from_a_playbook(bench: Bench) -> None:
    """Come to a plan that a playbook filled, edited by us, and signed by both sides."""
    await filled_from_a_playbook(bench, (bench.now + DAY).date())
    await signed_by_us(bench)
    await customer_signs(bench)
    await agreed_by_both(bench)


async def asks(bench: Bench, kind: Any, **more: Any) -> dict[str, Any]:
    """Let transition_review ask whether the relationship may be ended; returns the answer."""
    case = await bench.case()
    fields = {"transition_id": "t-1", "case_id": case.case_id, "case_revision": case.revision, **more}
    await bench.tell(TRANSITIONS, kind, **fields)
    return (await bench.published())[-1]


async def everything_tried(bench: Bench) -> Case:
    """Come from the first sign to a case that was declared failed."""
    await opened(bench)
    await with_players(bench)
    await talked(bench)
    await agreed_from_a_playbook(bench)
    await talked(bench, told=True, number=2)
    await reviewed_with_misses_on_both_sides(bench)
    await failed_after_everything(bench)
    return await bench.case()


async def test_customer_is_not_saved_though_everything_was_tried(pool: Pool) -> None:
    bench = Bench(pool)
    case = await everything_tried(bench)
    assert (case.state, case.failure.ground if case.failure else None) == ("failed", "time_frame_over")
    failed = [body for body in await bench.published() if body["type"] == "PlanFailed"][-1]
    assert [one["commitment_id"] for one in failed["statuses"]] == [one.commitment_id for one in case.commitments]
    book = ledger(case, bench.now)
    assert book.us.missed + book.us.late > 0 < book.customer.missed + book.customer.late
    assert (book.us.undeliverable, book.customer.meetings_missed) == (1, 1)
    assert failed["case"]["ledger"]["us"]["late"] == book.us.late, "ours are told as theirs are"
    assert failed["case"]["ledger"]["customer"]["late"] == book.customer.late
    assert await chain_problems(pool) == []
    assert "SENTINEL" not in str(await bench.published())


async def test_it_may_be_ended_only_as_it_is_now_and_goes_on_when_that_is_withdrawn(pool: Pool) -> None:
    bench = Bench(pool)
    case = await everything_tried(bench)
    refused = await asks(bench, TransitionProposed)
    assert refused["type"] == "EligibilityRefused"
    assert refused["reasons"] == ["the health band is known, or a manager states in writing why the data are missing"]
    overridden = await asks(bench, TransitionProposed, overridden=["health_known"])
    assert overridden["type"] == "EligibilityConfirmed"
    assert not overridden["checklist"]["eligible"], "what is overridden stays to be seen"
    await bench.tell(HEALTH, HealthBandChanged, before="yellow", after="red", since=bench.now)
    assert (await bench.types())[-1] == "EligibilityChanged"
    revision = (await bench.case()).revision
    stale = await asks(bench, EligibilityAsked, case_revision=revision - 1)
    assert (stale["type"], stale["reasons"]) == (
        "EligibilityRefused",
        [f"the case is looked at as it is now: at revision {revision}"],
    )
    unknown = await asks(bench, TransitionProposed, case_id="no-such-case")
    assert (unknown["type"], unknown["reasons"]) == ("EligibilityRefused", ["the case exists and is open"])
    confirmed = await asks(bench, EligibilityAsked)
    assert (confirmed["type"], confirmed["revision"]) == ("EligibilityConfirmed", revision)
    claims = jwt.decode(confirmed["checklist"]["signed"], SIGNER.key.public_key(), algorithms=["EdDSA"])
    assert (claims["eligible"], claims["sub"], claims["revision"]) == (True, case.case_id, revision)
    assert [one["name"] for one in claims["conditions"]] == [
        one["name"] for one in confirmed["checklist"]["conditions"]
    ]
    assert (await bench.case()).revision == revision, "an answer changes nothing"

    await bench.tell(TRANSITIONS, TransitionWithdrawn, transition_id="t-1", case_id="no-such-case")
    assert (await bench.case()).state == "failed"
    await bench.tell(TRANSITIONS, TransitionWithdrawn, transition_id="t-1", case_id=case.case_id)
    assert (await bench.case()).state == "reviewing", "it goes on as it was before it failed"
    assert "CaseResumed" in (await bench.types())[-2:]
    assert (await asks(bench, TransitionProposed))["reasons"] == ["the CSM declares it failed"]
    await bench.done("DeclareFailed", **OUTCOME)
    await bench.tell(TRANSITIONS, TransitionCompleted, transition_id="t-2", case_id=case.case_id)
    ended = await bench.case()
    assert (ended.state, ended.ending.cause if ended.ending else None) == ("ended", "low_adoption")
    assert (await bench.types())[-1] == "CaseEnded"
    assert (await asks(bench, TransitionProposed))["reasons"] == ["the case exists and is open"]
    assert await chain_problems(pool) == []


async def test_nobody_works_at_the_plan_of_a_case_whose_ending_is_announced_in_an_emergency(pool: Pool) -> None:
    """Until that is withdrawn, or they are declared saved after all."""
    bench = Bench(pool)
    await bench.announce()
    await bench.risk()
    await with_players(bench)
    await talked(bench)
    await proposed(bench)
    case = await bench.case()
    about = {"transition_id": "t-1", "case_id": case.case_id, "occurred_at": bench.now}
    await bench.tell(TRANSITIONS, TransitionAnnounced, **about)
    announced = await bench.case()
    assert (announced.state, announced.announced_at) == ("plan", bench.now)
    assert not is_answerable(announced)
    await bench.tell(TRANSITIONS, TransitionAnnounced, **about)
    assert (await bench.case()).revision == announced.revision, "once"
    standing = [one.standing for one in path(announced, bench.now)]
    assert standing.count("now") == 1
    assert standing[4] == "now", "nothing of the plan is next any more"
    await bench.refused("ApplyPlaybook", "ending_announced", playbook="low_adoption", starts_on=bench.now.date())
    await bench.refused("DeclareFailed", "ending_announced", **OUTCOME)
    await bench.tell(TRANSITIONS, TransitionWithdrawn, **about)
    resumed = await bench.case()
    assert (resumed.announced_at, (await bench.types())[-1]) == (None, "CaseResumed")
    assert is_answerable(resumed)
    await bench.tell(TRANSITIONS, TransitionAnnounced, **about)
    await bench.done("DeclareSaved", why="They turned around.", cause="low_adoption", helped=["key_players"])
    saved = await bench.case()
    assert saved.state == "saved"
    steps_of = path(saved, bench.now)
    assert [one.standing for one in steps_of[3:]] == ["not_needed", "not_needed"]
    assert await chain_problems(pool) == []
