"""What time alone brings about: each thing once, by whichever process looks, before and after a restart."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from services.action_plans.store import cases
from services.action_plans.sweeping import Sweep
from shared.database import BUCKETS, Pool
from shared.outbox import bucket_of
from tests.services.action_plans import steps
from tests.services.action_plans.steps import DAY, HOUR
from tests.services.action_plans.tables import chain_problems, changed, everything
from tests.services.action_plans.workshop import Bench
from tests.stories import person

STEP = timedelta(hours=12)
ALL = tuple(range(BUCKETS))
REMINDERS = {"ReviewDue", "ReviewOverdue", "CommitmentDue", "CommitmentLate", "ConversationDue"}


class Process:
    """One process's part in the sweep: its clock is the bench's, its buckets are those it holds leases for."""

    def __init__(self, bench: Bench, buckets: Iterable[int] = ALL) -> None:
        """A process that has just started."""
        self.pool = bench.pool
        self.clock = lambda: bench.now
        self.leases = self
        self.buckets = tuple(buckets)
        parts: Any = self
        self._sweep = Sweep(parts, bench.keeper, "action_plans")

    async def look(self) -> None:
        """Do everything that is due."""
        while await self._sweep.sweep():
            pass


async def reminders(bench: Bench) -> list[tuple[str, str, datetime]]:
    """Return what was told by the clock: type with its level, about what, when."""
    return [
        (body["type"] + body.get("level", ""), body["about"], datetime.fromisoformat(body["occurred_at"]))
        for body in await bench.published()
        if body["type"] in REMINDERS
    ]


async def expected(bench: Bench) -> dict[tuple[str, str], datetime]:
    """Return when what is to be told, where nobody records anything."""
    case = await bench.case()
    found = {}
    for review in case.reviews:
        found["ReviewDue", review.review_id] = review.planned_for - DAY
        found["ReviewOverduecsm", review.review_id] = review.planned_for + 3 * DAY
        found["ReviewOverduemanager", review.review_id] = review.planned_for + 7 * DAY
    for one in case.commitments:  # 17 March, 8 o'clock in Berlin
        found["CommitmentDue", one.commitment_id] = datetime.fromisoformat("2026-03-14T07:00:00+00:00")
        found["CommitmentLate", one.commitment_id] = datetime.fromisoformat("2026-03-18T07:00:00+00:00")
    return found


async def test_a_year_by_two_processes_that_share_race_and_restart_tells_each_thing_once(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.agreed(bench, weeks=52)
    wanted, begins = await expected(bench), bench.now
    mine = bucket_of("acme")
    others = tuple(bucket for bucket in ALL if bucket != mine)
    processes: tuple[Process, ...] = ()
    for turn in range(380 * 2):
        bench.now += STEP
        if turn % 40 == 0:  # they start anew: with a share each, the other way round, or both with everything
            shares = [((mine,), others), (others, (mine,)), (ALL, ALL)][turn // 40 % 3]
            processes = tuple(Process(bench, share) for share in shares)
        await asyncio.gather(*(one.look() for one in processes))
    told = await reminders(bench)
    assert len(wanted) == 3 * 52 + 4
    assert sorted((kind, about) for kind, about, _ in told) == sorted(wanted)
    for kind, about, at in told:
        due = max(wanted[kind, about], begins)
        assert due <= at < due + STEP, (kind, about, at, due)
    assert await bench.due() == []
    assert await chain_problems(pool) == []


async def test_nothing_is_told_of_a_case_that_failed_or_is_over(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.agreed(bench)
    await bench.pass_time(14 * DAY + HOUR)
    before = await reminders(bench)
    assert before
    await bench.done("CompleteCommitment", commitment_id="c-us", on=bench.now.date(), evidence="Minutes.")
    for review in [one for one in (await bench.case()).reviews if one.planned_for < bench.now]:
        await bench.done("RecordMissedReview", review_id=review.review_id, by="customer")
    await bench.done("DeclareFailed", why="They stay away.", cause="meetings_called_off")
    await bench.pass_time(20 * DAY)
    assert await reminders(bench) == before
    assert await bench.due() == []


async def test_time_alone_meets_a_condition_and_that_is_a_revision_that_is_told(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.agreed(bench)
    await steps.talked(bench, told=True, number=2)
    said = next(one.held_at for one in (await bench.case()).conversations if one.told_ending_possible)
    assert said is not None
    bench.now = said + 7 * DAY - HOUR
    await bench.sweep()
    before = await bench.case()
    assert "no_surprise" not in before.eligible
    await bench.pass_time(HOUR)
    case = await bench.case()
    assert "no_surprise" in case.eligible
    assert case.revision == before.revision + 1
    told = (await bench.published())[-1]
    assert (told["type"], told["before"], told["case"]["revision"]) == (
        "EligibilityChanged",
        list(before.eligible),
        case.revision,
    )
    assert await chain_problems(pool) == []


async def test_looking_at_a_case_that_has_not_changed_writes_nothing_of_it(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.agreed(bench)
    await pool.execute("UPDATE cases SET next_at = opened_at")
    before, content = await everything(pool), await pool.fetchval("SELECT content FROM cases")
    await bench.sweep()
    assert await changed(pool, before) == {"cases"}, "but for when it looks again"
    assert await pool.fetchval("SELECT content FROM cases") == content
    assert await bench.due() == []
    assert await chain_problems(pool) == []


async def test_a_csm_who_has_left_loses_the_case_to_the_manager_once(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.opened(bench)
    bench.now += DAY
    await bench.tell_person(**person("ana", manager="mo", active=False))
    await asyncio.gather(Process(bench).look(), Process(bench).look())
    case = await bench.case()
    assert (case.csm, case.revision) == ("mo", 2)
    assert (await bench.types()).count("CaseReassigned") == 1
    assert (await bench.published())[-1]["before"] == "ana"
    await bench.done("RecordSentiment", who="mo", value=2, why="They sounded tired.")
    assert await chain_problems(pool) == []


async def test_with_the_manager_gone_too_it_goes_on_up_and_without_any_it_stays(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.opened(bench)
    bench.now += DAY
    await bench.tell_person(**person("mo", roles=["manager"], manager="xenia", active=False))
    await bench.tell_person(**person("ana", manager="mo", active=False))
    await bench.sweep()
    assert (await bench.case()).csm == "xenia"
    bench.now += DAY
    await bench.tell_person(**person("xenia", roles=["executive"], active=False))
    await bench.sweep()
    assert (await bench.case()).csm == "xenia", "there is nobody to have it"
    assert await bench.due() == []


async def test_a_case_that_cannot_be_looked_at_holds_up_no_other_one(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.opened(bench)
    await pool.execute(
        """
        INSERT INTO cases SELECT 'damaged', 'acne', revision, state, open, csm, opened_at, closed_at, bucket, opened_at,
                                 left(content, 100), chain_number, chain_hash FROM cases
        """
    )
    bench.now += 8 * DAY
    await Process(bench).look()
    assert (await reminders(bench))[-1][0] == "ConversationDue"
    assert [one.case_id for one in await bench.due()] == ["damaged"], "it stays to be looked at"


async def test_what_happens_while_many_are_looked_at_is_not_overlooked(pool: Pool) -> None:
    """A case that changed since it was read, or is to be looked at for another reason, is looked at again."""
    bench = Bench(pool)
    await steps.opened(bench)
    await pool.execute("UPDATE cases SET next_at = opened_at")
    (read,) = await bench.due()
    await cases.looked_at_all(pool, [(replace(read, revision=read.revision - 1), None)])
    await cases.looked_at_all(pool, [(replace(read, at=read.at - HOUR), None)])
    assert await bench.due() == [read]
    await cases.looked_at_all(pool, [(read, None)])
    assert await bench.due() == []
