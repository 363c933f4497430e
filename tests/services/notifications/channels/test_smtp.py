"""Mail on real sockets: what arrives, what each failure means, and that no broken connection is used again."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from amicable.runtime import ports
from services.notifications.channels import smtp as channel
from services.notifications.channels.channel import Permanent, Throttled, Transient, Unreachable
from services.notifications.channels.mail import compose, flattened
from services.notifications.channels.smtp import Server, Smtp
from tests.certificates import certificates
from tests.deployment import Catcher, until
from tests.services.notifications.channels import servers
from tests.services.notifications.channels.parcels import INVITATION, parcel


@pytest.fixture
async def server() -> AsyncIterator[servers.Smtp]:
    async with servers.smtp() as running:
        yield running


To = Callable[..., Smtp]


@pytest.fixture
async def to() -> AsyncIterator[To]:
    """Makes a channel to a server, and closes it."""
    made: list[Smtp] = []

    def make(server: servers.Smtp, **more: Any) -> Smtp:
        made.append(Smtp(Server("127.0.0.1", server.port, tls="off"), "amicable@example.com", **more))
        return made[-1]

    yield make
    for one in made:
        await one.close()


def received(server: servers.Smtp) -> list[EmailMessage]:
    return [message_from_bytes(mail, policy=default) for mail in server.mails]


async def test_mail_has_text_html_calendar_and_headers(to: To, server: servers.Smtp) -> None:
    mail = to(server)
    await mail.send(parcel())
    await mail.close()
    (came,) = received(server)
    text, html = came.get_body(("plain",)), came.get_body(("html",))
    assert text is not None
    assert html is not None
    assert "arrange a candid conversation" in text.get_content()
    assert "arrange a candid conversation" in html.get_content()
    (calendar,) = came.iter_attachments()
    assert (calendar.get_content_type(), calendar.get_param("method"), calendar.get_filename()) == (
        "text/calendar",
        "PUBLISH",
        "meeting.ics",
    )
    assert calendar.get_payload(decode=True) == INVITATION
    assert came["From"] == "Amicable <amicable@example.com>"
    assert came["To"] == "Ana Ruiz <ana@example.com>"
    assert came["List-Unsubscribe"] == "<https://amicable.example/choices/tok>"
    assert came["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert came["Auto-Submitted"] == "auto-generated"
    assert came["Date"].datetime == parcel().sent_at
    assert "RCPT TO:<ana@example.com>" in " ".join(server.commands)


async def test_text_arrives_as_it_is_whatever_its_lines_begin_with(to: To, server: servers.Smtp) -> None:
    said = "From now on:\n.\n..\n>From here\n--\nä = ß\nthe end"
    await to(server).send(parcel(text=said))
    (came,) = received(server)
    text = came.get_body(("plain",))
    assert text is not None
    assert text.get_content().replace("\r\n", "\n").strip() == said


@pytest.mark.parametrize("key", ["n-1", "n:1/ä b@c\r\nX: 1", "x" * 500])
async def test_message_id_is_the_keys_whatever_is_in_it(to: To, server: servers.Smtp, key: str) -> None:
    mail = to(server)
    await mail.send(parcel(key=key))
    await mail.send(parcel(key=key, subject="Again"))
    await mail.send(parcel(key="another"))
    first, again, other = (one["Message-ID"].strip() for one in received(server))
    assert first == again != other
    assert first.startswith("<")
    assert first.endswith("@example.com>")
    assert len(first) < 140


async def test_connections_are_kept_and_used_again(to: To, server: servers.Smtp) -> None:
    mail = to(server)
    for _ in range(10):
        await mail.send(parcel())
    assert (len(server.mails), server.connections) == (10, 1)


async def test_no_more_connections_than_allowed(to: To, server: servers.Smtp) -> None:
    mail = to(server, connections=3)
    await asyncio.gather(*(mail.send(parcel(key=f"n-{number}")) for number in range(30)))
    assert len(server.mails) == 30
    assert server.most_open <= 3


async def test_connection_takes_a_hundred_mails_and_then_another_is_made(to: To, server: servers.Smtp) -> None:
    mail = to(server)
    for number in range(101):
        await mail.send(parcel(key=f"n-{number}"))
    assert server.connections == 2


ANSWERS = [
    ("connect", "421 too busy", Throttled),
    ("connect", "554 not you", Unreachable),
    ("connect", "", Unreachable),
    ("connect", None, Unreachable),
    ("EHLO", "550 who are you", Unreachable),
    ("MAIL", "421 closing", Throttled),
    ("MAIL", "452 too many", Throttled),
    ("MAIL", "550 not this sender", Unreachable),
    ("MAIL", "530 authentication required", Unreachable),
    ("MAIL", "552 too large", Permanent),
    ("MAIL", None, Unreachable),
    ("RCPT", "450 greylisted", Throttled),
    ("RCPT", "451 later", Throttled),
    ("RCPT", "454 later", Transient),
    ("RCPT", "550 no such mailbox ana@example.com", Permanent),
    ("RCPT", "530 authentication required", Unreachable),
    ("RCPT", "", Unreachable),
    ("DATA", "451 later", Throttled),
    ("DATA", "554 spam", Permanent),
    ("message", "452 full", Throttled),
    ("message", "554 spam ana@example.com", Permanent),
    ("message", "", Unreachable),
    ("message", None, Unreachable),
    ("message", "gibberish", Transient),
]


@pytest.mark.parametrize(("command", "reply", "meant"), ANSWERS)
async def test_each_failure_has_its_class_and_its_connection_is_not_used_again(
    to: To,
    server: servers.Smtp,
    command: str,
    reply: str | None,
    meant: type[Exception],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if reply is None:
        monkeypatch.setattr(channel, "SECONDS_PER_COMMAND", 0.3)
    mail = to(server)
    server.replies[command] = reply
    with pytest.raises(meant) as raised:
        await mail.send(parcel())
    monkeypatch.undo()
    assert raised.type is meant
    assert "ana" not in str(raised.value)
    server.replies = dict(servers.USUAL)
    await mail.send(parcel())
    assert len(server.mails) == 1
    assert server.connections == 2


async def test_server_that_is_down_is_a_passing_trouble_and_mail_goes_when_it_is_back() -> None:
    port = ports.choose()
    mail = Smtp(Server("127.0.0.1", port, tls="off"), "amicable@example.com")
    with pytest.raises(Transient):
        await mail.send(parcel())
    desk = servers.Smtp()
    server = await asyncio.start_server(desk.serve, "127.0.0.1", port)
    await mail.send(parcel())
    assert len(desk.mails) == 1
    await mail.close()
    server.close()


async def test_connection_that_the_server_has_closed_meanwhile_costs_no_attempt(to: To, server: servers.Smtp) -> None:
    mail = to(server)
    await mail.send(parcel())
    server.writers[0].close()

    async def is_noticed() -> bool:
        return not mail._idle[0].client.is_connected

    await until(is_noticed, "the end of the connection is noticed")
    await mail.send(parcel())
    assert (len(server.mails), server.connections) == (2, 2)


async def test_cancelled_mail_leaves_no_connection_that_another_could_get(to: To, server: servers.Smtp) -> None:
    mail = to(server, connections=1)
    server.replies["message"] = None
    sending = asyncio.create_task(mail.send(parcel()))

    async def has_begun() -> bool:
        return "DATA" in server.commands

    await until(has_begun, "the message is being sent")
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    server.replies = dict(servers.USUAL)
    await mail.send(parcel())
    assert (len(server.mails), server.connections) == (1, 2)


@pytest.mark.parametrize("address", ["ana@example.org.", "ana@example..org", "añá@example.org", "a@b@c", "a b@c.d", ""])
async def test_address_that_mail_does_not_know_is_refused_for_good(to: To, server: servers.Smtp, address: str) -> None:
    with pytest.raises(Permanent):
        await to(server).send(parcel(address=address))
    assert server.mails == []


def test_header_that_would_be_more_than_one_is_refused() -> None:
    """Whatever is composed: nothing else stands between a text and the headers."""
    mail = compose(parcel(), "amicable@example.com")
    mail["X-Note"] = "a\r\nBcc: eve@evil.example"
    with pytest.raises(ValueError, match="more than one"):
        flattened(mail)


SMUGGLERS = [
    "Ana, eve@evil.example",
    '"Ana" <eve@evil.example>',
    "a\r\nRCPT TO:<eve@evil.example>",
    "=?utf-8?q?a=2C_eve?=",
]


@pytest.mark.parametrize("name", SMUGGLERS)
async def test_mail_goes_to_its_address_whatever_the_name_looks_like(to: To, server: servers.Smtp, name: str) -> None:
    await to(server).send(parcel(name=name))
    assert [one for one in server.commands if one.startswith("RCPT")] == ["RCPT TO:<ana@example.com>"]
    assert [one.addr_spec for one in received(server)[0]["To"].addresses] == ["ana@example.com"]


async def test_host_of_an_address_may_have_other_letters(to: To, server: servers.Smtp) -> None:
    await to(server).send(parcel(address="ana@bücher.example"))
    assert "RCPT TO:<ana@xn--bcher-kva.example>" in server.commands


async def test_header_that_a_message_may_not_choose_is_refused(to: To, server: servers.Smtp) -> None:
    with pytest.raises(Permanent):
        await to(server).send(parcel(headers={"Bcc": "eve@evil.example"}))
    assert server.mails == []


class Guarded:
    """A mail server with TLS and a password."""

    def __init__(self, folder: Path, *names: str) -> None:
        authority, own = certificates(names)
        self.authority = folder / "authority.pem"
        self.authority.write_bytes(authority)
        (folder / "server.pem").write_bytes(own)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(folder / "server.pem")
        self.catcher = Catcher()
        self.running = Controller(
            self.catcher, hostname="127.0.0.1", port=ports.choose(), tls_context=tls, require_starttls=True,
            auth_required=True, authenticator=self._knows,
        )  # fmt: skip

    def _knows(
        self, _server: object, _session: object, _envelope: object, _how: str, said: LoginPassword
    ) -> AuthResult:
        return AuthResult(success=said == LoginPassword(b"amicable", b"secret"), handled=False)

    def channel(self, *, ca: bool = True, password: str = "secret") -> Smtp:  # noqa: S107
        server = Server(
            "127.0.0.1", self.running.port, user="amicable", password=password, ca=self.authority if ca else None
        )
        return Smtp(server, "amicable@example.com")


@pytest.mark.filterwarnings("ignore:.*authenticator.*:UserWarning")
async def test_mail_goes_over_starttls_with_login_and_only_to_a_server_that_we_trust(tmp_path: Path) -> None:
    guarded = Guarded(tmp_path)
    guarded.running.start()
    try:
        mail = guarded.channel()
        await mail.send(parcel())
        await mail.send(parcel())
        await mail.close()
        with pytest.raises(Transient, match="certificate is not one that we trust"):
            await guarded.channel(ca=False).send(parcel())
        with pytest.raises(Transient, match=r"does not let us in \(535\)"):
            await guarded.channel(password="wrong").send(parcel())
    finally:
        guarded.running.stop()
    assert len(guarded.catcher.mails) == 2


async def test_certificate_of_another_host_is_not_trusted(tmp_path: Path) -> None:
    guarded = Guarded(tmp_path, "mail.example.com")
    guarded.running.start()
    try:
        with pytest.raises(Transient, match="certificate is not one that we trust"):
            await guarded.channel().send(parcel())
    finally:
        guarded.running.stop()
    assert guarded.catcher.mails == []


async def test_server_without_starttls_gets_nothing(server: servers.Smtp) -> None:
    with pytest.raises(Transient, match="STARTTLS"):
        await Smtp(Server("127.0.0.1", server.port), "amicable@example.com").send(parcel())
    assert not any(one.startswith(("MAIL", "AUTH")) for one in server.commands)


async def test_tls_from_the_first_byte_on(tmp_path: Path) -> None:
    authority, own = certificates()
    (tmp_path / "authority.pem").write_bytes(authority)
    (tmp_path / "server.pem").write_bytes(own)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "server.pem")
    desk = servers.Smtp()
    running = await asyncio.start_server(desk.serve, "127.0.0.1", 0, ssl=tls)
    port = running.sockets[0].getsockname()[1]
    mail = Smtp(Server("127.0.0.1", port, tls="implicit", ca=tmp_path / "authority.pem"), "amicable@example.com")
    await mail.send(parcel())
    await mail.close()
    running.close()
    assert len(desk.mails) == 1


def test_destination_is_the_server() -> None:
    assert Smtp(Server("mail.example.com", 587), "amicable@example.com").destination(parcel()) == "mail.example.com"
