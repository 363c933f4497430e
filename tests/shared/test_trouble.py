"""When the surroundings fail, records are handed back and nothing is parked; when a handler does, it is."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import pytest

from shared import casework, database, firehose
from shared.database import Transaction
from shared.messaging import HANDLER_SECONDS, MAX_POLL_MS, REBALANCE_MS, REQUEST_MS, Stuck, TryAgain
from tests.shared.desk import Desk, Poison, failing
from tests.shared.records import record, risk

Admin = Callable[[str], Awaitable[Any]]
END_ALL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
async def admin(own_database: str) -> AsyncIterator[Any]:
    """An administrator's connection to the test's database."""
    connection = await asyncpg.connect(own_database)
    yield connection
    await connection.close()


async def test_connections_lost_between_records_cost_nothing(desk: Desk, admin: Any) -> None:
    """The next ones are opened anew."""
    await desk.take(record(risk("acme", 1)))
    await admin.execute(END_ALL)
    await desk.take(record(risk("acme", 2)))
    assert await desk.effects() == [1, 2]


async def test_connection_lost_while_a_record_is_handled_costs_nothing(desk: Desk, admin: Any) -> None:
    """The transaction is undone and the record taken again, once."""
    attempts = []

    async def cut_off(fact: Any, tx: Transaction) -> None:
        attempts.append(fact.seq)
        if len(attempts) == 1:
            await admin.execute(END_ALL)

    desk.after = cut_off
    await desk.take(record(risk("acme", 1)))
    assert attempts == [1, 1]
    assert await desk.effects() == [1]
    assert await desk.letters() == []


async def test_database_that_stays_away_hands_the_record_back(
    desk: Desk, admin: Any, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TryAgain, nothing parked; delivered again it is taken."""
    monkeypatch.setattr(casework, "PATIENCE_SECONDS", 0.3)
    await desk.take(record(risk("acme", 1)))
    name = await admin.fetchval("SELECT current_database()")
    server = await asyncpg.connect(postgres)
    await server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    await admin.execute(END_ALL)
    later = record(risk("acme", 2))
    with pytest.raises(TryAgain):
        await desk.take(later)
    await server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    await server.close()
    await desk.take(later)
    assert await desk.effects() == [1, 2]
    assert await desk.letters() == []


MENDABLE: dict[str, Any] = {
    "a backend that was ended": lambda tx: tx.execute("SELECT pg_terminate_backend(pg_backend_pid())"),
    "a conflict": lambda tx: tx.execute("DO $$ BEGIN RAISE serialization_failure; END $$"),
    "a connection ended at the wrong moment": lambda _: _raise(
        asyncpg.InternalClientError("cannot switch to state 11")
    ),
    "a connection that was reset": lambda _: _raise(ConnectionResetError()),
}


async def _raise(error: Exception) -> None:
    raise error


