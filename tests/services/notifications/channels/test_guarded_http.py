"""The way out over HTTP: to nothing that is not public, whatever the URL looks like and whatever DNS says."""

import asyncio
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from services.notifications.channels import guarded_http
from services.notifications.channels.addresses import Allowed, Origin, is_public, read_address
from services.notifications.channels.guarded_http import GuardedHttp, Unanswered
from services.notifications.channels.hosts import read_hosts
from services.notifications.channels.resolving import Resolver
from services.notifications.channels.urls import Refused, read_allowed, read_target
from tests.certificates import certificates
from tests.deployment import until
from tests.services.notifications.channels import servers
from tests.services.notifications.channels.servers import answer


@pytest.fixture
async def server() -> AsyncIterator[servers.Http]:
    async with servers.http() as running:
        yield running


def here(server: servers.Http) -> Allowed:
    return Allowed(frozenset({Origin("http", "127.0.0.1", server.port)}))


def url(server: servers.Http, path: str = "/hook") -> str:
    return f"http://127.0.0.1:{server.port}{path}"


Make = Callable[..., GuardedHttp]


@pytest.fixture
async def guarded() -> AsyncIterator[Make]:
    """Makes a way out, and closes it."""
    made: list[GuardedHttp] = []

    def make(*given: Any, **more: Any) -> GuardedHttp:
        made.append(GuardedHttp(*given, **{"hosts": read_hosts("*"), **more}))
        return made[-1]

    yield make
    for one in made:
        await one.close()


