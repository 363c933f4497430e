"""Servers on loopback that answer as they are told: SMTP command by command, HTTP request by request."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

USUAL = {
    "connect": "220 here",
    "EHLO": "250 here",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go on",
    "message": "250 taken",
    "QUIT": "221 bye",
    "RSET": "250 ok",
}


@dataclass
class Smtp:
    """An SMTP server. replies: by command; "" hangs up, None never answers."""

    replies: dict[str, str | None] = field(default_factory=lambda: dict(USUAL))
    mails: list[bytes] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    most_open: int = 0
    port: int = 0
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        self.most_open = max(self.open, self.most_open)
        self.writers.append(writer)
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open -= 1
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not await self._say("connect", reader, writer):
            return
        while line := await reader.readline():
            command = line.decode().split()[0].partition(":")[0].upper()
            self.commands.append(line.decode().strip())
            if not await self._say(command, reader, writer):
                return
            if command == "DATA" and (self.replies["DATA"] or "").startswith("354"):
                if self.replies["message"] == "":
                    await reader.read(10)  # the beginning of it
                    return
                mail = await reader.readuntil(b"\r\n.\r\n")
                if (self.replies["message"] or "").startswith("2"):
                    self.mails.append(mail[:-3].replace(b"\r\n..", b"\r\n."))
                if not await self._say("message", reader, writer):
                    return

    async def _say(self, command: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        reply = self.replies[command]
        if reply is None:
            await reader.read()  # until the other side has had enough
            return False
        if not reply:
            return False
        writer.write(f"{reply}\r\n".encode())
        await writer.drain()
        return not reply.startswith("221")


@asynccontextmanager
async def smtp() -> AsyncIterator[Smtp]:
    """A running SMTP server, which offers nothing but mail."""
    desk = Smtp()
    server = await asyncio.start_server(desk.serve, "127.0.0.1", 0)
    desk.port = server.sockets[0].getsockname()[1]
    try:
        yield desk
    finally:
        server.close()
        for writer in desk.writers:
            writer.close()


@dataclass(frozen=True)
class Request:
    """What a client sent."""

    line: str
    headers: dict[str, str]
    body: bytes


Reply = Callable[[Request], bytes | None]


def answer(status: str, body: bytes = b"", **headers: str) -> bytes:
    """Return an HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _set() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclass
class Http:
    """An HTTP server. reply: what it answers, None for never; after half an answer it hangs up. go: it answers once
    this is set, which it is.
    """

    reply: Reply = lambda _: answer("200 OK", b"ok")
    go: asyncio.Event = field(default_factory=_set)
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode("latin-1").strip().split("\r\n")
                headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in lines)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                self.requests.append(Request(first, headers, body))
                await self.go.wait()
                said = self.reply(self.requests[-1])
                if said is None:
                    await reader.read()
                    return
                writer.write(said)
                await writer.drain()
                if b"\r\n\r\n" not in said:  # in the middle of an answer it hangs up
                    return
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def http(tls: ssl.SSLContext | None = None) -> AsyncIterator[Http]:
    """A running HTTP server; over TLS where a context is given."""
    site = Http()
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0, ssl=tls)
    site.port = server.sockets[0].getsockname()[1]
    try:
        yield site
    finally:
        server.close()
