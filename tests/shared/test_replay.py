"""Kept records are taken again when somebody asks, in order; what is replayed is announced only when it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from shared import parking, replayer
from shared.contracts.topics import RELEASES
from shared.database import Pool
from shared.leases import Leases
from shared.messaging import TryAgain
from shared.outbox import QUIET, bucket_of
from shared.parking import Letter
from tests.deployment import until
from tests.shared.desk import Desk, failing
from tests.shared.records import altered, record, released, risk, used


async def _parked(desk: Desk, *numbers: int) -> None:
    """Number 1 is poison and later ones wait behind it; its cause is mended meanwhile."""
    desk.before = failing(1)
    await desk.take(*(record(risk("acme", number)) for number in (1, *numbers)))
    desk.before = failing()


async def _quiet(desk: Desk) -> list[bool]:
    return [row["quiet"] for row in await desk.pool.fetch("SELECT quiet FROM effects ORDER BY id")]


@asynccontextmanager
async def _replaying(pool: Pool, replay: replayer.Replay, leases: Leases) -> AsyncIterator[None]:
    await leases.renew()
    tasks = [asyncio.create_task(leases.run()), asyncio.create_task(replayer.run(pool, leases, replay))]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_replay_keeps_order_whatever_was_asked_first(desk: Desk) -> None:
    """What waits behind the poison follows by itself."""
    await _parked(desk, 3, 2)
    await desk.pool.execute("UPDATE dead_letters SET replay_at = now() WHERE seq = 1")
    await desk.replay()
    assert await desk.effects() == [1, 2, 3]
    assert await desk.letters() == []
    assert len(await desk.letters(is_open=False)) == 3


async def test_replay_is_quiet_unless_told_to_send(desk: Desk) -> None:
    """What follows a quiet replay is quiet too."""
    await _parked(desk, 2, 3)
    await desk.pool.execute("UPDATE dead_letters SET replay_at = now(), replay_send = false WHERE seq = 1")
    await desk.replay()
    assert await _quiet(desk) == [True, True, True]


async def test_release_that_follows_from_a_quiet_replay_is_quiet(desk: Desk) -> None:
    """Nobody gets a one-time code because an operator has mended something."""
    await desk.take(released("at work"), released("replayed", headers=[(QUIET, b"1")]))
    desk.before = failing(0)
    await desk.take(released("kept"))
    desk.before = failing()
    await desk.ask()
    await desk.replay()
    assert await _quiet(desk) == [False, True, True]


async def test_code_in_a_kept_record_is_erased_once_it_was_taken_or_is_too_late(desk: Desk) -> None:
    """Others that were kept stay whole."""
    desk.before = failing(0, 1)
    await desk.take(released("replayed"), record(b"824 113", RELEASES.name), released("young"), record(risk("acme", 1)))
    desk.before = failing()
    await desk.pool.execute("UPDATE dead_letters SET replay_at = now() WHERE event_id = 'replayed'")
    await desk.replay()
    assert await desk.pool.fetchval("SELECT body FROM dead_letters WHERE event_id = 'replayed'") == b""
    old = "UPDATE dead_letters SET parked_at = parked_at - interval '1 hour' WHERE event_id IS DISTINCT FROM 'young'"
    await desk.pool.execute(old)
    await parking.erase_secrets(desk.pool)
    rows = await desk.pool.fetch("SELECT body <> '', resolved_at IS NULL FROM dead_letters ORDER BY id")
    assert [tuple(row) for row in rows] == [(False, False), (False, False), (True, True), (True, True)]


async def test_replay_that_is_told_to_send_sends(desk: Desk) -> None:
    """`--send`, and for what follows as well."""
    await _parked(desk, 2)
    await desk.pool.execute("UPDATE dead_letters SET replay_at = now(), replay_send = true WHERE seq = 1")
    await desk.replay()
    assert await _quiet(desk) == [False, False]


async def test_later_fact_that_was_asked_to_send_sends(desk: Desk) -> None:
    """Its own wish counts, not that of the one before it."""
    await _parked(desk, 2)
    await desk.pool.execute("UPDATE dead_letters SET replay_at = now(), replay_send = (seq = 2)")
    await desk.replay()
    assert await _quiet(desk) == [True, False]


async def test_gap_that_heals_by_itself_announces(desk: Desk) -> None:
    """Nobody replayed anything: the facts only came late."""
    await desk.take(record(risk("acme", 1)), record(risk("acme", 3)), record(risk("acme", 2)))
    await desk.replay()
    assert await _quiet(desk) == [False, False, False]


async def test_replay_that_fails_again_stays_kept(desk: Desk) -> None:
    """With another attempt counted, and not tried for ever."""
    await _parked(desk, 2)
    desk.before = failing(1)
    await desk.ask()
    await desk.replay()
    assert await desk.letters() == [("poison", "acme", 1), ("behind", "acme", 2)]
    assert [row["attempts"] for row in await desk.pool.fetch("SELECT attempts FROM dead_letters ORDER BY seq")] == [
        2,
        2,
    ]


async def test_records_that_stay_kept_are_not_replayed_for_ever(desk: Desk) -> None:
    """Invalid, stale and unknown ones: asked for once, tried once."""
    await desk.take(record(b"no json"), record(altered(risk("acme", 1), type="SomethingNew", epoch=0)))
    await desk.take(record(risk("acme", 1, epoch=2)), record(risk("acme", 1)))
    await desk.pool.execute(
        "UPDATE dead_letters SET body = convert_to('{\"type\": \"SomethingNew\"}', 'UTF8') WHERE kind = 'invalid'"
    )
    await desk.ask()
    await asyncio.wait_for(desk.replay(), 10)
    assert [kind for kind, *_ in await desk.letters()] == ["stale", "invalid"]


async def test_resend_settles_what_was_kept(desk: Desk) -> None:
    """A kept upstream record whose event was taken after all is no longer open once replayed."""
    await desk.firehose.take([used(b"no json")])
    await desk.pool.execute("UPDATE dead_letters SET body = $1", risk("acme", 1).body())
    await desk.pool.execute("UPDATE dead_letters SET topic = 'health.v1'")
    await desk.take(record(risk("acme", 1)))
    await desk.ask()
    await desk.replay()
    assert await desk.letters() == []
    assert await desk.effects() == [1]


async def test_fact_called_while_its_replay_failed_is_still_replayed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one before it arrives just when its own replay has found the gap: the call must not be wiped."""
    await desk.take(record(risk("acme", 1)), record(risk("acme", 3)))
    await desk.ask()
    (letter,) = await parking.asked_for(desk.pool)
    patiently = desk.lane._patiently

    async def then_the_missing_one_comes(kept: Any, *, quiet: bool = False) -> None:
        await patiently(kept, quiet=quiet)
        monkeypatch.undo()
        await desk.take(record(risk("acme", 2)))

    monkeypatch.setattr(desk.lane, "_patiently", then_the_missing_one_comes)
    await desk.lane.replay(letter)
    await desk.replay()
    assert await desk.effects() == [1, 2, 3]


