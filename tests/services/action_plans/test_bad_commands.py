"""Commands that nobody should send: each is answered with one sentence, changes nothing, and stops nothing."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared import actors
from shared.contracts.topics import ACTION_PLANS_COMMANDS
from shared.database import Pool
from tests.records import record
from tests.services.action_plans import every_command, steps
from tests.services.action_plans.every_command import DAY
from tests.services.action_plans.tables import changed, everything
from tests.services.action_plans.workshop import Bench
from tests.services.lane_bench import KEY

MARKUP = "<script>alert(1)</script> & \"quotes\" 'and' {{ 7 * 7 }} \u202eright to left\u202c \U0001f600\ttab\nline"


async def raw(bench: Bench, body: bytes, command_id: str, key: Ed25519PrivateKey = KEY) -> dict[str, Any]:
    """Send what is written, with a token of ana's; returns the answer."""
    token = actors.sign(key, "tests", person="ana", command_id=command_id, body=body, at=datetime.now(UTC))
    await bench.lane.take([record(ACTION_PLANS_COMMANDS, body, headers={actors.HEADER: token.encode()})])
    (answer,) = await bench.answers(command_id)
    return answer


async def written(bench: Bench, command_id: str, **changes: Any) -> bytes:
    """Return a sound RecordDecision as JSON, with other fields."""
    sound = {
        "type": "RecordDecision",
        "event_id": command_id,
        "customer_id": "acme",
        "case_id": await bench.case_id(),
        "occurred_at": bench.now.isoformat(),
        "decision_id": "d-1",
        "text": "We go on.",
    }
    return json.dumps({**sound, **changes}).encode()


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"text": ""}, "/text"),
        ({"text": "x" * 4001}, "/text"),
        ({"text": "x" * 500_000}, "/text"),
        ({"text": "a bell \a"}, "/text"),
        ({"text": "a nul \0"}, "/text"),
        ({"text": "an escape \x1b[31m"}, "/text"),
        ({"text": ["We go on."]}, "/text"),
        ({"text": None}, "/text"),
        ({"decision_id": ""}, "/decision_id"),
        ({"decision_id": "d" * 101}, "/decision_id"),
        ({"decision_id": "<b>d</b>"}, "/decision_id"),
        ({"decision_id": "d-\U0001f600"}, "/decision_id"),
        ({"decision_id": "two\nlines"}, "/decision_id"),
        ({"decision_id": 7}, "/decision_id"),
        ({"expected_revision": "3"}, "/expected_revision"),
        ({"expected_revision": -1}, "/expected_revision"),
        ({"occurred_at": "yesterday"}, "/occurred_at"),
        ({"by": "mo"}, "/by"),
    ],
)
async def test_what_is_no_command_is_refused_by_a_sentence_that_says_where(
    pool: Pool, changes: dict[str, Any], where: str
) -> None:
    bench = Bench(pool)
    await steps.opened(bench)
    before = await everything(pool)
    answer = await raw(bench, await written(bench, "bad", **changes), "bad")
    assert answer["problem"]["code"] == "invalid"
    assert answer["problem"]["title"].startswith(f"Not a command: {where} ")
    assert "We go on." not in json.dumps(answer), "what was written is not said again"
    assert await changed(pool, before) <= {"dead_letters"}
    assert (await raw(bench, await written(bench, "good"), "good"))["type"] == "CommandAccepted"


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("DraftPlan", {"cadence": "daily"}),
        ("DraftPlan", {"review_hour": 24}),
        ("DraftPlan", {"starts_on": "2026-02-30"}),
        ("RecordView", {"fit": 6}),
        ("RecordView", {"fit": True}),
        ("RecordSentiment", {"value": 0}),
        ("CreateShareLink", {"days": 367}),
        ("CreateShareLink", {"days": 0}),
        ("CreateShareLink", {"token_hash": "the token itself"}),
        ("SignPlan", {"content_hash": "A" * 64}),
        ("DeclareSaved", {"helped": []}),
        ("DeclareSaved", {"helped": ["luck"]}),
        ("ScheduleConversation", {"channel": "mail"}),
        ("ScheduleConversation", {"planned_for": "2026-03-04T10:00:00"}),
        ("ScheduleConversation", {"invited": ["s-main"] * 101}),
        ("HoldReview", {"results": [{"commitment_id": "c", "status": "done"}] * 201}),
        ("RecordMissedReview", {"by": "nobody"}),
    ],
)
def test_numbers_days_and_choices_have_bounds(kind: str, changes: dict[str, Any]) -> None:
    (one,) = [one for one in every_command.TRIES if one.kind == kind]
    bench: Any = type("Bench", (), {"now": datetime(2026, 3, 2, 9, tzinfo=UTC), "last_case": "case"})
    given = one.given(bench, **({"content_hash": "0" * 64} if kind == "SignPlan" else {}))
    sound = {"event_id": "c", "customer_id": "acme", "case_id": "case", "occurred_at": bench.now, **given}
    command = ACTION_PLANS_COMMANDS.by_type[kind]
    command.model_validate(sound)
    with pytest.raises(ValueError, match=next(iter(changes))):
        command.model_validate({**sound, **changes})


