"""However much is written into a case, it can be told: what would make it too large is refused, and leaves nothing."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

from services.action_plans.domain.case import Case, Decision
from services.action_plans.domain.conversation import Conversation, Move
from services.action_plans.domain.expectation import Expectation
from services.action_plans.domain.plan import Baseline, FirstDue, Plan, Version
from services.action_plans.domain.players import Stakeholder
from services.action_plans.domain.review import MOST_AHEAD, MOST_REVIEWS, Review
from services.action_plans.domain.terms import MOST_COMMITMENTS, Commitment, Terms
from services.action_plans.handlers.opening import MOST_REASONS
from services.action_plans.handlers.progressing import MOST_DECISIONS
from services.action_plans.handlers.talking import MOST_CONVERSATIONS, MOST_EXPECTATIONS
from services.action_plans.keeping import Cause, Decided, Told
from services.action_plans.store import cases
from services.action_plans.store.cases import MOST_BYTES
from services.action_plans.sweeping import TOLD_AT_ONCE
from shared.contracts.fields import MAX_PLAN_TEXT
from shared.contracts.health import RiskUpdated
from shared.contracts.plans import facts
from shared.contracts.topics import HEALTH, RELATIONSHIP
from shared.contracts.upstream import CustomerLeft
from shared.outbox import MAX_BODY
from tests.records import record
from tests.services.action_plans.workshop import Bench

Pool = Any
DAY = timedelta(days=1)
WIDE = "\N{GRINNING FACE}"  # four bytes in UTF-8, twelve where JSON escapes it
ROOM = 2 * 4 * MAX_PLAN_TEXT  # for one decision more


def wide_id(what: str, number: int) -> str:
    """Return an id of the greatest length."""
    return f"{what}-{number:03}-".ljust(100, "x")


def large(case: Case, bench: Bench) -> Case:
    """Return the case with as much of everything as there may be, so that as much as possible follows from it."""
    long_ago = bench.now - timedelta(days=90)
    both = ("us", "customer")
    commitments = tuple(
        Commitment(wide_id("c", number), "us", "What", "ana", (long_ago + DAY).date(), "Done")
        for number in range(MOST_COMMITMENTS)
    )
    terms = Terms("Why", long_ago.date(), (long_ago + 30 * DAY).date(), "weekly", long_ago.date(), 10, (), commitments)
    agreed = Version(1, "ana", long_ago, "0" * 64, terms, agreed_at=long_ago)
    due = tuple(FirstDue(one.commitment_id, long_ago.date()) for one in commitments)
    return replace(
        case,
        stakeholders=(Stakeholder("s", "customer", "executive", "eddy"),),
        conversations=tuple(
            Conversation(wide_id("t", n), long_ago, "video", ("s",), "held", (), long_ago, ("s",), True)
            for n in range(MOST_CONVERSATIONS)
        ),
        expectations=tuple(
            Expectation(wide_id("e", n), both[n % 2], "outcome", "Text", "ana", long_ago)  # type: ignore[arg-type]
            for n in range(MOST_EXPECTATIONS)
        ),
        plan=Plan(agreed=agreed, baseline=Baseline(1, "0" * 64, long_ago, long_ago.date(), due), versions=1),
        reviews=tuple(
            Review(wide_id("r", n), long_ago + DAY, "missed", missed_by="customer")
            for n in range(MOST_REVIEWS + MOST_AHEAD)
        ),
    )


def filled(case: Case, bench: Bench, size: int) -> Case:
    """Return the case with decisions of the widest letters, so that it has just so many bytes."""
    number = 0
    while (left := size - len(cases.encode(case))) > 0 and number < MOST_DECISIONS:
        empty = replace(case, decisions=(*case.decisions, Decision(f"d-{number}", "", "ana", bench.now)))
        letters = min(MAX_PLAN_TEXT, (left - len(cases.encode(empty)) + len(cases.encode(case))) // len(WIDE.encode()))
        last = replace(empty.decisions[-1], text=WIDE * max(0, letters))
        case = replace(case, decisions=(*case.decisions, last))
        number += 1
        if letters < MAX_PLAN_TEXT:
            break
    return case


async def put(bench: Bench, case: Case) -> Case:
    """Have the service keep and tell a case as it is."""
    async with bench.transaction() as tx:
        known = await cases.find(tx, case.case_id)
        assert known is not None
        return await bench.keeper.keep(tx, Decided(case, (Told(facts.CaseUpdated),)), known[1], Cause("test", "test"))


async def with_large_case(pool: Pool, room: int) -> Bench:
    """Return a bench whose case could take so many bytes more from people."""
    bench = Bench(pool)
    await bench.announce()
    await bench.risk()
    case = await put(bench, large(await bench.case(), bench))
    case = await put(bench, filled(case.next(), bench, MOST_BYTES - room))
    assert MOST_BYTES - room - 100 <= len(cases.encode(await bench.case())) <= MOST_BYTES - room
    return bench


async def largest_body(bench: Bench) -> int:
    """Return the size of the largest fact that is on its way."""
    return int(await bench.pool.fetchval("SELECT max(length(body)) FROM outbox WHERE topic = 'plans.v1'"))


async def test_a_case_just_under_the_limit_travels(pool: Pool) -> None:
    bench = await with_large_case(pool, ROOM)
    await bench.done("RecordDecision", decision_id="d-last", text=WIDE * MAX_PLAN_TEXT)
    case = await bench.case()
    assert case.decisions[-1].decision_id == "d-last"
    assert MOST_BYTES - ROOM < len(cases.encode(case)) <= MOST_BYTES
    told = await bench.published()
    assert told[-1]["case"]["decisions"][-1]["text"] == WIDE * MAX_PLAN_TEXT
    assert len(told[-1]["case"]["checklist"]["signed"]) > 10_000
    assert MOST_BYTES < await largest_body(bench) < MAX_BODY


async def test_what_would_make_a_case_too_large_is_refused_and_leaves_nothing(pool: Pool) -> None:
    bench = await with_large_case(pool, ROOM // 4)
    before, told = await bench.case(), len(await bench.published())
    unmet = await bench.refused("RecordDecision", "too_large", decision_id="d-last", text=WIDE * MAX_PLAN_TEXT)
    assert unmet == ["texts are shorter or fewer"]
    answer = (await bench.published("action_plans.answers.v1"))[-1]
    assert answer["problem"]["title"] == "The case would be larger than 500 KB."
    assert (await bench.case(), len(await bench.published())) == (before, told)
    assert await pool.fetchval("SELECT count(*) FROM record WHERE kind = 'DecisionRecorded'") == 0
    await bench.done("RecordDecision", decision_id="d-short", text="Shorter.")


async def test_what_happens_by_itself_is_kept_and_told_however_large_the_case_is(pool: Pool) -> None:
    """A risk, the clock or the customer's leaving cannot be refused: there is room for them in the record."""
    bench = await with_large_case(pool, 100)
    reasons = [
        {"code": WIDE * 200, "text": WIDE * 500, "evidence": {"value": 1.5, "event_ids": [WIDE * 200] * 10}}
        for _ in range(MOST_REASONS + 10)
    ]
    await bench.tell(HEALTH, RiskUpdated, episode_id="e1", severity="risk", reasons=reasons, since=bench.now)
    assert len((await bench.case()).reasons) == MOST_REASONS
    await bench.pass_time(timedelta(days=30))
    told = await bench.published()
    assert [body["type"] for body in told].count("CommitmentLate") == MOST_COMMITMENTS
    at_once = max(Counter(body["case"]["revision"] for body in told).values())
    assert at_once <= TOLD_AT_ONCE + 1, "or hundreds of copies of the case would be in memory together"
    left = {"event_id": "left", "customer_id": "acme", "occurred_at": bench.now, "on": bench.now.date()}
    await bench.lane.take([record(RELATIONSHIP, CustomerLeft.model_validate({**left, "reason": WIDE * 20_000}))])
    assert (await bench.case()).state == "lost"
    assert await pool.fetchval("SELECT count(*) FROM dead_letters") == 0
    assert MOST_BYTES < await largest_body(bench) < MAX_BODY


async def test_more_of_something_than_a_case_can_tell_is_refused_by_its_name(pool: Pool) -> None:
    bench = Bench(pool)
    await bench.announce()
    await bench.risk()
    planned = bench.now + DAY
    moves = tuple(Move("us", planned, bench.now) for _ in range(50))
    talk = Conversation("t", planned, "video", (), moves=moves)
    await put(bench, replace((await bench.case()).next(), conversations=(talk,)))
    before, told = await bench.case(), len(await bench.published())
    await bench.refused("MoveConversation", "too_many", conversation_id="t", to=planned + DAY, by="us")
    answer = (await bench.published("action_plans.answers.v1"))[-1]
    assert answer["problem"]["title"] == (
        "The case would hold too much: /conversations/0/moves must have at most 50 entries."
    )
    assert (await bench.case(), len(await bench.published())) == (before, told)
