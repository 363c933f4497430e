"""Apprise: listed services alone, with a yes or a no, on a real HTTP server in the place of theirs."""

import asyncio
import json
import logging
import re
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import apprise
import pytest
from apprise.plugins.flock import NotifyFlock

from services.notifications.channels import apprise as channel
from services.notifications.channels.apprise import AT_ONCE, HOSTS, Apprise
from services.notifications.channels.channel import Gone, Permanent, Transient, Unreachable
from services.notifications.channels.hosts import read_hosts
from services.notifications.domain.parcel import Parcel
from tests.services.notifications.channels import servers
from tests.services.notifications.channels.parcels import parcel
from tests.services.notifications.channels.servers import answer

ANY = read_hosts("*")
FLOCK = "flock://" + "a" * 24


@pytest.fixture
async def flock(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[servers.Http]:
    async with servers.http() as running:
        monkeypatch.setattr(NotifyFlock, "notify_url", f"http://127.0.0.1:{running.port}/hooks")
        yield running


async def test_message_arrives_with_its_link_and_calls_nobody(flock: servers.Http) -> None:
    await Apprise(ANY).send(parcel(address=FLOCK, text="@everyone <!channel> <users/all> hi"))
    (request,) = flock.requests
    said = json.dumps(json.loads(request.body), ensure_ascii=False)
    assert "Action needed: Acme" in said
    assert "amicable.example" in said
    assert "@everyone" not in said
    assert "<!channel" not in said
    assert "<users/all" not in said


@pytest.mark.parametrize("status", ["403 Forbidden", "429 Too Many Requests", "500 Internal Server Error"])
async def test_no_is_a_no_whatever_the_reason(flock: servers.Http, status: str) -> None:
    flock.reply = lambda _: answer(status)
    with pytest.raises(Transient, match="does not say why"):
        await Apprise(ANY).send(parcel(address=FLOCK))


async def test_redirect_is_not_followed(flock: servers.Http) -> None:
    async with servers.http() as elsewhere:
        flock.reply = lambda _: answer("307 Temporary Redirect", Location=f"http://127.0.0.1:{elsewhere.port}/")
        with pytest.raises(Transient):
            await Apprise(ANY).send(parcel(address=FLOCK))
    assert elsewhere.connections == 0


async def test_service_that_hangs_is_left(flock: servers.Http) -> None:
    flock.reply = lambda _: None
    with pytest.raises(Transient, match=r"within 0\.2 s"):
        await Apprise(ANY, seconds=0.2).send(parcel(address=FLOCK))


async def test_waiting_for_a_thread_is_not_the_services_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages to a service that hangs do not make another one unreachable."""
    go, taken = threading.Event(), list[str]()

    def notify(one: Parcel) -> bool:
        taken.append(one.key)
        return one.key == "other" or not go.wait(30)

    monkeypatch.setattr(channel, "_notify", notify)
    way = Apprise(ANY, seconds=0.2)
    hanging = [asyncio.create_task(way.send(parcel(address=FLOCK, key=f"{number}"))) for number in range(AT_ONCE)]
    other = asyncio.create_task(way.send(parcel(address=FLOCK, key="other")))
    try:
        done = await asyncio.gather(*hanging, return_exceptions=True)
        assert [type(one) for one in done] == [Unreachable] * AT_ONCE
        assert (await asyncio.wait([other], timeout=0.5))[1] == {other}, "it is not its service that is silent"
        way._seconds = 30
    finally:
        go.set()
    await asyncio.wait_for(other, 30)
    assert taken[-1] == "other"


REFUSED = [
    "json://127.0.0.1/", "jsons://evil.example/", "xml://127.0.0.1", "form://127.0.0.1", "mailto://a:b@evil.example",
    "ntfy://127.0.0.1/x", "gotify://127.0.0.1/x", "matrix://127.0.0.1", "slack://a/b/c", "syslog://", "dbus://",
    "file:///etc/passwd", "https://hooks.example.com/", "custom://x", FLOCK + "?redirect=yes", FLOCK + "?verify=no",
    FLOCK + "#x", FLOCK + " json://127.0.0.1", FLOCK + ",json://127.0.0.1", FLOCK + "\njson://127.0.0.1",
    "FLOCK" + FLOCK[5:], "flock://", "flock:" + "a" * 24, "", "tgram://127.0.0.1:8000/x",
]  # fmt: skip


@pytest.mark.parametrize("address", REFUSED)
async def test_other_services_options_and_hosts_are_refused(flock: servers.Http, address: str) -> None:
    with pytest.raises(Permanent) as raised:
        await Apprise(ANY).send(parcel(address=address))
    assert flock.connections == 0
    assert "127.0.0.1" not in str(raised.value)


def test_listed_services_have_no_host_to_choose_and_the_host_that_we_say() -> None:
    known = {
        schema: one["details"]["templates"]
        for one in apprise.Apprise().details()["schemas"]
        for schema in (*(one["protocols"] or ()), *(one["secure_protocols"] or ()))
    }
    for schema, host in HOSTS.items():
        assert not any("{host}" in template or "url" in template for template in known[schema])
        plugin = apprise.plugins.N_MGR[schema]
        source = Path(apprise.__file__).parent.joinpath(*plugin.__module__.split(".")[1:])
        text = (source / "__init__.py" if source.is_dir() else source.with_suffix(".py")).read_text()
        assert re.search(rf"https://{re.escape(host)}\b", text), schema


async def test_tokens_are_not_logged(flock: servers.Http, caplog: pytest.LogCaptureFixture) -> None:
    flock.reply = lambda _: answer("403 Forbidden", b"secret answer")
    with caplog.at_level(logging.WARNING), pytest.raises(Transient):
        await Apprise(ANY).send(parcel(address=FLOCK))
    assert "a" * 24 not in caplog.text
    assert "secret" not in caplog.text


async def test_service_that_no_administrator_has_named_gets_nothing(flock: servers.Http) -> None:
    with pytest.raises(Gone, match=r"api\.flock\.com is none that an administrator has named"):
        await Apprise(read_hosts("discord.com")).send(parcel(address=FLOCK))
    assert flock.connections == 0
    await Apprise(read_hosts("api.flock.com")).send(parcel(address=FLOCK))
    assert flock.connections == 1


async def test_destination_is_the_services_host() -> None:
    assert Apprise().destination(parcel(address=FLOCK)) == "api.flock.com"
    assert Apprise().destination(parcel(address="json://127.0.0.1")) == "nowhere"
