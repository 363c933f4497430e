"""A mail server or a receiver of webhooks as a process of its own, which answers as it is told, and may be killed.

`python -m tests.services.notifications.outside smtp|http PORT [CERTIFICATE]`: lines of JSON on its standard input tell
it what to answer from now on (`{"replies": …}`); each is answered by what it has got.
"""

import asyncio
import json
import ssl
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.services.notifications.channels import servers


async def serve(kind: str, port: int, certificate: str | None) -> None:
    """Serve until killed."""
    tls = None
    if certificate is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
    desk = servers.Smtp() if kind == "smtp" else servers.Http()
    await asyncio.start_server(desk.serve, "127.0.0.1", port, ssl=tls)
    told = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(told), sys.stdin)
    _say("ready")
    while line := await told.readline():
        _obey(desk, json.loads(line).get("replies"))
        _say(_got(desk))


def _say(what: object) -> None:
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


def _obey(desk: servers.Smtp | servers.Http, replies: dict[str, Any] | None) -> None:
    if replies is None:
        return
    if isinstance(desk, servers.Smtp):
        desk.replies = {**servers.USUAL, **replies}
        return
    taken = servers.answer("200 OK")

    def reply(request: servers.Request) -> bytes | None:
        said = replies.get(request.line.split()[1], replies.get("*", ""))
        if said is None:
            return None
        return said.encode() if said else taken

    desk.reply = reply


def _got(desk: servers.Smtp | servers.Http) -> list[str]:
    """Return the ids of what it has taken, or been asked to take."""
    if isinstance(desk, servers.Smtp):
        lines = [line for mail in desk.mails for line in mail.decode().split("\r\n")]
        return [line.partition(": <")[2].partition("@")[0] for line in lines if line.startswith("Message-ID: ")]
    return [f"{one.line.split()[1]} {one.headers['webhook-id']}" for one in desk.requests]


@dataclass
class Outside:
    """Such a process. port: the same after each start."""

    kind: str
    port: int
    certificate: Path | None = None
    before: list[str] = field(default_factory=list)

    def start(self) -> None:
        """Start it, and wait until it serves."""
        command = [sys.executable, "-m", __name__, self.kind, str(self.port)]
        command += [str(self.certificate)] if self.certificate else []
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._read()

    def kill(self) -> None:
        """kill -9."""
        self.before = self.got()
        self.process.kill()
        self.process.communicate()

    def answers(self, **replies: str | None) -> None:
        """Have it answer so from now on; as usual where nothing is said."""
        self._say({"replies": replies})

    def got(self) -> list[str]:
        """Return what it has got, by id; what it had before it was killed too."""
        return [*self.before, *self._say({})]

    def _say(self, what: dict[str, Any]) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{json.dumps(what)}\n")
        self.process.stdin.flush()
        return self._read()

    def _read(self) -> Any:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None))
