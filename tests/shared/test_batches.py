"""Facts in batches: the same as one by one, whatever is in them; in order many share a transaction."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from aiokafka import ConsumerRecord
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared import database, outbox, parked_news
from shared.batches import Batches
from shared.contracts.event import Message
from shared.contracts.upstream import CustomerChanged
from shared.database import Transaction
from tests.shared.desk import Desk, failing
from tests.shared.records import altered, record, risk
from tests.stories import customer


class Cutting:
    """The lane of a desk, in batches; `many`: how many facts each transaction took."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.many: list[int] = []
        self.lane = Batches("action_plans", desk.pool, lambda: datetime.now(UTC), desk.lane, self._apply)

    async def _apply(self, facts: Sequence[Message], tx: Transaction) -> None:
        for fact in facts:
            await self.desk._note(fact, tx)
        self.many.append(len(facts))

    async def take(self, *records: ConsumerRecord[Any, Any]) -> None:
        await self.lane.take(records)


@pytest.fixture
def batches(desk: Desk) -> Cutting:
    return Cutting(desk)


async def test_facts_in_order_share_a_transaction(batches: Cutting) -> None:
    await batches.take(*(record(risk(about, seq)) for seq in (1, 2, 3) for about in ("acme", "other")))
    assert batches.many == [6]
    assert await batches.desk.effects("acme") == [1, 2, 3]


async def test_batch_that_comes_again_has_no_second_effect(batches: Cutting) -> None:
    facts = [record(risk("acme", seq)) for seq in (1, 2, 3)]
    await batches.take(*facts)
    await batches.take(*facts, record(risk("acme", 4)))
    assert await batches.desk.effects() == [1, 2, 3, 4]


async def test_same_fact_under_a_new_number_has_no_second_effect(batches: Cutting) -> None:
    fact = risk("acme", 1)
    await batches.take(record(fact), record(fact.model_copy(update={"seq": 2})), record(risk("acme", 3)))
    assert await batches.desk.effects() == [1, 3]


async def test_gap_parks_its_customer_alone(batches: Cutting) -> None:
    await batches.take(record(risk("acme", 1)), record(risk("acme", 3)), record(risk("other", 1)))
    assert await batches.desk.effects() == [1, 1]
    assert await batches.desk.letters() == [("gap", "acme", 3)]
    await batches.take(record(risk("acme", 2)), record(risk("other", 2)))
    await batches.desk.replay()
    assert await batches.desk.effects("acme") == [1, 2, 3]
    assert await batches.desk.letters() == []


async def test_poison_in_a_batch_parks_its_customer_alone(batches: Cutting) -> None:
    batches.desk.before = failing(2)
    await batches.take(record(risk("acme", 1)), record(risk("acme", 2)), record(risk("other", 1)))
    batches.desk.before = failing()
    await batches.take(record(risk("acme", 3)), record(risk("other", 2)))
    assert sorted(await batches.desk.effects()) == [1, 1, 2]
    assert await batches.desk.letters() == [("poison", "acme", 2), ("behind", "acme", 3)]


async def test_what_is_no_fact_goes_its_own_way_in_its_place(batches: Cutting) -> None:
    quiet = record(risk("acme", 3), headers=((outbox.QUIET, b"1"),))
    told = [record(risk("acme", 1)), record(risk("acme", 2)), quiet, record(risk("acme", 4)), record(risk("acme", 5))]
    snapshot = record_of_customer()
    await batches.take(*told[:2], snapshot, *told[2:])
    assert batches.many == [3, 2]
    rows = await batches.desk.pool.fetch("SELECT seq, quiet FROM effects WHERE seq IS NOT NULL ORDER BY id")
    assert [(row["seq"], row["quiet"]) for row in rows] == [(1, False), (2, False), (3, True), (4, False), (5, False)]


def record_of_customer() -> ConsumerRecord[Any, Any]:
    return record(CustomerChanged.model_validate(customer("acme", "ana")), "customers.v1")


_runs = count(1)
steps = st.lists(st.tuples(st.sampled_from(["a", "b"]), st.integers(1, 5)), max_size=12)


@given(steps, st.lists(st.integers(1, 5), max_size=4))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_however_it_is_cut_it_is_as_one_by_one(
    batches: Cutting, told: list[tuple[str, int]], cuts: list[int]
) -> None:
    """Disorder, repeats and gaps: the effects are those of casework, and so is what is kept."""
    found = []
    for in_batches in (False, True):
        run = f"{next(_runs)}-"
        records = [record(risk(run + about, seq)) for about, seq in told]
        if in_batches:
            for size in [*cuts, len(records)]:
                piece, records = records[:size], records[size:]
                await batches.take(*piece)
        else:
            await batches.desk.take(*records)
        await batches.desk.replay()
        effects = {about: await batches.desk.effects(run + about) for about in ("a", "b")}
        kept = [
            (kind, key.removeprefix(run), seq)
            for kind, key, seq in await batches.desk.letters()
            if key and key.startswith(run)
        ]
        found.append((effects, sorted(kept)))
    assert found[0] == found[1]


async def test_administrators_hear_once_of_all_that_was_kept(batches: Cutting) -> None:
    pool = batches.desk.pool
    await batches.take(record(altered(risk("acme", 1), severity="loud")), record(risk("other", 1)))
    await batches.take(record(altered(risk("beta", 1), severity="loud")))

    async def tell(patience: float) -> int:
        async with database.transaction(pool, "action_plans", datetime.now(UTC)) as tx:
            return await parked_news.tell(tx, patience=patience)

    assert await tell(60) == 0, "it may still be taken"
    assert await tell(0) == 2
    await batches.take(record(altered(risk("gamma", 1), severity="loud")))
    assert await tell(0) == 0, "a quarter of an hour has not passed"
    await pool.execute("UPDATE dead_letters SET told_at = told_at - interval '1 hour'")
    assert await tell(0) == 1
    rows = await pool.fetch("SELECT key, body FROM outbox WHERE topic = 'parked.v1' ORDER BY id")
    told = [json.loads(row["body"]) for row in rows]
    assert [(row["key"], one["parked"], one["topics"]) for row, one in zip(rows, told, strict=True)] == [
        ("action_plans", 2, ["health.v1"]),
        ("action_plans", 1, ["health.v1"]),
    ]
