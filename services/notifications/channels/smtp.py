"""Mail over SMTP: up to 20 connections that are kept open, and what each of the server's answers means."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import aiosmtplib

from services.notifications.channels.channel import Permanent, Throttled, Transient, Unreachable
from services.notifications.channels.mail import compose, flattened, recipient
from services.notifications.domain.parcel import Parcel

CONNECTIONS = 20
IDLE_SECONDS = 30.0  # servers hang up after minutes, and a firewall in between says nothing when it does
MAILS_PER_CONNECTION = 100  # some servers refuse the rest
SECONDS_PER_COMMAND = 15.0
SECONDS_PER_MAIL = 60.0

_WANTS_FEWER = frozenset({421, 450, 451, 452})
_DOES_NOT_LET_US_IN = frozenset({530, 534, 535, 538})  # our settings are wrong, not the message
_TOO_LARGE = frozenset({523, 552})


@dataclass(frozen=True)
class Server:
    """Where mails are handed over. tls: STARTTLS, from the first byte on (port 465), or off; ca: who signs for it."""

    host: str
    port: int
    tls: Literal["starttls", "implicit", "off"] = "starttls"
    user: str | None = None
    password: str | None = None
    ca: Path | None = None


@dataclass
class _Connection:
    client: aiosmtplib.SMTP
    mails: int = 0
    used_at: float = field(default_factory=time.monotonic)

    @property
    def is_fresh(self) -> bool:
        """Whether it is worth being used again."""
        return (
            self.client.is_connected
            and self.mails < MAILS_PER_CONNECTION
            and time.monotonic() - self.used_at < IDLE_SECONDS
        )


class Smtp:
    """A mail server. A connection on which anything went wrong is not used again."""

    name = "mail"

    def __init__(self, server: Server, sender: str, *, connections: int = CONNECTIONS) -> None:
        """Nothing is connected before the first message. sender: the address that mails come from."""
        self._server = server
        self._sender = sender
        self._tls = None if server.tls == "off" else ssl.create_default_context(cafile=server.ca)
        self._places = asyncio.Semaphore(connections)
        self._idle: list[_Connection] = []

    def destination(self, parcel: Parcel) -> str:  # noqa: ARG002  # the same for all
        """Return the mail server, whoever the message is for."""
        return self._server.host

    def wrong(self, address: str) -> str | None:  # noqa: ARG002  # whatever it is
        """Say that no address is named here."""
        return "mail goes to the address that people.v1 has: no other is named for it"

    async def send(self, parcel: Parcel) -> None:
        """Hand the message over. Raises Permanent, Throttled or Transient."""
        try:
            mail, address = flattened(compose(parcel, self._sender)), recipient(parcel)
        except ValueError:  # our contract takes more addresses than mail servers do, such as ana@example.org.
            raise Permanent("the address is none that mail can be sent to") from None
        try:
            async with asyncio.timeout(SECONDS_PER_MAIL), self._connection() as client:
                await client.sendmail(self._sender, [address], mail)
        except aiosmtplib.SMTPRecipientsRefused as refused:
            raise _by_code(min((one.code for one in refused.recipients), default=450)) from None
        except aiosmtplib.SMTPSenderRefused as error:
            raise _by_code(error.code) if error.code in _TOO_LARGE else _not_let_in(error.code) from None
        except aiosmtplib.SMTPResponseException as error:
            raise _by_code(error.code) from None
        except ssl.SSLError:
            raise Unreachable("the mail server's certificate is not one that we trust") from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise _unreachable(error) from None

    async def close(self) -> None:
        """Say good-bye to the server on all connections that are idle."""
        idle, self._idle = self._idle, []
        await asyncio.gather(*(_leave(one.client) for one in idle))

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[aiosmtplib.SMTP]:
        """Lend a connection: the one used last, or a new one."""
        async with self._places:
            connection = self._fresh() or await self._connect()
            try:
                yield connection.client
            except BaseException:  # a cancelled one as well: what it would answer next belongs to this message
                connection.client.close()
                raise
            connection.mails += 1
            connection.used_at = time.monotonic()
            self._idle.append(connection)

    def _fresh(self) -> _Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_fresh:
                return connection
            connection.client.close()
        return None

    async def _connect(self) -> _Connection:
        client = aiosmtplib.SMTP(
            hostname=self._server.host,
            port=self._server.port,
            use_tls=self._server.tls == "implicit",
            start_tls=self._server.tls == "starttls",
            tls_context=self._tls,
            username=self._server.user,
            password=self._server.password,
            timeout=SECONDS_PER_COMMAND,
        )
        try:
            await client.connect()
            await client.ehlo()
        except aiosmtplib.SMTPResponseException as error:
            client.close()
            raise _not_let_in(error.code) from None
        return _Connection(client)


async def _leave(client: aiosmtplib.SMTP) -> None:
    try:
        await client.quit(timeout=1)
    except (aiosmtplib.SMTPException, OSError):
        client.close()


def _by_code(code: int) -> Permanent | Throttled | Transient:
    if code in _WANTS_FEWER:
        return Throttled(f"the server put it off ({code})")
    if code in _DOES_NOT_LET_US_IN:
        return _not_let_in(code)
    if 500 <= code < 600:
        return Permanent(f"the server refused it ({code})")
    return Transient(f"the server put it off ({code})")


def _not_let_in(code: int) -> Throttled | Unreachable:
    if code in _WANTS_FEWER:
        return Throttled(f"the server put it off ({code})")
    return Unreachable(f"the server does not let us in ({code})")


def _unreachable(error: Exception) -> Unreachable:
    if isinstance(error.__cause__ or error.__context__, ssl.SSLError):
        return Unreachable("the mail server's certificate is not one that we trust")
    if type(error) is aiosmtplib.SMTPException and "STARTTLS" in str(error):
        return Unreachable("the mail server does not offer STARTTLS")
    return Unreachable(f"the server does not answer ({type(error).__name__})")
