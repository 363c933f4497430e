"""What was released to a customer's contact: to that address, within its life, once; and then it is forgotten."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.notifications import delivery, handlers, store
from shared import outbox
from shared.contracts.releases import MessageReleased
from shared.contracts.topics import CUSTOMERS, RELEASES
from shared.contracts.upstream import CustomerChanged
from shared.database import BUCKETS, Pool
from shared.service import Parts
from tests.deployment import Catcher
from tests.records import record
from tests.services.notifications.test_delivery import mail_to, smtp  # noqa: F401  # a fixture
from tests.stories import customer

pytestmark = pytest.mark.schema("notifications")
CONTACTS = [
    {"contact_id": "carla", "name": "Carla Main", "email": "carla@acme.example", "role": "main"},
    {"contact_id": "mute", "name": "Mute", "role": "user"},
]
LIFE = timedelta(minutes=15)


def released(now: datetime, **changes: Any) -> MessageReleased:
    return MessageReleased.model_validate(
        {
            "customer_id": "acme",
            "source": "action_plans",
            "correlation_id": "k",
            "causation_id": "k",
            "occurred_at": now,
            "contact_id": "carla",
            "template": "signing_code",
            "fields": [
                {"name": "code", "text": "271828"},
                {"name": "company", "text": "Northwind"},
                {"name": "version", "text": "2"},
            ],
            "expires_at": now + LIFE,
            **changes,
        }
    )


class Post:
    """The service's way from a released message to the mail, with a clock to set."""

    def __init__(self, pool: Pool, smtp_port: int) -> None:
        self.pool = pool
        self.now = datetime.now(UTC)
        self.lane = handlers.casework.connect(pool, lambda: self.now)
        self.channel = mail_to(smtp_port)

    async def know(self, customer_id: str = "acme", **more: Any) -> None:
        """Announce a customer."""
        told = customer(customer_id, "ana", **{"contacts": CONTACTS, **more}) | {"occurred_at": self.now.isoformat()}
        await self.lane.take([record(CUSTOMERS, CustomerChanged.model_validate(told))])

    async def take(self, message: MessageReleased, **headers: bytes) -> None:
        """Take a released message from Kafka."""
        await self.lane.take([record(RELEASES, message, headers=headers)])

    async def deliver(self) -> int:
        """Deliver what is due, as the service does; returns how many there were."""
        parts = Parts(self.pool, lambda: self.now, None, None)  # type: ignore[arg-type]  # not used here
        await store.expire(self.pool, self.now)
        due = await store.due(self.pool, tuple(range(BUCKETS)), 10)
        for notice in due:
            await delivery.deliver(parts, self.channel, notice)
        await self.channel.close()
        return len(due)

    async def states(self) -> list[str]:
        """Return the states of what was noted."""
        return [row["state"] for row in await self.pool.fetch("SELECT state FROM notices ORDER BY id")]

    async def is_forgotten(self) -> bool:
        """Tell whether no table holds the code any more."""
        tables = await self.pool.fetch(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'notifications'"
        )
        found = [await self.pool.fetch(f"SELECT t::text FROM {table} t") for (table,) in tables]
        return "271828" not in str(found)


@pytest.fixture
def post(pool: Pool, smtp: tuple[Catcher, int]) -> Post:  # noqa: F811
    return Post(pool, smtp[1])


async def test_contact_gets_the_code_once_and_it_is_forgotten(post: Post, smtp: tuple[Catcher, int]) -> None:  # noqa: F811
    await post.know()
    message = released(post.now)
    await post.take(message)
    await post.take(message)
    assert await post.deliver() == 1
    assert await post.deliver() == 0
    (mail,) = smtp[0].mails
    assert mail["To"] == "Carla Main <carla@acme.example>"
    assert mail["From"] == "Northwind <amicable@example.com>"
    assert mail["Subject"] == "Your code for the plan with Northwind"
    for part in mail.walk():
        if part.get_content_maintype() == "text":
            text = part.get_content()
            assert "271828" in text
            assert "Europe/Berlin" in text
            assert "Amicable" not in text, "the customer knows the company, not its tools"
    assert await post.states() == ["sent"]
    assert await post.is_forgotten()
    (row,) = await post.pool.fetch("SELECT body FROM outbox")
    told = json.loads(row["body"])
    assert (told["type"], told["person_id"], told["fact_type"]) == ("NoticeSent", "carla", "MessageReleased")


