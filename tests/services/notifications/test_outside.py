"""Real servers, as processes, that are down, slow, broken, wrong or tired: what was to arrive arrives, and once.

Time is the injected clock's: circuits and the pauses between attempts are moved, nobody waits.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from amicable.runtime import ports
from services.notifications.channels import guarded_http, smtp
from services.notifications.channels.addresses import Allowed, Origin
from services.notifications.channels.channel import Channel
from services.notifications.channels.guarded_http import GuardedHttp
from services.notifications.channels.smtp import Server, Smtp
from services.notifications.channels.webhook import Webhook, read_keys
from services.notifications.delivery import Post
from shared.contracts.notification_commands import ChooseNotifications, ResendMessage
from shared.contracts.plans.facts import CaseOpened
from shared.database import Pool
from tests.certificates import certificates
from tests.services.notifications.office import Office, case
from tests.services.notifications.outside import Outside
from tests.stories import person

pytestmark = pytest.mark.schema("notifications")
PEOPLE = ("ana", "bo", "cy", "di", "eve", "flo")
KEY = "whsec_" + "a2V5" * 8
PATIENCE = 2.0  # seconds: a server on a busy machine answers within them, and one test waits for a silent one


@pytest.fixture(scope="module")
def mail_server() -> Iterator[Outside]:
    yield from running("smtp")


@pytest.fixture(scope="module")
def hook_server() -> Iterator[Outside]:
    yield from running("http")


def running(kind: str) -> Iterator[Outside]:
    server = Outside(kind, ports.choose())
    server.start()
    yield server
    server.kill()


@dataclass
class Way:
    """A channel to one server, from facts on. seconds: of the clock that circuits see."""

    office: Office
    server: Outside
    channel: Channel
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.office.channels = frozenset({"mail", self.channel.name})
        self.office.__post_init__()
        parts: Any = self.office
        writer = self.office.post_of(self.channel)._writer
        self.post = Post(parts, self.channel, writer, workers=20, monotonic=lambda: self.seconds)

    async def known(self) -> None:
        """Announce people and a customer of each; with a webhook each has one of their own."""
        self.server.answers()
        self.came = len(self.server.got())
        await self.office.know(*(person(one) for one in (*PEOPLE, "ada")), **{f"c-{one}": one for one in PEOPLE})
        await self.office.know(person("root", roles=["admin"]))
        if self.channel.name == "webhook":
            for one in PEOPLE:
                address = f"http://127.0.0.1:{self.server.port}/{one}"
                chosen = [{"urgency": "high", "channels": ["webhook"]}]
                own = [{"channel": "webhook", "address": address}]
                asked = {"person_id": one, "channels": chosen, "addresses": own}
                assert (await self.office.ask(ChooseNotifications, one, **asked))[0] == "CommandAccepted"

    async def tell(self, *who: str) -> None:
        """Have something to be told to each of them, and try."""
        await self.office.take(*(self.office.fact(CaseOpened, f"c-{one}", case=case()) for one in who))
        await self.office.deliver(self.post)

    async def after(self, seconds: float) -> None:
        """Let time pass, and try what is due."""
        self.seconds += seconds
        await self.office.pool.execute(
            "UPDATE messages SET next_attempt_at = next_attempt_at - make_interval(secs => $1)", seconds
        )
        await self.office.deliver(self.post)

    async def states(self) -> set[str]:
        """Return the states of this channel's messages."""
        rows = await self.office.pool.fetch("SELECT state FROM messages WHERE channel = $1", self.channel.name)
        return {row["state"] for row in rows}

    async def state(self, who: str) -> str:
        """Return the state of somebody's message."""
        sql = "SELECT state FROM messages WHERE channel = $1 AND recipient = $2"
        return str(await self.office.pool.fetchval(sql, self.channel.name, who))

    async def answers(self) -> set[str]:
        """Return the last answers of this channel's messages."""
        rows = await self.office.pool.fetch("SELECT last_answer FROM messages WHERE channel = $1", self.channel.name)
        return {row["last_answer"] for row in rows}

    async def close(self) -> None:
        """Let go of all connections."""
        await self.channel.close()
        await self.office.smtp.close()

    def got(self) -> list[str]:
        """Return what the server got in this test."""
        return self.server.got()[self.came :]


def allowed(server: Outside, scheme: str = "http") -> Allowed:
    return Allowed(frozenset({Origin(scheme, "127.0.0.1", server.port)}))


@pytest.fixture(params=["mail", "webhook"])
async def way(
    request: pytest.FixtureRequest,
    pool: Pool,
    mail_server: Outside,
    hook_server: Outside,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Way]:
    monkeypatch.setattr(smtp, "SECONDS_PER_COMMAND", PATIENCE)
    office = Office(pool, mail_server.port)
    if request.param == "mail":
        made = Way(office, mail_server, office.smtp)
    else:
        http = GuardedHttp(allowed(hook_server), seconds=PATIENCE)
        made = Way(office, hook_server, Webhook(http, read_keys(KEY)))
    await made.known()
    yield made
    await made.close()


TROUBLES = ("5xx", "throttles", "slow", "closes mid-message", "gibberish")


