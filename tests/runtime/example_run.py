"""Small runs for the tests to end in every way: `python -m tests.runtime.example_run HOME KIND`."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from rich.console import Console

from amicable.runtime.errors import RuntimeProblem
from amicable.runtime.home import Home
from amicable.runtime.parts import Addresses, Part, kafka_part, mail_part, postgres_part, step
from amicable.runtime.processes import running
from amicable.runtime.running import Running
from amicable.runtime.supervisor import Story, supervise

# Says, when it is asked to end, whether the mail catcher that it needs is still there.
WORKER = """
import signal, socket, sys
def end(*_):
    socket.create_connection(("127.0.0.1", int(sys.argv[1]))).close()
    sys.exit("ended before what it needs")
signal.signal(signal.SIGTERM, end)
print("at work", flush=True)
signal.pause()
"""
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('at work', flush=True); signal.pause()"
DYING = "raise SystemExit('no more')"


def process(home: Home, name: str, program: str, after: tuple[str, ...] = ()) -> Part:
    """A part that is up once its program says something, or has ended."""

    @asynccontextmanager
    async def start(addresses: Addresses) -> AsyncIterator[Running]:
        smtp = addresses.get("smtp", "").rpartition(":")[2]
        async with running(home, name, [sys.executable, "-c", program, smtp], patience=600) as child:
            while not child.has_ended and not child.log.read_text():  # noqa: ASYNC110  a log has no event
                await asyncio.sleep(0.02)
            yield Running(name, name, child)

    return Part(name, start, after)


def parts_of(home: Home, kind: str) -> list[Part]:
    """The parts of each kind of run."""

    async def fail(_: Addresses) -> str:
        raise RuntimeProblem("the third migration is wrong")

    async def count(addresses: Addresses) -> str:
        return f"{len(addresses)} addresses"

    async def hang(_: Addresses) -> str:
        await asyncio.Event().wait()
        return ""

    worker = process(home, "worker", WORKER, after=("mail",))
    mail = mail_part(home, None, None)
    return {
        "whole": [
            *(kafka_part(home, None), postgres_part(home, None), mail, worker),
            step("set-up", count, ["kafka", "postgres"]),
        ],
        "dying": [mail, worker, process(home, "dying", DYING, after=("worker",))],
        "failing": [mail, worker, step("set-up", fail, ["worker"])],
        "hanging": [mail, worker, step("set-up", hang, ["worker"])],
        "stubborn": [process(home, "stubborn", STUBBORN)],
        "story": [mail, worker],
    }[kind]


async def story(addresses: Addresses) -> int:
    """Tells what it was given, and an exit code of its own."""
    sys.stdout.write(f"told with {sorted(addresses)}\n")
    return 7


async def _main() -> int:
    home = Home(Path(sys.argv[1]))
    kind = sys.argv[2]
    told: Story | None = story if kind == "story" else None
    try:
        return await supervise(home, parts_of(home, kind), Console(), told)
    except RuntimeProblem as problem:
        sys.stdout.write(f"{problem}\n")
        return 2


if __name__ == "__main__":
    sys.exit(asyncio.run(_main()))
