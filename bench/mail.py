"""Mails a second: letters are written and handed to an SMTP server in a process of its own, over 20 connections.

`python -m bench.mail [NUMBER]`; the server keeps nothing and is as fast as one process of Python's aiosmtpd is.
"""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import psutil

from amicable.runtime import ports
from services.notifications.channels.smtp import CONNECTIONS, Server, Smtp
from services.notifications.domain.parcel import Parcel
from services.notifications.domain.recipient import Recipient
from services.notifications.letters import letter

NUMBER = 5_000
RECIPIENT = Recipient("ana", "Ana Ruiz", "ana@example.com", "Europe/Madrid")
LINK = "https://amicable.example/customers/northwind-foods"
SAYS = {
    "customer": "Northwind Foods",
    "reasons": ["Reports opened fell by 41 % in four weeks.", "Their sponsor left on 2 March."],
    "link": LINK,
    "fewer": "https://amicable.example/choices/dG9rZW4",
}


def main() -> None:
    """Measure, and print one line."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else NUMBER
    with _server() as port:
        before = _cpu()
        seconds = asyncio.run(_send(port, number))
    own = _cpu() - before
    sys.stdout.write(
        f"{number} mails over {CONNECTIONS} connections in {seconds:.1f} s: {number / seconds:.0f} a second, "
        f"{number / own:.0f} per second of our own CPU; memory {psutil.Process().memory_info().rss // 2**20} MiB\n"
    )


async def _send(port: int, number: int) -> float:
    channel = Smtp(Server("127.0.0.1", port, tls="off"), "amicable@example.com")
    left = iter(range(number))

    async def work() -> None:
        for one in left:
            await channel.send(_parcel(one))

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(CONNECTIONS)))
    seconds = time.perf_counter() - began
    await channel.close()
    return seconds


def _parcel(number: int) -> Parcel:
    now = datetime.now(UTC)
    written = letter.write("case_opened", {**SAYS, "when": now}, RECIPIENT)
    return Parcel(
        f"bench-{number}", RECIPIENT.email, RECIPIENT.name, written.subject, written.text, written.html,
        {}, written.attachments, {}, LINK, "high", now,
    )  # fmt: skip


def _cpu() -> float:
    times = psutil.Process().cpu_times()
    return times.user + times.system


@contextmanager
def _server() -> Iterator[int]:
    port = ports.choose()
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Sink"]
    with subprocess.Popen(command) as server:
        try:
            _wait(port)
            yield port
        finally:
            server.terminate()


def _wait(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    sys.exit("The SMTP server did not start.")


if __name__ == "__main__":
    main()