@pytest.mark.parametrize("trouble", MENDABLE.values(), ids=MENDABLE)
async def test_failure_that_waiting_may_mend_parks_nothing(
    desk: Desk, trouble: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it comes."""
    monkeypatch.setattr(casework, "PATIENCE_SECONDS", 0.3)

    async def fail(_: Any, tx: Transaction) -> None:
        await trouble(tx)

    desk.before = fail
    with pytest.raises(TryAgain):
        await desk.take(record(risk("acme", 1)))
    assert await desk.letters() == []


POISON: dict[str, Any] = {
    "a constraint": lambda tx: tx.execute("INSERT INTO watermarks VALUES (NULL, NULL, NULL, NULL)"),
    "a value that Postgres cannot hold": lambda tx: tx.execute("SELECT $1::int", 2**40),
    "a value of the wrong kind": lambda tx: tx.execute("SELECT $1::date", "tomorrow"),
    "a text with a null byte": lambda tx: tx.execute("SELECT $1::text", "a\x00b"),
    "half a surrogate pair": lambda tx: tx.execute("SELECT $1::text", "\ud800"),
    "SQL that does not exist": lambda tx: tx.execute("SELECT * FROM nowhere"),
    "the handler's own failure": failing(1),
}


@pytest.mark.parametrize("wrong", POISON.values(), ids=POISON)
async def test_failure_of_the_record_itself_parks_it(desk: Desk, wrong: Any) -> None:
    """It blocks neither its partition nor anybody else's customers."""

    async def fail(fact: Any, tx: Transaction) -> None:
        if fact.customer_id == "acme":
            await (wrong(fact, tx) if wrong is POISON["the handler's own failure"] else wrong(tx))

    desk.before = fail
    async with asyncio.timeout(20):
        await desk.take(record(risk("acme", 1)), record(risk("other", 1)))
    assert await desk.letters() == [("poison", "acme", 1)]
    assert await desk.effects() == [1]


async def test_handler_without_end_is_cut_off_and_handed_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only when it happened three times while Postgres answers it is the record's own fault."""
    monkeypatch.setattr(casework, "HANDLER_SECONDS", 0.2)

    async def endless(_: Any, tx: Transaction) -> None:
        await asyncio.Event().wait()

    desk.before = endless
    stuck = record(risk("acme", 1))
    for _ in range(2):
        with pytest.raises(TryAgain):
            await desk.take(stuck)
    assert await desk.letters() == []
    await desk.take(stuck)
    assert await desk.letters() == [("poison", "acme", 1)]


async def test_time_spent_while_postgres_is_silent_counts_against_nobody(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A frozen database parks nothing."""
    monkeypatch.setattr(casework, "HANDLER_SECONDS", 0.1)

    async def silent(*_: object) -> bool:
        return False

    monkeypatch.setattr(database, "answers", silent)

    async def frozen(_: Any, tx: Transaction) -> None:
        await asyncio.Event().wait()

    desk.before = frozen
    stuck = record(risk("acme", 1))
    for _ in range(5):
        with pytest.raises(TryAgain):
            await desk.take(stuck)
    assert await desk.letters() == []


async def test_attempt_that_was_cut_off_behind_its_commit_has_one_effect(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cancelled transaction may have committed: the record is then neither taken twice nor parked."""
    once = desk.lane._once

    async def committed_but_cut_off(kept: Any, *, quiet: bool) -> None:
        await once(kept, quiet=quiet)
        raise Poison

    monkeypatch.setattr(desk.lane, "_once", committed_but_cut_off)
    await desk.take(record(risk("acme", 1)))
    assert await desk.effects() == [1]
    assert await desk.letters() == []


@pytest.mark.parametrize("lane", ["casework", "firehose"])
async def test_record_that_can_be_neither_taken_nor_kept_says_so(desk: Desk, admin: Any, lane: str) -> None:
    """It is handed back and told, not tried again in silence; once it can be kept, it is."""
    await admin.execute("ALTER TABLE action_plans.dead_letters ADD CONSTRAINT broken CHECK (attempts > 7)")
    taking = desk.lane if lane == "casework" else desk.firehose
    bad = record(b"no json", offset=7)
    with pytest.raises(
        Stuck, match=r"the record health\.v1/0/7 can be neither taken nor kept \(CheckViolationError at "
    ):
        await taking.take([bad])
    await admin.execute("ALTER TABLE action_plans.dead_letters DROP CONSTRAINT broken")
    await taking.take([bad])
    assert [kind for kind, *_ in await desk.letters()] == ["invalid"]


async def test_database_that_goes_while_a_record_is_kept_is_waited_for(desk: Desk, admin: Any) -> None:
    """That is no fault of the record's or the code's."""

    async def fail(_: Any, tx: Transaction) -> None:
        if await desk.pool.fetchval("SELECT count(*) FROM pg_locks WHERE relation = 'dead_letters'::regclass") == 0:
            await admin.execute("BEGIN; LOCK action_plans.dead_letters")
        raise Poison

    desk.before = fail
    with pytest.raises(TryAgain) as handed_back:
        await desk.take(record(risk("acme", 1)))
    assert not isinstance(handed_back.value, Stuck)
    await admin.execute("ROLLBACK")


async def test_retries_pause_longer_each_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failing record is not tried thousands of times a second."""
    monkeypatch.setattr(casework, "PATIENCE_SECONDS", 1.0)
    attempts = []

    async def fail(_: Any, tx: Transaction) -> None:
        attempts.append(1)
        raise ConnectionResetError

    desk.before = fail
    with pytest.raises(TryAgain):
        await desk.take(record(risk("acme", 1)))
    assert 2 <= len(attempts) <= 25


def test_deadlines_fit_into_each_other() -> None:
    """What a record may take in all < what others wait to join < what a rebalance waits for < what a poll may take."""
    for lane in (casework, firehose):
        in_all = lane.PATIENCE_SECONDS + HANDLER_SECONDS + database.PING_SECONDS + lane.PARK_SECONDS
        assert in_all < REQUEST_MS / 1000 < REBALANCE_MS / 1000 < MAX_POLL_MS / 1000
