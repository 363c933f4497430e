"""Webhooks and chat on a real HTTP server: what arrives, and what each answer means."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from services.notifications.channels.addresses import Allowed, Origin
from services.notifications.channels.channel import Channel, Gone, Permanent, Throttled, Transient, Unreachable
from services.notifications.channels.guarded_http import GuardedHttp
from services.notifications.channels.slack import Slack
from services.notifications.channels.teams import Teams
from services.notifications.channels.webhook import Webhook, read_keys
from tests.services.notifications.channels import servers
from tests.services.notifications.channels.parcels import parcel
from tests.services.notifications.channels.receiver import Receiver
from tests.services.notifications.channels.servers import answer

OLD, NEW = ("whsec_" + "b2xk" * 8, "whsec_" + "bmV3" * 8)


@pytest.fixture
async def server() -> AsyncIterator[servers.Http]:
    async with servers.http() as running:
        yield running


@pytest.fixture
async def http(server: servers.Http, request: pytest.FixtureRequest) -> AsyncIterator[GuardedHttp]:
    """Wait longer than a host ever needs here, but for the seconds that a test of waiting names."""
    seconds = getattr(request, "param", 30.0)
    out = GuardedHttp(Allowed(frozenset({Origin("http", "127.0.0.1", server.port)})), seconds=seconds)
    yield out
    await out.close()


def at(server: servers.Http, **changes: Any) -> Any:
    return parcel(address=f"http://127.0.0.1:{server.port}/services/secret", **changes)


@pytest.fixture(params=[Slack, Teams, lambda http: Webhook(http, read_keys(NEW))], ids=["slack", "teams", "webhook"])
def channel(request: pytest.FixtureRequest, http: GuardedHttp) -> Channel:
    made: Channel = request.param(http)
    return made


MEANT = [
    ("200 OK", None),
    ("204 No Content", None),
    ("202 Accepted", None),
    ("301 Moved Permanently", Gone),
    ("307 Temporary Redirect", Gone),
    ("400 Bad Request", Permanent),
    ("401 Unauthorized", Gone),
    ("403 Forbidden", Gone),
    ("404 Not Found", Gone),
    ("408 Request Timeout", Transient),
    ("410 Gone", Gone),
    ("413 Content Too Large", Permanent),
    ("425 Too Early", Transient),
    ("429 Too Many Requests", Throttled),
    ("500 Internal Server Error", Transient),
    ("502 Bad Gateway", Transient),
    ("503 Service Unavailable", Transient),
]


@pytest.mark.parametrize(("status", "meant"), MEANT)
async def test_each_answer_has_its_meaning(
    server: servers.Http, channel: Channel, status: str, meant: type[Exception] | None
) -> None:
    server.reply = lambda _: answer(status, b"ana@example.com", Location="http://127.0.0.1/")
    if meant is None:
        await channel.send(at(server))
    else:
        with pytest.raises(meant) as raised:
            await channel.send(at(server))
        assert raised.type is meant
        assert "ana" not in str(raised.value)
        assert "secret" not in str(raised.value)
    assert len(server.requests) == 1


RESTS = [
    ("429 Too Many Requests", "7", timedelta(seconds=7)),
    ("429 Too Many Requests", "0", timedelta(0)),
    ("503 Service Unavailable", "30", timedelta(seconds=30)),
    ("429 Too Many Requests", "99999999999999999999", timedelta(hours=1)),
    ("429 Too Many Requests", format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True), timedelta(0)),
    ("429 Too Many Requests", "Fri, 31 Dec 2999 23:59:59 GMT", timedelta(hours=1)),
    ("429 Too Many Requests", "Fri, 31 Dec 99999 23:59:59 GMT", None),
    ("429 Too Many Requests", "soon", None),
    ("429 Too Many Requests", "-5", None),
    ("429 Too Many Requests", "٣", None),
]


@pytest.mark.parametrize(("status", "said", "rest"), RESTS)
async def test_rest_that_is_asked_for_is_kept_and_never_longer_than_an_hour(
    server: servers.Http, channel: Channel, status: str, said: str, rest: timedelta | None
) -> None:
    server.reply = lambda _: answer(status, Retry_After=said) if said.isascii() else answer(status)
    with pytest.raises(Throttled) as raised:
        await channel.send(at(server))
    assert raised.value.retry_after == (rest if said.isascii() else None)


@pytest.mark.parametrize("http", [0.3], indirect=True)
async def test_silent_host_is_waited_for_no_longer_than_that(server: servers.Http, channel: Channel) -> None:
    server.reply = lambda _: None
    with pytest.raises(Unreachable, match="did not answer"):
        await channel.send(at(server))


async def test_broken_and_refused_hosts_have_their_class(server: servers.Http, channel: Channel) -> None:
    server.reply = lambda _: b"gibberish\r\n\r\n"
    with pytest.raises(Unreachable, match="broke off"):
        await channel.send(at(server))
    with pytest.raises(Gone, match="443 alone"):
        await channel.send(parcel(address="http://127.0.0.1:1/"))
    assert channel.destination(at(server)) == "127.0.0.1"
    assert channel.destination(parcel(address="no url")) == "nowhere"


async def test_receiver_that_follows_the_documentation_takes_what_is_signed(
    server: servers.Http, http: GuardedHttp
) -> None:
    """With the old key, the new one, and both while they are exchanged; once, whatever is sent twice."""
    before, between, after = (Webhook(http, read_keys(keys)) for keys in (OLD, f"{NEW},{OLD}", NEW))
    for sending, taking in ((before, OLD), (between, OLD), (between, NEW), (after, NEW)):
        receiver = Receiver(taking)
        for _ in range(2):
            await sending.send(at(server, text="Añá: 100 % “sure”"))
            request = server.requests[-1]
            assert receiver.take(request.headers, request.body) == 200
        (told,) = receiver.took
        assert told["fact"]["type"] == "CaseOpened"
        assert told["text"] == "Añá: 100 % “sure”"
        assert "address" not in told
    with pytest.raises(ValueError, match="signature"):
        Receiver(OLD).take(request.headers, request.body)


async def test_changed_old_or_foreign_requests_are_refused_by_the_receiver(
    server: servers.Http, http: GuardedHttp
) -> None:
    moment = datetime(2026, 7, 1, tzinfo=UTC).timestamp()
    await Webhook(http, read_keys(NEW)).send(at(server))
    await Webhook(http, read_keys(NEW), now=lambda: moment).send(at(server))
    request, old = server.requests
    assert request.headers["idempotency-key"] == request.headers["webhook-id"] == "n-1"
    assert Receiver(NEW).take(request.headers, request.body) == 200, "what is not changed is taken"
    receiver = Receiver(NEW)
    for headers, body in (
        (request.headers, request.body.replace(b"acme", b"emca")),
        ({**request.headers, "webhook-id": "n-2"}, request.body),
        ({**request.headers, "webhook-timestamp": str(int(request.headers["webhook-timestamp"]) + 1)}, request.body),
        ({**request.headers, "webhook-signature": "v1,"}, request.body),
        (old.headers, old.body),
    ):
        with pytest.raises(ValueError, match=r"signature|old"):
            receiver.take(headers, body)
    assert receiver.took == []


@pytest.mark.parametrize(
    "keys", ["", "secret", "whsec_", "whsec_c2hvcnQ=", f"{OLD},{NEW},{OLD}", f"{OLD},", OLD[6:], "whsec_~~~"]
)
def test_keys_that_are_none_are_said_and_not_shown(keys: str) -> None:
    with pytest.raises(ValueError, match="key") as raised:
        read_keys(keys)
    assert OLD not in str(raised.value)


async def test_slack_gets_blocks_of_plain_text_and_a_button(server: servers.Http, http: GuardedHttp) -> None:
    await Slack(http).send(at(server))
    told = json.loads(server.requests[0].body)
    assert [one["type"] for one in told["blocks"]] == ["header", "section", "actions"]
    assert told["blocks"][0]["text"] == {"type": "plain_text", "text": "Action needed: Acme", "emoji": False}
    assert told["blocks"][2]["elements"][0]["url"] == "https://amicable.example/customers/acme"
    assert "arrange a candid conversation" in told["text"]
    assert server.requests[0].headers["content-type"] == "application/json"


async def test_teams_gets_a_card_of_text_runs_and_a_button(server: servers.Http, http: GuardedHttp) -> None:
    await Teams(http).send(at(server))
    (attachment,) = json.loads(server.requests[0].body)["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert [one["type"] for one in card["body"]] == ["RichTextBlock"] * 3
    assert card["body"][0]["inlines"][0]["text"] == "Action needed: Acme"
    assert card["actions"][0]["url"] == "https://amicable.example/customers/acme"


@pytest.mark.parametrize("kind", [Slack, Teams])
async def test_message_without_a_link_has_no_button(server: servers.Http, http: GuardedHttp, kind: Any) -> None:
    await kind(http).send(at(server, link=None))
    assert b"Open in Amicable" not in server.requests[0].body


@pytest.mark.parametrize("kind", [Slack, Teams])
async def test_very_long_message_stays_within_what_the_host_takes(
    server: servers.Http, http: GuardedHttp, kind: Any
) -> None:
    await kind(http).send(at(server, subject="& " * 5_000, text="ä<&>😀" * 20_000))
    body = server.requests[0].body
    assert len(body) < 28_000 if kind is Teams else len(json.loads(body)["blocks"][1]["text"]["text"]) <= 3_000
