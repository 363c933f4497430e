"""Every command is accepted where the case allows it, refused for each reason by its code, and then leaves nothing."""

from typing import Any

import pytest

from shared.contracts.endings.facts import TransitionCompleted
from shared.contracts.plans.commands import COMMANDS, CaseCommand
from shared.contracts.topics import TRANSITIONS
from shared.database import Pool
from tests.services.action_plans import steps
from tests.services.action_plans.every_command import DAY, TRIES, Try
from tests.services.action_plans.tables import chain_problems, changed, everything
from tests.services.action_plans.workshop import Bench

ONCE = {  # what cannot be done again, with the code that says so
    "ReassignCase": "no_change",
    "ScheduleConversation": "id_taken",
    "RecordConversation": "not_planned",
    "RecordMissedConversation": "not_planned",
    "AddExpectation": "id_taken",
    "MarkExpectationHeard": "no_change",
    "RetractExpectation": "retracted",
    "AddStakeholder": "id_taken",
    "ApproveException": "no_change",
    "AddCommitment": "id_taken",
    "EditCommitment": "no_change",
    "RemoveCommitment": "unknown",
    "ProposePlan": "no_change",
    "SignPlan": "no_change",
    "ExtendPlan": "no_change",
    "RecordUnansweredOffer": "no_change",
    "CompleteCommitment": "not_open",
    "WaiveCommitment": "not_open",
    "RecordMissedCommitment": "not_open",
    "RecordUndeliverable": "no_change",
    "AcknowledgeUndeliverable": "no_change",
    "RecordUndeliverableTold": "no_change",
    "ScheduleReview": "id_taken",
    "HoldReview": "not_planned",
    "MoveReview": "no_change",
    "RecordMissedReview": "not_planned",
    "RecordDecision": "id_taken",
    "CreateShareLink": "id_taken",
    "RevokeShareLink": "no_change",
    "DeclareFailed": "failed",
}


async def fields_of(one: Try, bench: Bench, other: Any = ()) -> dict[str, Any]:
    """Return what is asked for; what is only known now is looked up."""
    given = one.given(bench, **dict(other))
    return {name: await value if hasattr(value, "__await__") else value for name, value in given.items()}


def test_every_command_is_tried() -> None:
    assert sorted(one.kind for one in TRIES) == sorted(
        kind.model_fields["type"].default for kind in COMMANDS if issubclass(kind, CaseCommand)
    )


@pytest.mark.parametrize("one", TRIES, ids=lambda one: one.kind)
async def test_accepted_once_and_refused_for_each_reason_leaving_nothing(pool: Pool, one: Try) -> None:
    bench = Bench(pool)
    await one.state(bench)
    revision, before = (await bench.case()).revision, await everything(pool)
    for code, other in one.refused:
        await bench.refused(one.kind, code, who=one.who, **await fields_of(one, bench, other))
    for code, other in (
        ("no_case", {"case_id": "of-another-customer"}),
        ("conflict", {"expected_revision": revision - 1}),
        ("conflict", {"expected_revision": revision + 1}),
    ):
        await bench.refused(one.kind, code, who=one.who, **await fields_of(one, bench, other))
    assert await changed(pool, before) == set()
    given = await fields_of(one, bench)
    answer = await bench.done(one.kind, who=one.who, **given, expected_revision=revision)
    assert answer["revision"] == revision + 1
    told = [body for body in await bench.published() if body["case"]["revision"] == revision + 1]
    assert told
    assert {body["by"] for body in told} == {one.who}
    assert await chain_problems(pool) == []
    if one.kind in ONCE:
        before = await everything(pool)
        await bench.refused(one.kind, ONCE[one.kind], who=one.who, **given)
        assert await changed(pool, before) == set()


DECIDED = {  # what a declared failure shuts: the plan, and how the case ends
    "DismissCase",
    "ApplyPlaybook",
    "DraftPlan",
    "AddCommitment",
    "EditCommitment",
    "RemoveCommitment",
    "ProposePlan",
    "SignPlan",
    "ExtendPlan",
    "RecordUnansweredOffer",
    "CreateShareLink",
    "DeclareSaved",
    "DeclareFailed",
}


async def test_a_failed_case_still_records_what_happens_and_one_that_is_over_nothing(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.failed(bench)
    before = await everything(pool)
    for one in TRIES:
        if one.kind in DECIDED:
            await bench.refused(one.kind, "failed", who=one.who, **await fields_of(one, bench, _by_hand(one)))
    assert await changed(pool, before) == set()
    await bench.done(
        "ScheduleConversation", conversation_id="talk-2", planned_for=bench.now + DAY, channel="phone", invited=[]
    )
    await bench.pass_time(2 * DAY)
    held = next(one for one in TRIES if one.kind == "RecordConversation")
    await bench.done("RecordConversation", **await fields_of(held, bench))
    await bench.done("ExplainMissingData", who="mo", why="Their proxy blocks it.")
    await bench.done("ReassignCase", who="mo", csm="eve", reason="She knows them.")
    await _end(bench)
    before = await everything(pool)
    for one in TRIES:
        given = await fields_of(one, bench, _by_hand(one))
        await bench.refused(one.kind, "closed", who=one.who.replace("ana", "eve"), case_id=bench.last_case, **given)
    assert await changed(pool, before) == set()


def _by_hand(one: Try) -> dict[str, Any]:
    return {"content_hash": "0" * 64} if one.kind == "SignPlan" else {}


async def _end(bench: Bench) -> None:
    await bench.tell(TRANSITIONS, TransitionCompleted, transition_id="t", case_id=await bench.case_id())