async def test_replayer_takes_what_is_asked_for(desk: Desk) -> None:
    """A call wakes it, no person is needed."""
    await desk.take(record(risk("acme", 1)), record(risk("acme", 3)))
    async with _replaying(desk.pool, desk.lane.replay, Leases(desk.pool)):
        await desk.take(record(risk("acme", 2)))

        async def healed() -> bool:
            return await desk.effects() == [1, 2, 3]

        await until(healed, "the parked fact is taken")


async def test_parked_facts_follow_one_another_without_a_pause(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each calls the next; with a pause between them a customer who has many would never be up to date again."""
    monkeypatch.setattr(replayer, "POLL_SECONDS", 3600.0)
    await desk.take(*(record(risk("acme", number)) for number in (1, *range(3, 12))), record(risk("acme", 2)))
    async with _replaying(desk.pool, desk.lane.replay, Leases(desk.pool)):

        async def healed() -> bool:
            return await desk.effects() == [*range(1, 12)]

        await until(healed, "all parked facts are taken")


async def test_replayer_leaves_other_replicas_customers_alone(desk: Desk) -> None:
    """The holder of a customer's bucket replays it, and nobody else."""
    await desk.take(*(record(risk(customer, seq)) for customer in ("acme", "other") for seq in (1, 3)))
    await desk.pool.execute(
        "INSERT INTO leases VALUES ($1, gen_random_uuid(), clock_timestamp() + interval '1 hour')",
        f"bucket/{bucket_of('acme')}",
    )
    await desk.ask()
    taken = []

    async def replay(letter: Letter) -> None:
        taken.append(letter.key)
        await desk.lane.replay(letter)

    async with _replaying(desk.pool, replay, Leases(desk.pool)):

        async def replayed() -> bool:
            return b"other" in taken

        await until(replayed, "the free customer's record is replayed")
    assert set(taken) == {b"other"}


async def test_records_that_are_another_replicas_to_replay_starve_nobody(desk: Desk) -> None:
    """However many of them are asked for first; also one without a key has its place."""
    keys = [key for number in range(1000) if bucket_of(key := f"a-{number}") == bucket_of("acme")]
    mine = [b"zoe \xc3\xa9", None]
    many = (keys * 100)[:101]
    await desk.take(*(record(b"no json", "customers.v1", key=key) for key in [*(key.encode() for key in many), *mine]))
    await desk.ask()
    held = {bucket_of("zoe é"), bucket_of("")}
    assert bucket_of("acme") not in held
    assert {letter.key for letter in await parking.asked_for(desk.pool, held)} == set(mine)
    await desk.pool.execute(
        "INSERT INTO leases VALUES ($1, gen_random_uuid(), clock_timestamp() + interval '1 hour')",
        f"bucket/{bucket_of('acme')}",
    )
    taken = []

    async def replay(letter: Letter) -> None:
        taken.append(letter.key)
        await desk.lane.replay(letter)

    async with _replaying(desk.pool, replay, Leases(desk.pool)):

        async def replayed() -> bool:
            return set(mine) <= set(taken)

        await until(replayed, "what is behind the other replica's is replayed")
    assert set(taken) == set(mine)


async def test_record_that_cannot_be_taken_now_holds_up_nobody(desk: Desk, lines: list[Any]) -> None:
    """The surroundings of one customer's record fail: the others' are replayed."""
    await desk.take(*(record(risk(customer, seq)) for customer in ("acme", "other") for seq in (1, 3)))
    await desk.ask()
    taken = []

    async def replay(letter: Letter) -> None:
        if letter.key == b"acme":
            raise TryAgain
        taken.append(letter.key)

    async with _replaying(desk.pool, replay, Leases(desk.pool)):

        async def replayed() -> list[bytes | None]:
            return taken

        await until(replayed, "the other customer's record is replayed")


async def test_replayer_waits_out_a_lost_connection(desk: Desk, own_database: str) -> None:
    """Its backends are ended under it; it goes on."""
    admin = await asyncpg.connect(own_database)
    try:
        async with _replaying(desk.pool, desk.lane.replay, Leases(desk.pool)):
            await admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            await desk.take(record(risk("acme", 1)), record(risk("acme", 3)), record(risk("acme", 2)))

            async def healed() -> bool:
                return await desk.effects() == [1, 2, 3]

            await until(healed, "the parked fact is taken")
    finally:
        await admin.close()