def gone_wrong(way: Way, trouble: str) -> None:
    """Have the server answer with some trouble from now on."""
    mail = {
        "5xx": {"message": "454 not now"}, "throttles": {"RCPT": "450 later"}, "slow": {"message": None},
        "closes mid-message": {"message": ""}, "gibberish": {"MAIL": "?"},
    }  # fmt: skip
    http = {
        "5xx": "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n",
        "throttles": "HTTP/1.1 429 Slower\r\nRetry-After: 20\r\nContent-Length: 0\r\n\r\n",
        "slow": None,
        "closes mid-message": "HTTP/1.1 200 OK\r\nContent-Le",
        "gibberish": "?\r\n\r\n",
    }
    way.server.answers(**(mail[trouble] if way.channel.name == "mail" else {"*": http[trouble]}))  # type: ignore[arg-type]


async def test_server_that_is_down_for_a_minute_loses_nothing_and_gets_each_message_once(way: Way) -> None:
    way.server.kill()
    await way.tell(*PEOPLE)
    for _ in range(6):
        await way.after(10)
    assert await way.states() == {"pending"}
    way.server.start()
    assert way.got() == []
    for _ in range(12):
        await way.after(10)
    assert await way.states() == {"sent"}
    assert len(way.got()) == len(set(way.got())) == len(PEOPLE)


async def test_trouble_that_passes_puts_a_message_off_and_it_arrives_once_under_its_key(way: Way) -> None:
    for trouble, who in zip(TROUBLES, PEOPLE, strict=False):
        before = len(way.got())
        gone_wrong(way, trouble)
        await way.tell(who)
        assert await way.state(who) == "pending", trouble
        tried = way.got()[before:]
        way.server.answers()
        await way.after(0.5)
        assert await way.state(who) == "pending", f"{trouble}: not before its pause is over"
        await way.after(40)
        assert await way.state(who) == "sent", trouble
        came = way.got()[before + len(tried) :]
        assert len(came) == 1, trouble
        assert set(tried) <= set(came), f"{trouble}: each attempt is under the same key"


async def test_webhook_that_asks_for_a_rest_has_it_and_its_neighbours_at_the_host_go_on(way: Way) -> None:
    if way.channel.name == "webhook":
        way.server.answers(**{"/ana": "HTTP/1.1 429 Slower\r\nRetry-After: 600\r\nContent-Length: 0\r\n\r\n"})
    else:
        way.server.answers(RCPT="450 later")
    await way.tell("ana")
    way.server.answers()
    await way.tell("bo")
    assert [await way.state(one) for one in ("ana", "bo")] == ["pending", "sent"]


async def test_what_is_refused_for_good_is_not_tried_again_and_is_not_lost(way: Way) -> None:
    """A mail is sent again by an admin; what a webhook refuses goes by mail."""
    if way.channel.name == "mail":
        way.server.answers(RCPT="550 no such mailbox")
    else:
        way.server.answers(**{"*": "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"})
    await way.tell("ana")
    await way.after(100_000)
    assert await way.states() == {"failed"}
    way.server.answers()
    if way.channel.name == "mail":
        id_ = await way.office.pool.fetchval("SELECT message_id FROM messages")
        assert (await way.office.ask(ResendMessage, "root", message_id=id_))[0] == "CommandAccepted"
        await way.after(1)
        assert way.got() == [id_]
    else:
        assert len(way.got()) == 1
        await way.office.deliver()
        mails = await way.office.pool.fetch("SELECT state FROM messages WHERE channel = 'mail'")
        assert [row["state"] for row in mails] == ["sent", "sent"], "what was to be told, and that the webhook is gone"


@pytest.mark.parametrize("kind", ["smtp", "http"])
async def test_nothing_is_said_to_a_server_with_a_wrong_certificate_and_all_once_it_has_the_right_one(
    pool: Pool, tmp_path: Path, kind: str
) -> None:
    (trusted, own), (_, wrong) = certificates(), certificates()
    for name, content in (("trusted", trusted), ("own", own), ("wrong", wrong)):
        (tmp_path / f"{name}.pem").write_bytes(content)
    server = Outside(kind, ports.choose(), tmp_path / "wrong.pem")
    server.start()
    office = Office(pool, server.port)
    if kind == "smtp":
        there = Server("127.0.0.1", server.port, tls="implicit", ca=tmp_path / "trusted.pem")
        channel: Channel = Smtp(there, "amicable@example.com")
    else:
        http = GuardedHttp(allowed(server, "https"), ca=tmp_path / "trusted.pem", seconds=guarded_http.SECONDS)
        channel = Webhook(http, read_keys(KEY))
    way = Way(office, server, channel)
    await way.known()
    if kind == "http":
        own_address = [{"channel": "webhook", "address": f"https://127.0.0.1:{server.port}/ana"}]
        chosen = [{"urgency": "high", "channels": ["webhook"]}]
        asked = {"person_id": "ana", "channels": chosen, "addresses": own_address}
        await office.ask(ChooseNotifications, "ana", **asked)
    await way.tell("ana")
    assert await way.states() == {"pending"}
    assert "certificate is not one that we trust" in (await way.answers()).pop()
    assert way.got() == []
    server.kill()
    server.certificate = tmp_path / "own.pem"
    server.start()
    await way.after(10)
    assert await way.states() == {"sent"}
    assert len(way.got()) == 1
    await way.close()
    server.kill()
