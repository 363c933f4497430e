"""notifications at work without Kafka, which kills itself (kill -9) after it has handed over the second mail.

`python -m tests.chaos.hand_over DSN SMTP_PORT KILLS`: so many times one after the other, between the hand-over and its
note, where a crash repeats; then once to the end. Prints how each ended. What is loaded is loaded once, and forked.
"""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from services.notifications import publishing
from services.notifications.addressing import Addressing
from services.notifications.channels.smtp import Server, Smtp
from services.notifications.delivery import Post
from services.notifications.domain.parcel import Parcel
from services.notifications.rules.reading import shipped_rules
from services.notifications.writing import ANYWHERE, Writer
from shared import database
from shared.database import BUCKETS
from tests.deployment import until

_DONE = """
    SELECT NOT EXISTS (SELECT FROM deliveries WHERE NOT published)
       AND NOT EXISTS (SELECT FROM tellings WHERE state = 'new')
"""


class Dying(Smtp):
    """The mail channel of a process that dies after so many mails."""

    left = 0

    async def send(self, parcel: Parcel) -> None:
        """Hand it over, and die where it was the last one."""
        await super().send(parcel)
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class Parts:
    """What the loops need."""

    buckets = tuple(range(BUCKETS))

    def __init__(self, pool: Any) -> None:
        self.pool = pool
        self.holder = uuid4()
        self.leases = self

    def clock(self) -> datetime:
        """Return the real time."""
        return datetime.now(UTC)


async def work(dsn: str, port: int, after: int) -> None:
    """Work until it dies, or until nothing is left."""
    async with database.create_pool(dsn, schema="notifications", connections=4) as pool:
        parts: Any = Parts(pool)
        smtp = Dying(Server("127.0.0.1", port, tls="off"), "amicable@example.com")
        smtp.left = after
        noted = asyncio.Event()
        post = Post(parts, smtp, Writer(shipped_rules(), domains=ANYWHERE), workers=4, noted=noted)
        addressing = Addressing(parts, frozenset({"mail"}), 1000, [post.wake])
        loops = [asyncio.create_task(one) for one in (addressing.run(), post.run(), publishing.run(parts, noted))]
        await until(lambda: pool.fetchval(_DONE), "every notice is published")
        for loop in loops:
            loop.cancel()


def run(dsn: str, port: int, after: int) -> int:
    """Work in a process of its own; returns how it ended."""
    child = os.fork()
    if child == 0:
        asyncio.run(work(dsn, port, after))
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    ends = [run(sys.argv[1], int(sys.argv[2]), 2) for _ in range(int(sys.argv[3]))]
    ends.append(run(sys.argv[1], int(sys.argv[2]), 10**9))
    print("ended:", *ends)  # noqa: T201  # this is the output
