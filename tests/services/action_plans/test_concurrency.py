"""Many at once on one case: one wins, the others see what has changed, and the record stays whole."""

import asyncio
import random
from typing import Any

from services.action_plans.handlers import hearing
from shared.casework import Lane
from shared.contracts.event import Message
from shared.contracts.health import RiskUpdated
from shared.contracts.topics import HEALTH
from shared.database import Pool
from tests.services.action_plans import every_command, steps
from tests.services.action_plans.every_command import DAY, TRIES
from tests.services.action_plans.tables import chain_problems
from tests.services.action_plans.test_commands import fields_of
from tests.services.action_plans.workshop import Bench
from tests.services.lane_bench import KEY

LANES = 4
COMMANDS = 400
ACCEPTED = 20  # at least: about one in nine is, whatever the draw, so that this is not true of nothing


def lane(bench: Bench) -> Lane:
    """Return the lane of another process."""
    keys = {"tests": KEY.public_key()}
    return hearing.casework(bench.keeper).connect(bench.pool, lambda: bench.now, keys)


async def test_of_two_who_change_the_same_revision_one_wins_and_the_other_sees_it(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.opened(bench)
    lanes = lane(bench), lane(bench)
    for turn in range(10):
        revision = (await bench.case()).revision
        asked = [
            await bench.command("RecordSentiment", value=3, why=f"Turn {turn}.", expected_revision=revision),
            await bench.command("RecordDecision", decision_id=f"d-{turn}", text="On.", expected_revision=revision),
        ]
        await asyncio.gather(
            *(
                one.take([bench.signed(command, who)])
                for one, command, who in zip(lanes, asked, ("ana", "mo"), strict=True)
            )
        )
        answers = [answer for command in asked for answer in await bench.answers(command.event_id)]
        won, lost = sorted(answers, key=lambda answer: str(answer["type"]))
        assert (won["type"], lost["type"]) == ("CommandAccepted", "CommandRejected")
        assert won["revision"] == revision + 1
        assert lost["problem"]["code"] == "conflict"
        what, who = ("SentimentRecorded", "ana") if won is answers[0] else (f"DecisionRecorded d-{turn}", "mo")
        assert lost["problem"]["unmet"] == [
            f"expected_revision is {revision + 1}",
            f"seen: {what} by {who} (2026-03-02 09:00 UTC)",
        ]
    assert await chain_problems(pool) == []


async def test_of_many_who_open_a_case_one_does(pool: Pool) -> None:
    bench = Bench(pool)
    await bench.announce()
    asked = [await bench.command("OpenCase", reason=f"Trouble {number}") for number in range(LANES)]
    await asyncio.gather(*(lane(bench).take([bench.signed(one, "ana")]) for one in asked))
    answers = [answer["type"] for one in asked for answer in await bench.answers(one.event_id)]
    assert sorted(answers) == ["CommandAccepted"] + ["CommandRejected"] * (LANES - 1)
    assert await bench.types() == ["CaseOpened"]


async def _any(bench: Bench, chance: random.Random, revision: int) -> tuple[Message, str]:
    """Return any command, sound or not, and who sends it."""
    one = chance.choice([one for one in TRIES if one.kind not in {"DismissCase", "DeclareSaved", "DeclareFailed"}])
    other: dict[str, Any] = dict(chance.choice([{}, {}, *(fields for _, fields in one.refused)]))
    if one.kind == "SignPlan":
        other["content_hash"] = "0" * 64
    given = await fields_of(one, bench, other)
    for name in ("conversation_id", "expectation_id", "decision_id", "link_id", "review_id"):
        if name in given and one.kind.startswith(("Schedule", "Add", "RecordDecision", "Create")):
            given[name] = f"{name}-{chance.randrange(1000)}"
    expected = chance.choice([None, None, revision, revision + chance.randrange(LANES)])
    return await bench.command(one.kind, expected_revision=expected, **given), chance.choice(
        ["ana", "mo", "lina", "eve"]
    )


async def test_the_record_stays_whole_under_many_at_once(pool: Pool) -> None:
    """Some are sent twice, to two processes; meanwhile a risk is updated and the clock looks."""
    bench, chance = Bench(pool), random.Random(1)
    await every_command.late(bench)
    lanes, begins, asked = [lane(bench) for _ in range(LANES)], (await bench.case()).revision, []
    for turn in range(COMMANDS // LANES):
        revision = (await bench.case()).revision
        now = [await _any(bench, chance, revision) for _ in range(LANES)]
        asked += [command for command, _ in now]
        records = [bench.signed(command, who) for command, who in now]
        if turn % 5 == 0:
            records.append(records[0])
        taking: list[Any] = [chance.choice(lanes).take([one]) for one in records]
        if turn % 5 == 1:
            reasons = [{"code": "usage_level", "text": f"It is worse, for the {turn}th time."}]
            risk = {"episode_id": "e1", "severity": "risk", "reasons": reasons, "since": bench.now}
            taking.append(bench.tell(HEALTH, RiskUpdated, **risk))
        if turn % 10 == 2:
            bench.now += DAY
            taking.append(bench.sweep())
        await asyncio.gather(*taking)
    answers = [await bench.answers(command.event_id) for command in asked]
    assert {len({one["event_id"] for one in each}) for each in answers} == {1}, "everybody gets one answer"
    won = [first["revision"] for first, *_ in answers if first["type"] == "CommandAccepted"]
    assert len(won) == len(set(won)) > ACCEPTED
    revisions = await pool.fetchval("SELECT array_agg(DISTINCT revision ORDER BY revision) FROM record")
    assert revisions == list(range(1, (await bench.case()).revision + 1))
    assert set(won) <= set(range(begins + 1, revisions[-1] + 1))
    assert await chain_problems(pool) == []
    numbers = [body["seq"] for body in await bench.published()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert await pool.fetchval("SELECT count(*) FROM dead_letters") == 0
