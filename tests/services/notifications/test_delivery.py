"""Delivery on a real SMTP server and a real Postgres: once, to the right person, tried again when it should be."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from amicable.runtime import ports
from services.notifications import delivery, handlers, store
from services.notifications.channels.smtp import Server, Smtp
from services.notifications.domain.parcel import Parcel
from shared import outbox
from shared.contracts.feeds import FeedStopped
from shared.contracts.plans.facts import CaseOpened
from shared.contracts.topics import CUSTOMERS, FEEDS, PEOPLE, PLANS, Topic
from shared.contracts.upstream import CustomerChanged, PersonChanged
from shared.database import BUCKETS, Pool
from shared.service import Parts
from tests.deployment import Catcher, until
from tests.records import numbered, record
from tests.stories import customer, person
from tests.told_cases import told_case

pytestmark = pytest.mark.schema("notifications")
EVERYBODY = tuple(range(BUCKETS))


@pytest.fixture
def smtp() -> Iterator[tuple[Catcher, int]]:
    """A real SMTP server, and its port."""
    catcher = Catcher()
    server = Controller(catcher, hostname="127.0.0.1", port=ports.choose())
    server.start()
    yield catcher, server.port
    server.stop()


def opened(**changes: Any) -> CaseOpened:
    case = told_case(reasons=[{"code": "usage_level", "text": "Usage fell"}])
    event: CaseOpened = numbered(CaseOpened, "acme", 1, case=case, **changes)
    return event


async def take(pool: Pool, *messages: Any) -> None:
    topics: dict[Any, Topic] = {
        CaseOpened: PLANS,
        FeedStopped: FEEDS,
        CustomerChanged: CUSTOMERS,
        PersonChanged: PEOPLE,
    }
    lane = handlers.casework.connect(pool, lambda: datetime.now(UTC))
    await lane.take([record(topics[type(message)], message) for message in messages])


def known(kind: Any, body: dict[str, Any]) -> Any:
    return kind.model_validate(body)


def mail_to(port: int) -> Smtp:
    return Smtp(Server("127.0.0.1", port, tls="off"), "amicable@example.com")


async def deliver(pool: Pool, port: int) -> int:
    """Deliver what is due once; returns how many were."""
    parts = Parts(pool, lambda: datetime.now(UTC), None, None)  # type: ignore[arg-type]  # not used here
    channel = mail_to(port)
    notices = await store.due(pool, EVERYBODY, 10)
    for notice in notices:
        await delivery.deliver(parts, channel, notice)
    await channel.close()
    return len(notices)


async def state(pool: Pool) -> tuple[str, int, str | None]:
    row = await pool.fetchrow("SELECT state, attempts, last_answer FROM notices")
    assert row is not None
    return row["state"], row["attempts"], row["last_answer"]


async def test_csm_gets_one_mail_and_the_fact_is_told(pool: Pool, smtp: tuple[Catcher, int]) -> None:
    catcher, port = smtp
    await take(pool, known(PersonChanged, person("ana")), known(CustomerChanged, customer("acme", "ana")), opened())
    assert await deliver(pool, port) == 1
    assert await deliver(pool, port) == 0
    assert [mail["To"] for mail in catcher.mails] == ["Person ana <ana@example.com>"]
    (row,) = await pool.fetch("SELECT topic, body FROM outbox")
    told = json.loads(row["body"])
    assert (row["topic"], told["type"], told["person_id"]) == ("notifications.v1", "NoticeSent", "ana")
    assert await state(pool) == ("sent", 1, None)


async def test_mail_waits_for_an_unknown_csm_and_goes_when_it_is_known(pool: Pool, smtp: tuple[Catcher, int]) -> None:
    catcher, port = smtp
    await take(pool, opened())
    assert await deliver(pool, port) == 0
    await take(pool, known(CustomerChanged, customer("acme", "ana")))
    assert await deliver(pool, port) == 0
    await take(pool, known(PersonChanged, person("ana")))
    assert await deliver(pool, port) == 1
    assert len(catcher.mails) == 1


async def test_manager_gets_it_while_the_csm_is_inactive(pool: Pool, smtp: tuple[Catcher, int]) -> None:
    catcher, port = smtp
    await take(
        pool,
        known(PersonChanged, person("ana", active=False, manager="mo")),
        known(PersonChanged, person("mo")),
        known(CustomerChanged, customer("acme", "ana")),
        opened(),
    )
    await deliver(pool, port)
    assert [mail["To"] for mail in catcher.mails] == ["Person mo <mo@example.com>"]


async def test_later_snapshot_wins_whatever_arrives_last(pool: Pool, smtp: tuple[Catcher, int]) -> None:
    catcher, port = smtp
    old = (datetime.now(UTC) - timedelta(days=3)).isoformat()
    await take(
        pool,
        known(PersonChanged, person("ana")),
        known(PersonChanged, person("ana", email="old@example.com", occurred_at=old)),
        known(CustomerChanged, customer("acme", "ana")),
        known(CustomerChanged, customer("acme", "eve", occurred_at=old)),
        opened(),
    )
    await deliver(pool, port)
    assert [mail["To"] for mail in catcher.mails] == ["Person ana <ana@example.com>"]


async def test_old_fact_is_recorded_and_sent_to_nobody(pool: Pool, smtp: tuple[Catcher, int]) -> None:
    catcher, port = smtp
    await take(
        pool,
        known(PersonChanged, person("ana")),
        known(CustomerChanged, customer("acme", "ana")),
        opened(occurred_at=datetime.now(UTC) - timedelta(hours=25)),
    )
    assert await deliver(pool, port) == 0
    assert (await state(pool))[0] == "expired"
    assert catcher.mails == []


async def test_put_off_mail_is_tried_again_later(pool: Pool, smtp: tuple[Catcher, int]) -> None:
    catcher, port = smtp
    await take(pool, known(PersonChanged, person("ana")), known(CustomerChanged, customer("acme", "ana")), opened())
    catcher.answer = "451 come back later"
    assert await deliver(pool, port) == 1
    assert await state(pool) == ("pending", 1, "the server put it off (451)")
    assert await deliver(pool, port) == 0
    await pool.execute("UPDATE notices SET next_attempt_at = clock_timestamp()")
    catcher.answer = "250 OK"
    assert await deliver(pool, port) == 1
    assert await state(pool) == ("sent", 2, None)


async def test_server_that_is_down_loses_nothing(pool: Pool) -> None:
    await take(pool, known(PersonChanged, person("ana")), known(CustomerChanged, customer("acme", "ana")), opened())
    assert await deliver(pool, ports.choose()) == 1
    assert (await state(pool))[:2] == ("pending", 1)


async def test_refused_mail_is_given_up_and_told(pool: Pool, smtp: tuple[Catcher, int]) -> None:
    catcher, port = smtp
    await take(pool, known(PersonChanged, person("ana")), known(CustomerChanged, customer("acme", "ana")), opened())
    catcher.answer = "550 no such mailbox ana@example.com"
    await deliver(pool, port)
    assert await state(pool) == ("failed", 1, "the server refused it (550)")
    (row,) = await pool.fetch("SELECT body FROM outbox")
    assert json.loads(row["body"])["type"] == "NoticeFailed"
    assert "ana@" not in row["body"].decode()


@pytest.mark.parametrize("email", ["ana@example.org.", "ana@example..org", "añá@example.org"])
async def test_address_that_smtp_does_not_know_fails_alone(pool: Pool, smtp: tuple[Catcher, int], email: str) -> None:
    """The contract takes it; were it not given up, it would end the service at every start."""
    _, port = smtp
    await take(
        pool,
        known(PersonChanged, person("ana", email=email)),
        known(CustomerChanged, customer("acme", "ana")),
        opened(),
    )
    assert await deliver(pool, port) == 1
    assert (await state(pool))[0] == "failed"


class _Replica:
    """Leases and mail channel of a replica whose share is given to another one while it sends its first mail."""

    def __init__(self) -> None:
        self.sent = 0
        self.asked = asyncio.Event()

    @property
    def buckets(self) -> tuple[int, ...]:
        if self.sent:
            self.asked.set()
        return () if self.sent else EVERYBODY

    name = "mail"

    async def send(self, parcel: Parcel) -> None:
        self.sent += 1

    def destination(self, parcel: Parcel) -> str:
        return "mail.example.com"


async def test_mail_of_a_bucket_that_went_meanwhile_is_left_to_its_new_holder(pool: Pool) -> None:
    """Or every mail of the batch in hand would be sent twice when a replica starts."""
    replica = _Replica()
    first = opened()
    second = first.model_copy(update={"event_id": "another", "seq": 2})
    await take(
        pool, known(PersonChanged, person("ana")), known(CustomerChanged, customer("acme", "ana")), first, second
    )
    parts = Parts(pool, lambda: datetime.now(UTC), replica, None)  # type: ignore[arg-type]  # all that is used here
    delivering = asyncio.create_task(delivery.run(parts, replica))

    async def over() -> bool:
        return (
            await pool.fetchval("SELECT count(*) FROM notices WHERE state = 'pending'") == 1 and replica.asked.is_set()
        )

    await until(over, "the first is noted, and the second one's bucket was asked for")
    delivering.cancel()
    await asyncio.gather(delivering, return_exceptions=True)
    assert replica.sent == 1


async def test_fact_that_follows_a_quiet_replay_is_told_to_nobody(pool: Pool) -> None:
    lane = handlers.casework.connect(pool, lambda: datetime.now(UTC))
    await lane.take([record(PLANS, opened(), headers={outbox.QUIET: b"1"})])
    assert (await state(pool))[0] == "expired"


async def test_channel_that_fails_unforeseen_delays_its_message_alone(pool: Pool) -> None:
    class Broken:
        name = "mail"

        async def send(self, parcel: Parcel) -> None:
            raise RuntimeError(parcel.address)

        def destination(self, parcel: Parcel) -> str:
            return "mail.example.com"

    await take(pool, known(PersonChanged, person("ana")), known(CustomerChanged, customer("acme", "ana")), opened())
    parts = Parts(pool, lambda: datetime.now(UTC), None, None)  # type: ignore[arg-type]  # not used here
    (notice,) = await store.due(pool, EVERYBODY, 10)
    await delivery.deliver(parts, Broken(), notice)
    assert await state(pool) == ("pending", 1, "the channel failed (RuntimeError)")


async def test_every_administrator_hears_once_that_a_feed_has_stopped(pool: Pool, smtp: tuple[Catcher, int]) -> None:
    catcher, port = smtp
    now = datetime.now(UTC)
    told = FeedStopped(
        source="health_scoring", epoch=1, seq=1, occurred_at=now, correlation_id="c", causation_id="c", origin="crm",
        feed="usage.v1", since=now - timedelta(days=1),
    )  # fmt: skip
    everybody = [
        person("ana"),
        person("ada", roles=["admin"]),
        person("bob", roles=["csm", "admin"]),
        person("old", roles=["admin"], active=False),
    ]
    await take(pool, *(known(PersonChanged, one) for one in everybody), told, told)
    assert await pool.fetchval("SELECT count(*) FROM notices") == 2
    assert await deliver(pool, port) == 2
    assert await deliver(pool, port) == 0
    assert sorted(mail["To"] for mail in catcher.mails) == [
        "Person ada <ada@example.com>",
        "Person bob <bob@example.com>",
    ]