class Dns:
    """A resolver that answers as it is told: one list of addresses after the other, the last one for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


NOT_URLS = [
    "",
    "hooks.example.com",
    "//hooks.example.com/",
    "file:///etc/passwd",
    "ftp://hooks.example.com/",
    "gopher://hooks.example.com:70/_x",
    "javascript:alert(1)",
    "http://hooks.example.com/",
    "https://hooks.example.com:22/",
    "https://hooks.example.com:6379/",
    "https://hooks.example.com:80/",
    "https://hooks.example.com:0443/",
    "https://hooks.example.com:/",
    "https://hooks.example.com:443443/",
    "https://user:password@hooks.example.com/",
    "https://hooks.example.com@127.0.0.1/",
    "https://127.0.0.1#@hooks.example.com/",
    "https://127.0.0.1\\@hooks.example.com/",
    "https://hooks.example.com\\.evil.example/",
    "https://hooks.example.com./",
    "https://.hooks.example.com/",
    "https://hooks..example.com/",
    "https:///hooks.example.com/",
    "https:hooks.example.com",
    "https://hooks.example.com/a b",
    "https://hooks.example.com/\r\nHost: evil.example",
    "https://hooks.example.com/%0d%0a\nX: 1",
    "https://hooks.example.com\t/",
    " https://hooks.example.com/",
    "https://hooks.example.com/\n",
    "https://hooks.example.com\u2028/",
    "https://hooks%2eexample%2ecom/",
    "https://127.0.0.1%00.example.com/",
    "https://①②⑦.⓪.⓪.①/",
    "https://１２７.0.0.1/",  # noqa: RUF001
    "https://127。0。0。1/",
    "https://ⓔxample.com/",
    "https://exаmple.com/",  # noqa: RUF001
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://127.1/",
    "https://127.0.1/",
    "https://0/",
    "https://127.0.0.01/",
    "https://127.0.0.1.5/",
    "https://256.0.0.1/",
    "https://[::ffff:127.0.0.1/",
    "https://[::1%25eth0]/",
    "https://[fe80::1%eth0]/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://[::1]extra/",
    "https://[]/",
    "https://[v1.x]/",
    "https://" + "a" * 3_000 + ".example.com/",
    "https://" + "a" * 64 + ".example.com/",
]
PRIVATE = [
    "0.0.0.0",  # noqa: S104
    "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.255.255.254",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.170", "192.0.2.1", "192.88.99.1", "192.168.1.1",
    "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "3fff::1", "5f00::1",
    "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "100.63.255.255", "172.32.0.1", "192.169.0.1", "198.20.0.1", "2606:4700::1", "2a00:1450::1"]


@pytest.mark.parametrize("written", NOT_URLS)
async def test_url_that_could_mean_something_else_is_refused_and_nobody_is_asked_for_it(
    guarded: Make, written: str
) -> None:
    dns = Dns(["93.184.215.14"])
    with pytest.raises(Refused) as raised:
        await guarded(resolve=dns).post(written, b"", {})
    assert dns.asked == []
    assert "example" not in str(raised.value), "a URL is often a secret"


@pytest.mark.parametrize("address", PRIVATE)
async def test_name_that_resolves_to_something_private_is_refused(guarded: Make, address: str) -> None:
    for addresses in ([address], ["93.184.215.14", address]):
        with pytest.raises(Refused, match="a network that we do not send to"):
            await guarded(resolve=Dns(addresses), seconds=3).post("https://hooks.example.com/", b"", {})


@pytest.mark.parametrize("address", [one for one in PRIVATE if "%" not in one and one != "::127.0.0.1"])
async def test_address_in_the_url_is_judged_like_one_of_dns(guarded: Make, address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(Refused):
        await guarded().post(f"https://{host}/", b"", {})


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(read_address(address))


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_not(address: str) -> None:
    assert not is_public(read_address(address))


@pytest.mark.parametrize(
    "written",
    [
        "https://hooks.slack.com/services/T0/B0/x",
        "https://HOOKS.Slack.com/services",
        "https://prod-1.westeurope.logic.azure.com:443/workflows/x/triggers/manual/paths/invoke?api-version=1&sig=a%2Fb",
        "https://xn--bcher-kva.example",
        "https://example.com?a=1",
        "https://[2606:4700::1]/x",
        "https://1.1.1.1/x",
    ],
)
def test_usual_urls_are_taken(written: str) -> None:
    origin, path = read_target(written, Allowed())
    assert (origin.scheme, origin.port) == ("https", 443)
    assert origin.host == origin.host.lower()
    assert path.startswith("/")


async def test_connection_goes_to_the_address_that_was_judged(server: servers.Http) -> None:
    """The name is resolved once: what DNS says a moment later changes nothing (rebinding)."""
    dns = Dns(["127.0.0.1"], ["127.0.0.2"])
    allowed = read_allowed("127.0.0.1/32")
    stream = await guarded_http._Pinned(allowed, dns).connect_tcp("rebinding.example", server.port)
    assert stream.get_extra_info("server_addr")[0] == "127.0.0.1"
    await stream.aclose()
    assert dns.asked == ["rebinding.example"]


async def test_each_connection_is_judged_anew(guarded: Make, server: servers.Http) -> None:
    server.reply = lambda _: answer("200 OK", Connection="close")
    allowed = read_allowed(f"http://hooks.internal:{server.port}")
    out = guarded(allowed, resolve=Dns(["127.0.0.1"], ["169.254.169.254"]))
    where = f"http://hooks.internal:{server.port}/"
    assert (await out.post(where, b"", {})).status == 200
    with pytest.raises(Refused):
        await out.post(where, b"", {})
    assert len(server.requests) == 1


async def test_host_and_certificate_are_the_names_and_the_connection_is_the_addresses(
    guarded: Make, tmp_path: Path
) -> None:
    authority, own = certificates(["hooks.example.com"])
    (tmp_path / "authority.pem").write_bytes(authority)
    (tmp_path / "server.pem").write_bytes(own)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "server.pem")
    asked: list[str | None] = []
    tls.sni_callback = lambda _, name, __: asked.append(name)
    async with servers.http(tls) as site:
        allowed = read_allowed(f"https://hooks.example.com:{site.port}, https://other.example.com:{site.port}")
        out = guarded(allowed, resolve=Dns(["127.0.0.1"]), ca=tmp_path / "authority.pem")
        assert (await out.post(f"https://hooks.example.com:{site.port}/x", b"{}", {})).status == 200
        assert site.requests[0].headers["host"] == f"hooks.example.com:{site.port}"
        assert asked == ["hooks.example.com"]
        with pytest.raises(Unanswered, match="certificate is not one that we trust"):
            await out.post(f"https://other.example.com:{site.port}/x", b"{}", {})
        with pytest.raises(Unanswered, match="certificate is not one that we trust"):
            await guarded(allowed, resolve=Dns(["127.0.0.1"])).post(
                f"https://hooks.example.com:{site.port}/x", b"{}", {}
            )
    assert len(site.requests) == 1


async def test_redirect_is_not_followed(guarded: Make, server: servers.Http) -> None:
    server.reply = lambda _: answer("302 Found", Location="http://169.254.169.254/latest/meta-data/")
    assert (await guarded(here(server)).post(url(server), b"", {})).status == 302
    assert len(server.requests) == 1


async def test_no_proxy_is_taken_from_the_environment(
    guarded: Make, server: servers.Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with servers.http() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        await guarded(here(server)).post(url(server), b"", {})
    assert (len(server.requests), proxy.connections) == (1, 0)


async def test_answer_is_bounded(guarded: Make, server: servers.Http) -> None:
    server.reply = lambda _: answer("200 OK", b"x" * 1_000_000)
    assert len((await guarded(here(server)).post(url(server), b"", {})).body) == 65_536


async def test_head_of_an_answer_is_bounded(guarded: Make, server: servers.Http) -> None:
    server.reply = lambda _: answer("200 OK", X="x" * 1_000_000)
    with pytest.raises(Unanswered):
        await guarded(here(server)).post(url(server), b"", {})


async def test_packed_answer_is_not_unpacked(guarded: Make, server: servers.Http) -> None:
    server.reply = lambda _: answer("200 OK", b"\x1f\x8b packed", Content_Encoding="gzip")
    assert (await guarded(here(server)).post(url(server), b"", {})).body == b"\x1f\x8b packed"


async def test_host_that_never_answers_costs_seconds(guarded: Make, server: servers.Http) -> None:
    server.reply = lambda _: None
    with pytest.raises(Unanswered, match=r"within 0\.3 s"):
        await guarded(here(server), seconds=0.3).post(url(server), b"", {})


async def test_name_that_does_not_exist_is_unanswered(guarded: Make) -> None:
    async def nobody(_: str) -> Sequence[str]:
        raise OSError("no such host hooks.example.com")

    with pytest.raises(Unanswered, match="cannot be reached") as raised:
        await guarded(resolve=nobody).post("https://hooks.example.com/", b"", {})
    assert "example" not in str(raised.value)


async def test_broken_answer_is_unanswered(guarded: Make, server: servers.Http) -> None:
    server.reply = lambda _: b"\x00\x01 gibberish\r\n\r\n"
    with pytest.raises(Unanswered, match="broke off"):
        await guarded(here(server)).post(url(server), b"", {})


async def test_host_that_never_answers_holds_up_no_other(guarded: Make, server: servers.Http) -> None:
    server.reply = lambda _: None
    async with servers.http() as other:
        both = Allowed(here(server).origins | here(other).origins)
        out = guarded(both, seconds=5)
        waiting = [asyncio.create_task(out.post(url(server), b"", {})) for _ in range(20)]

        async def are_waiting() -> bool:
            return len(server.requests) == 20

        await until(are_waiting, "twenty messages wait for the host that never answers")
        assert (await out.post(url(other), b"", {})).status == 200
        assert not any(one.done() for one in waiting)
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def begun() -> None:
    """Let the loop begin with all tasks there are, and with those that they make."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_names_that_hang_hold_up_nobody_elses_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mail server's name is resolved in the loop's own threads."""
    go = threading.Event()

    def hang(*_: object, **__: object) -> list[object]:
        go.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    resolve = Resolver()
    waiting = [asyncio.create_task(resolve(f"slow{number}.example")) for number in range(50)]
    try:
        await begun()
        assert await asyncio.wait_for(asyncio.to_thread(lambda: "free"), 10) == "free"
        assert not any(one.done() for one in waiting)
    finally:
        go.set()
        await asyncio.gather(*waiting)


