"""The one way out over HTTP: to public hosts alone, at the address that was looked at, with bounded answers.

A name is resolved when the connection is made, every address that it has is judged, and the connection goes to one of
those very addresses (Host and SNI stay the name), so that what is looked at is what is connected to. No redirect is
followed, no proxy is taken from the environment, no cookie is kept.
"""

import asyncio
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpcore

from services.notifications.channels.addresses import Address, Allowed, Origin, read_address
from services.notifications.channels.hosts import Hosts
from services.notifications.channels.resolving import Resolve, Resolver
from services.notifications.channels.urls import Refused, read_target

SECONDS = 10.0  # for all of it
SECONDS_TO_RESOLVE = 5.0
SECONDS_TO_CONNECT = 3.0  # to one address
MOST_BYTES = 65_536  # of an answer
MOST_ADDRESSES = 4  # of a host, tried one after the other
CONNECTIONS = 100  # more than messages are on their way at once, so that a slow host holds up no other

_SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]


class Unanswered(Exception):
    """Nobody answered in time, or not in HTTP; the text says what happened, without the URL."""


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the headers (names in small letters), and as much of the body as we take."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class GuardedHttp:
    """Posts to where people asked for it, and nowhere else."""

    def __init__(
        self,
        allowed: Allowed | None = None,
        *,
        hosts: Hosts | None = None,
        resolve: Resolve | None = None,
        ca: Path | None = None,
        seconds: float = SECONDS,
    ) -> None:
        """Nothing is connected before the first message.

        hosts: those that people may name, besides the origins that are allowed; without it, none. resolve: asks for
        the addresses of a host; without it, the system. ca: whom to trust besides the system's authorities.
        """
        self._allowed = allowed or Allowed()
        self._hosts = hosts or Hosts()
        self._seconds = seconds
        tls = ssl.create_default_context()
        if ca is not None:
            tls.load_verify_locations(ca)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=CONNECTIONS,
            keepalive_expiry=30.0,
            http1=True,
            http2=False,
            network_backend=_Pinned(self._allowed, resolve or Resolver()),
        )

    def host(self, url: str) -> str:
        """Return the host of the URL. Raises Refused."""
        return self._target(url)[0].host

    def _target(self, url: str) -> tuple[Origin, str]:
        origin, path = read_target(url, self._allowed)
        if not self._hosts.admit(origin.host) and not self._allowed.names(origin):
            raise Refused("the host is none that an administrator has named (NOTIFICATIONS_OUTBOUND_HOSTS)")
        return origin, path

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post the body. Raises Refused where nothing is sent, and Unanswered where no answer came."""
        origin, path = self._target(url)
        target = httpcore.URL(
            scheme=origin.scheme.encode(), host=origin.host.encode(), port=origin.port, target=path.encode()
        )
        ours = {"Host": _host_header(origin), "User-Agent": "Amicable", "Content-Length": str(len(body))}
        sent = list({**headers, **ours}.items())
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._pool.stream("POST", target, headers=sent, content=body) as response,
            ):
                return Answer(response.status, _readable(response.headers), await _beginning(response))
        except Refused:
            raise
        except (httpcore.TimeoutException, TimeoutError):
            raise Unanswered(f"the host did not answer within {self._seconds:g} s") from None
        except httpcore.ConnectError as error:
            raise Unanswered(_why_unconnected(error)) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            raise Unanswered(f"the host broke off ({type(error).__name__})") from None

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.aclose()


class _Pinned(httpcore.AsyncNetworkBackend):
    """Connects to an address of the host that may be reached; a host with any other address is not connected to."""

    def __init__(self, allowed: Allowed, resolve: Resolve) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109  # the whole has one
        local_address: str | None = None,
        socket_options: Iterable[_SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, judge and connect; the name is not resolved again."""
        addresses = await self._addresses(host)
        if not all(self._may_reach(address, host, port) for address in addresses):
            raise Refused("the host is, or may be, in a network that we do not send to; an administrator can allow it")
        problem: Exception = httpcore.ConnectError("no address")
        for address in addresses[:MOST_ADDRESSES]:
            try:
                return await self._network.connect_tcp(
                    str(address), port, SECONDS_TO_CONNECT, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
        raise problem

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    def _may_reach(self, address: Address, host: str, port: int) -> bool:
        return any(self._allowed.reaches(address, Origin(scheme, host, port)) for scheme in ("https", "http"))

    async def _addresses(self, host: str) -> list[Address]:
        try:
            return [read_address(host)]
        except ValueError:
            pass
        try:
            found = await asyncio.wait_for(self._resolve(host), SECONDS_TO_RESOLVE)
            return [read_address(one) for one in found]
        except TimeoutError:
            raise httpcore.ConnectTimeout("the name was not resolved in time") from None
        except (OSError, UnicodeError):
            raise httpcore.ConnectError("no such name") from None
        except ValueError:  # an address with a zone
            raise Refused("the host has an address that is not one of the Internet") from None


async def _beginning(response: httpcore.Response) -> bytes:
    """Return the beginning of the body; the rest is not read, and the connection then not used again."""
    body = bytearray()
    async for part in response.aiter_stream():
        body += part
        if len(body) >= MOST_BYTES:
            break
    return bytes(body[:MOST_BYTES])


def _readable(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}


def _host_header(origin: Origin) -> str:
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    usual = {"https": 443, "http": 80}[origin.scheme]
    return host if origin.port == usual else f"{host}:{origin.port}"


def _why_unconnected(error: httpcore.ConnectError) -> str:
    if isinstance(error.__cause__ or error.__context__, ssl.SSLError):
        return "the host's certificate is not one that we trust"
    return "the host cannot be reached"
