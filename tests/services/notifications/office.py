"""The service at a desk: real Postgres and SMTP, a clock to set, and each of its steps by hand."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from aiosmtpd.controller import Controller
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from amicable.runtime import ports
from services.notifications import publishing
from services.notifications.addressing import Addressing
from services.notifications.channels.channel import Channel
from services.notifications.channels.smtp import Server, Smtp
from services.notifications.delivery import Post
from services.notifications.domain import message
from services.notifications.domain.rule import RuleSet
from services.notifications.handlers import hearing
from services.notifications.handlers.choosing import Wrong
from services.notifications.links import Links
from services.notifications.rules.reading import shipped_rules
from services.notifications.store import messages
from services.notifications.writing import ANYWHERE, Writer
from shared import actors, database
from shared.batches import Batches
from shared.contracts.event import Command, Message
from shared.contracts.releases import MessageReleased
from shared.contracts.topics import (
    CUSTOMERS,
    FEEDS,
    HEALTH,
    NOTIFICATIONS_COMMANDS,
    PARKED,
    PEOPLE,
    PLANS,
    RELEASES,
    TRANSITIONS,
)
from shared.contracts.upstream import CustomerChanged, PersonChanged
from shared.database import BUCKETS, Pool
from tests.deployment import Catcher
from tests.records import numbered, record
from tests.stories import customer, person
from tests.told_cases import told_case

EVERYBODY = tuple(range(BUCKETS))
TOPIC_OF = {
    kind: topic
    for topic in (CUSTOMERS, FEEDS, HEALTH, PARKED, PEOPLE, PLANS, RELEASES, TRANSITIONS)
    for kind in topic.types
}
KEY = Ed25519PrivateKey.generate()
SECRET = "a secret of the tests, long enough for a key"


@contextmanager
def mail_server() -> Iterator[tuple[Catcher, int]]:
    """A real SMTP server, and its port."""
    catcher = Catcher()
    server = Controller(catcher, hostname="127.0.0.1", port=ports.choose())
    server.start()
    try:
        yield catcher, server.port
    finally:
        server.stop()


@dataclass
class Office:
    """The service's way from a fact to a mail. buckets: those that it holds."""

    pool: Pool
    port: int
    rules: RuleSet = field(default_factory=shipped_rules)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    most: int = 20
    channels: frozenset[str] = frozenset({"mail", "console"})
    buckets: tuple[int, ...] = EVERYBODY
    holder: UUID = field(default_factory=uuid4)
    writer: Writer | None = None
    wrong: Wrong = lambda *_: None
    seq: dict[tuple[str, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.leases: Any = self
        self.links = Links("https://amicable.example", [SECRET])
        self.lane = hearing.casework(self.rules, self.channels, self.wrong).connect(
            self.pool, self.clock, {"tests": KEY.public_key()}
        )
        self.batches = Batches(hearing.NAME, self.pool, self.clock, self.lane, partial(hearing.apply, self.rules))
        parts: Any = self
        self.addressing = Addressing(parts, self.channels, self.most)
        self.smtp = Smtp(Server("127.0.0.1", self.port, tls="off"), "amicable@example.com")
        self.post = self.post_of(self.smtp)

    def clock(self) -> datetime:
        """Return its time."""
        return self.now

    def post_of(self, channel: Channel, workers: int = 20) -> Post:
        """Return the post of a channel."""
        parts: Any = self
        return Post(parts, channel, self.writer or Writer(self.rules, self.links, domains=ANYWHERE), workers=workers)

    async def know(self, *people: Mapping[str, Any], **customers: Any) -> None:
        """Announce people, and customers with who looks after each (or more of them)."""
        told: list[Message] = [PersonChanged.model_validate(self._dated(one)) for one in people]
        for customer_id, about in customers.items():
            more = about if isinstance(about, dict) else {"csm": about}
            told.append(CustomerChanged.model_validate(self._dated(customer(customer_id, **more))))
        await self.take(*told)

    def _dated(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {**body, "occurred_at": self.now.isoformat()}

    async def take(self, *messages: Message, **headers: bytes) -> None:
        """Take messages from Kafka, one by one."""
        await self.lane.take([record(TOPIC_OF[type(one)], one, headers=headers) for one in messages])

    async def take_many(self, *messages: Message) -> None:
        """Take messages from Kafka in batches."""
        await self.batches.take([record(TOPIC_OF[type(one)], one) for one in messages])

    def fact(self, kind: type[Any], customer_id: str = "acme", /, **fields: Any) -> Any:
        """Return a fact as its producer would number it, dated now."""
        at = (TOPIC_OF[kind].name, customer_id)
        self.seq[at] = self.seq.get(at, 0) + 1
        return numbered(kind, customer_id, self.seq[at], **{"occurred_at": self.now, **fields})

    async def ask(self, kind: type[Command], by: str, **fields: Any) -> tuple[str, str]:
        """Have a person ask for something; returns type and subject (or code) of the answer."""
        command = kind.model_validate({"event_id": str(uuid4()), "occurred_at": self.now, **fields})
        at = datetime.now(UTC)
        token = actors.sign(KEY, "tests", person=by, command_id=command.event_id, body=command.body(), at=at)
        headers = {actors.HEADER: token.encode()}
        await self.lane.take([record(NOTIFICATIONS_COMMANDS, command, headers=headers)])
        body = await self.pool.fetchval(
            "SELECT body FROM outbox WHERE topic = 'notifications.answers.v1' ORDER BY id DESC LIMIT 1"
        )
        told = json.loads(body)
        return told["type"], told.get("subject_id") or told["problem"]["code"]

    async def address(self) -> None:
        """Do all addressing that is due."""
        while await self.addressing.work():
            pass

    async def look_again(self) -> None:
        """Address, whenever the last look was."""
        await self.pool.execute("UPDATE tellings SET looked_at = looked_at - interval '1 minute'")
        await self.address()

    async def deliver(self, post: Post | None = None) -> int:
        """Address, then hand over what may go now; returns how many messages were tried."""
        post, tried = post or self.post, 0
        await self.look_again()
        while ready := await self.ready(post.name):
            outcomes = await asyncio.gather(*(post.deliver(one) for one in ready))
            async with database.transaction(self.pool, "notifications", self.now) as tx:
                await messages.note(tx, outcomes)
            tried += len(ready)
        return tried

    async def ready(self, channel: str = "mail") -> list[message.Message]:
        """Claim what may go now."""
        return await messages.claim(self.pool, channel, self.leases.buckets, self.leases.holder, limit=100)

    async def publish(self) -> list[dict[str, Any]]:
        """Publish what became of notices; returns all facts of the outbox."""
        parts: Any = self
        while await publishing.publish(parts):
            pass
        rows = await self.pool.fetch("SELECT body FROM outbox WHERE topic = 'notifications.v1' ORDER BY id")
        return [json.loads(row["body"]) for row in rows]

    async def states(self, table: str = "messages") -> list[str]:
        """Return the states of all rows of a table."""
        return [row["state"] for row in await self.pool.fetch(f"SELECT state FROM {table} ORDER BY id")]

    def later(self, **how: float) -> None:
        """Move the clock."""
        self.now += timedelta(**how)


def released(now: datetime, **changes: Any) -> MessageReleased:
    """Return a code that was released to a contact for a quarter of an hour."""
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
            "expires_at": now + timedelta(minutes=15),
            **changes,
        }
    )


CONTACTS = [
    {"contact_id": "carla", "name": "Carla Main", "email": "carla@acme.example", "role": "main"},
    {"contact_id": "mute", "name": "Mute", "role": "user"},
]


def somebody(person_id: str, **more: Any) -> dict[str, Any]:
    """Return a person in Madrid."""
    return person(person_id, **more)


def case(**changes: Any) -> dict[str, Any]:
    """Return a case with a reason."""
    return told_case(**{"reasons": [{"code": "usage_level", "text": "Usage fell"}], **changes})