async def test_name_that_hangs_holds_up_no_other_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as there are workers ask for it; whoever gives up takes the answer from nobody else."""
    go, asked = threading.Event(), list[str]()

    def answer_unless_it_is_dead(host: str, *_: object, **__: object) -> list[object]:
        asked.append(host)
        if host == "dead.example":
            go.wait(30)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", answer_unless_it_is_dead)
    resolve = Resolver()
    waiting = [asyncio.create_task(resolve("dead.example")) for _ in range(60)]
    try:
        await begun()
        assert await asyncio.wait_for(resolve("live.example"), 10) == ["192.0.2.1"]
        waiting[0].cancel()
    finally:
        go.set()
        answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert answers[1:] == [["192.0.2.1"]] * 59
    assert asked.count("dead.example") == 1
    await resolve("dead.example")
    assert asked.count("dead.example") == 2, "what DNS said is not kept"


async def test_connection_is_used_again(guarded: Make, server: servers.Http) -> None:
    out = guarded(here(server))
    for _ in range(3):
        await out.post(url(server), b"{}", {})
    await out.close()
    assert (len(server.requests), server.connections) == (3, 1)


async def test_networks_that_are_allowed_are_reached_by_name_and_those_beside_them_are_not() -> None:
    allowed = read_allowed("10.1.0.0/16, fd00:1::/32")
    reaches = [allowed.reaches(read_address(one), Origin("https", "x", 443)) for one in ("10.1.2.3", "fd00:1::9")]
    assert reaches == [True, True]
    assert not allowed.reaches(read_address("10.2.0.1"), Origin("https", "x", 443))


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "fd00:ec2::254"])
def test_trusted_name_does_not_open_the_clouds_own_addresses(address: str) -> None:
    origin = Origin("https", "hooks.internal", 443)
    assert not Allowed(frozenset({origin})).reaches(read_address(address), origin)


@pytest.mark.parametrize(
    "written", ["hooks.internal", "https://hooks.internal/x", "ftp://x", "10.0.0.1/8", "http://127.1"]
)
def test_setting_that_is_neither_origin_nor_network_is_said(written: str) -> None:
    with pytest.raises(ValueError, match=r"origin|host"):
        read_allowed(written)