async def test_markup_is_kept_as_it_was_written(pool: Pool) -> None:
    """It is text: whoever shows it takes care of it there."""
    bench = Bench(pool)
    await steps.opened(bench)
    await bench.done("RecordDecision", decision_id="d-1", text=MARKUP)
    assert (await bench.case()).decisions[0].text == MARKUP
    assert (await bench.published())[-1]["case"]["decisions"][0]["text"] == MARKUP


async def test_whoever_does_not_prove_who_they_are_is_refused(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.opened(bench)
    before = await everything(pool)
    answer = await raw(bench, await written(bench, "forged"), "forged", Ed25519PrivateKey.generate())
    assert answer["problem"]["code"] == "not_proved"
    assert await changed(pool, before) == set()


async def test_a_case_is_of_one_customer(pool: Pool) -> None:
    """Whoever may act for one customer changes no other one's case by naming it."""
    bench = Bench(pool)
    await steps.opened(bench)
    bench.now += DAY
    case_id = await bench.case_id()
    before = await everything(pool)
    await bench.refused("RecordSentiment", "no_case", who="mo", customer_id="acne", case_id=case_id, value=1, why="No.")
    assert await changed(pool, before) == set()


async def test_a_case_holds_so_many_of_each_and_no_more(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.opened(bench)
    for number in range(100):
        fields = {"side": "us", "kind": "expectation", "text": "x", "author": "ana"}
        await bench.done("AddExpectation", expectation_id=f"e-{number}", **fields)
    unmet = await bench.refused("AddExpectation", "too_many", expectation_id="e-100", **fields)
    assert unmet == ["there are fewer"]


async def test_what_needs_a_step_before_it_is_shut_until_then(pool: Pool) -> None:
    bench = Bench(pool)
    await every_command.players(bench)
    nothing: dict[str, Any] = {"review_id": "r", "planned_for": bench.now + DAY}
    await bench.refused("ScheduleReview", "nothing_proposed", **nothing)
    await bench.refused("AddCommitment", "no_draft", **_commitment(bench))
    await steps.drafted(bench)
    assert await bench.refused("ProposePlan", "not_complete") == [
        "a candid conversation is held and recorded",
        "an executive of the customer takes part, or the CSM's manager allows an exception in writing",
    ]
    await bench.refused("CompleteCommitment", "unknown", commitment_id="c-us", on=bench.now.date(), evidence="Early.")
    await steps.talked(bench)
    await bench.done("ProposePlan")


def _commitment(bench: Bench) -> dict[str, Any]:
    (one,) = [one for one in every_command.TRIES if one.kind == "AddCommitment"]
    return one.given(bench)
