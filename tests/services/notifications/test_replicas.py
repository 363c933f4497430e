"""Two processes at one store: a message is one's at a time, whoever its bucket belongs to by then, and none is lost."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from shared.contracts.plans.facts import CaseOpened
from shared.database import Pool
from shared.leases import Leases
from shared.outbox import bucket_of
from tests.deployment import Catcher, until
from tests.services.notifications.office import Office, case
from tests.services.notifications.test_loops import Slow
from tests.stories import person

pytestmark = pytest.mark.schema("notifications")
PEOPLE = [f"p{number}" for number in range(30)]


@pytest.fixture
async def replicas(pool: Pool, smtp: tuple[Catcher, int]) -> tuple[Office, Office]:
    """Two of them, of which one has everything as yet; there is a message for everybody."""
    both = Office(pool, smtp[1]), Office(pool, smtp[1])
    for one in both:
        replica: Any = one
        replica.leases = Leases(pool)
    await both[0].leases.renew()
    await both[0].know(*map(person, PEOPLE), **{f"of_{one}": one for one in PEOPLE})
    await both[0].take_many(*(both[0].fact(CaseOpened, f"of_{one}", case=case()) for one in PEOPLE))
    await both[0].address()
    return both


async def share(one: Office, other: Office) -> None:
    """Have the other one get its share of the buckets."""

    async def done() -> bool:
        await one.leases.renew()
        await other.leases.renew()
        return bool(other.leases.buckets)

    await until(done, "the other one has its share")


def asked(slow: Slow, number: int) -> Callable[[], Awaitable[bool]]:
    async def enough() -> bool:
        return len(slow.asked) >= number

    return enough


async def test_slow_message_is_sent_once_though_its_bucket_moves_meanwhile(replicas: tuple[Office, Office]) -> None:
    one, other = replicas
    channels = Slow("mail"), Slow("mail")
    tasks = [asyncio.create_task(office.post_of(slow).run()) for office, slow in zip(replicas, channels, strict=True)]
    await until(asked(channels[0], 20), "the first one's workers are all busy")
    await share(one, other)
    theirs = next(who for who in PEOPLE if bucket_of(who) in other.leases.buckets)
    await other.know(new=theirs)
    await other.take(other.fact(CaseOpened, "new", case=case()))
    for office in replicas:  # the customer's bucket may be the one's, and the person's the other's
        await office.address()
    await until(asked(channels[1], 1), "the other one is at work")
    for slow in channels:
        slow.go.set()
    every = f"SELECT count(*) = {len(PEOPLE) + 1} FROM messages WHERE state = 'sent'"
    await until(lambda: one.pool.fetchval(every), "all are sent")
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    keys = [parcel.key for slow in channels for parcel in slow.asked]
    assert len(keys) == len(set(keys)) == len(PEOPLE) + 1
    assert [parcel.fact["customer_id"] for parcel in channels[1].asked] == ["new"]


async def test_what_a_dead_process_had_in_hand_is_sent_by_another(replicas: tuple[Office, Office]) -> None:
    one, other = replicas
    claimed = await one.ready()
    assert len(claimed) == len(PEOPLE)
    await share(one, other)
    assert await other.ready() == []
    await one.pool.execute("DELETE FROM leases WHERE holder = $1", one.leases.holder)  # they have run out
    await other.leases.renew()
    assert {message.message_id for message in await other.ready()} == {message.message_id for message in claimed}
