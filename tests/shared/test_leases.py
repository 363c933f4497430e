"""Replicas divide the customers' buckets: every bucket has one holder, and none for longer than a lease."""

import asyncio

import pytest

from shared import leases
from shared.database import BUCKETS, Pool
from shared.leases import Leases
from tests.deployment import until

ALL = tuple(range(BUCKETS))


async def _balanced(*replicas: Leases) -> bool:
    for replica in replicas:
        await replica.renew()
    held = [bucket for replica in replicas for bucket in replica.buckets]
    assert len(held) == len(set(held)), "two hold the same bucket"
    return sorted(held) == list(ALL) and max(len(one.buckets) for one in replicas) == -(-BUCKETS // len(replicas))


async def test_one_replica_holds_everything(pool: Pool) -> None:
    """At once."""
    one = Leases(pool)
    await one.renew()
    assert one.buckets == ALL


async def test_replicas_share_evenly_and_nothing_twice(pool: Pool) -> None:
    """However many come."""
    replicas = [Leases(pool)]
    for _ in range(3):
        await until(lambda: _balanced(*replicas), f"{len(replicas)} replicas share")
        replicas.append(Leases(pool))


async def test_bucket_rests_before_it_changes_hands(pool: Pool) -> None:
    """What its holder had in hand is finished by then."""
    one, other = Leases(pool), Leases(pool)
    await one.renew()
    await other.renew()
    await one.renew()
    resting = set(ALL) - set(one.buckets)
    await other.renew()
    assert len(resting) == BUCKETS // 2
    assert other.buckets == (), "given away while it might be in use"
    await one.renew()
    await other.renew()
    assert set(other.buckets) == resting


async def test_dead_replica_loses_its_share(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """When its leases have run out."""
    monkeypatch.setattr(leases, "LIFE", 0.5)
    monkeypatch.setattr(leases, "MARGIN", 0.1)
    dead, alive = Leases(pool), Leases(pool)
    await dead.renew()
    await alive.renew()

    async def took_over() -> bool:
        await alive.renew()
        return alive.buckets == ALL

    await until(took_over, "the other one takes over")


async def test_lease_that_cannot_be_renewed_is_not_used(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its holder stops by its own watch, before anybody else may begin."""
    monkeypatch.setattr(leases, "LIFE", 0.4)
    monkeypatch.setattr(leases, "MARGIN", 0.1)
    one = Leases(pool)
    await one.renew()

    async def unused() -> bool:
        return one.buckets == ()

    await until(unused, "the lease is not used any more")
    assert await pool.fetchval("SELECT count(*) FROM leases WHERE holder = $1", one._holder) > BUCKETS


async def test_stopped_replica_gives_back_at_once(pool: Pool) -> None:
    """Nobody waits for its leases to run out."""
    one, other = Leases(pool), Leases(pool)
    running = asyncio.create_task(one.run())

    async def held() -> bool:
        return one.buckets == ALL

    await until(held, "it holds everything")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await other.renew()
    assert other.buckets == ALL


async def test_members_that_ended_are_forgotten(pool: Pool) -> None:
    """Every start leaves a row otherwise."""
    await Leases(pool).renew()
    await pool.execute("UPDATE leases SET expires_at = expires_at - interval '2 hours'")
    alive = Leases(pool)
    await alive.renew()
    await leases.forget_members(pool)
    assert await pool.fetchval("SELECT count(*) FROM leases WHERE name LIKE 'member/%'") == 1
    assert await pool.fetchval("SELECT count(*) FROM leases WHERE name LIKE 'bucket/%'") == BUCKETS