async def test_message_waits_for_its_contact_and_not_longer_than_its_life(
    post: Post,
    smtp: tuple[Catcher, int],  # noqa: F811
) -> None:
    await post.take(released(post.now))
    assert await post.deliver() == 0
    await post.know()
    assert await post.deliver() == 1
    await post.take(released(post.now, contact_id="mute"))
    assert await post.deliver() == 0
    post.now += LIFE
    assert await post.deliver() == 0
    assert await post.states() == ["sent", "expired"]
    assert await post.is_forgotten()
    assert len(smtp[0].mails) == 1


async def test_message_that_comes_too_late_is_recorded_and_not_sent(
    post: Post,
    smtp: tuple[Catcher, int],  # noqa: F811
) -> None:
    await post.know()
    await post.take(released(post.now - LIFE))
    assert await post.states() == ["expired"]
    assert await post.is_forgotten(), "it was never kept"
    assert await post.deliver() == 0
    assert smtp[0].mails == []


async def test_message_that_outlives_itself_between_reading_and_sending_is_not_sent(
    post: Post,
    smtp: tuple[Catcher, int],  # noqa: F811
) -> None:
    await post.know()
    await post.take(released(post.now))
    (notice,) = await store.due(post.pool, tuple(range(BUCKETS)), 10)
    post.now += LIFE
    parts = Parts(post.pool, lambda: post.now, None, None)  # type: ignore[arg-type]  # not used here
    await delivery.deliver(parts, post.channel, notice)
    assert smtp[0].mails == []
    assert await post.states() == ["expired"]


async def test_contact_of_another_customer_gets_nothing(post: Post, smtp: tuple[Catcher, int]) -> None:  # noqa: F811
    await post.know("acme", contacts=[])
    await post.know("other")
    await post.take(released(post.now))
    assert await post.deliver() == 0
    assert smtp[0].mails == []


async def test_quiet_replay_sends_nothing(post: Post, smtp: tuple[Catcher, int]) -> None:  # noqa: F811
    await post.know()
    await post.take(released(post.now), **{outbox.QUIET: b"1"})
    assert await post.deliver() == 0
    assert await post.states() == ["expired"]
    assert smtp[0].mails == []


async def test_code_is_forgotten_when_the_mail_server_refuses_it(post: Post, smtp: tuple[Catcher, int]) -> None:  # noqa: F811
    await post.know()
    smtp[0].answer = "550 no such person"
    await post.take(released(post.now))
    await post.deliver()
    assert await post.states() == ["failed"]
    assert await post.is_forgotten()


NOTICE = {
    "company": "Northwind",
    "customer": "Acme",
    "last_day": "2026-06-30",
    "support_until": "2026-06-30",
    "export_on": "2026-06-10",
    "export_format": "CSV",
    "access_ends_on": "2026-06-30",
}


@pytest.mark.parametrize(
    ("kind", "says"),
    [("ending_notice", "30 June 2026"), ("ending_changed", "30 June 2026"), ("ending_withdrawn", "goes on")],
)
async def test_notice_of_an_ending_reaches_the_contact(
    post: Post,
    smtp: tuple[Catcher, int],  # noqa: F811
    kind: str,
    says: str,
) -> None:
    await post.know()
    fields = [{"name": name, "text": text} for name, text in NOTICE.items()]
    await post.take(released(post.now, template=kind, fields=fields))
    assert await post.deliver() == 1
    (mail,) = smtp[0].mails
    assert mail["To"] == "Carla Main <carla@acme.example>"
    assert "Northwind" in mail["Subject"]
    for part in ("plain", "html"):
        body = mail.get_body((part,))
        assert body is not None
        assert says in body.get_content()
