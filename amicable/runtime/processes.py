"""Child processes that never outlive their run.

Each has a session of its own, so Ctrl-C on the terminal reaches only the parent, which stops its children in order.
Each gets a signal from the kernel when its parent dies. Each is on record until it has ended, so that whatever a
killed parent leaves behind after all is ended by the next start.
"""

import asyncio
import json
import os
import shutil
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from amicable.runtime.errors import RuntimeProblem
from amicable.runtime.home import Home, write_json

_SHOWN_LINES = 15
_KILLING = 10.0


@dataclass(frozen=True)
class Child:
    """A running child process."""

    name: str
    process: asyncio.subprocess.Process
    log: Path
    stop_signal: signal.Signals

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    @property
    def has_ended(self) -> bool:
        """Whether it has ended."""
        return self.process.returncode is not None

    @property
    def found_port_taken(self) -> bool:
        """Whether it ended because somebody else listened on its port."""
        return self.has_ended and "address already in use" in self.log.read_text(errors="replace").lower()

    def listens_on(self, port: int) -> bool:
        """Whether it is this very child that has the port: another run's server may have been faster."""
        try:
            connections = psutil.Process(self.pid).net_connections("tcp")
        except psutil.Error:
            return False
        return any(one.status == psutil.CONN_LISTEN and one.laddr.port == port for one in connections)

    async def wait(self) -> int:
        """Its exit code, once it has ended."""
        return await self.process.wait()

    def kill(self) -> None:
        """Ends it and what it started, at once."""
        if not self.has_ended:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    async def stop(self, patience: float) -> None:
        """Asks it to end, and kills it after `patience` seconds, or as soon as whoever waits here is cancelled."""
        if not self.has_ended:
            with suppress(ProcessLookupError):
                self.process.send_signal(self.stop_signal)
        try:
            await asyncio.wait_for(self.wait(), patience)
        except (TimeoutError, asyncio.CancelledError) as reason:
            self.kill()
            await self.wait()
            if isinstance(reason, asyncio.CancelledError):
                raise

    def problem(self, what: str) -> RuntimeProblem:
        """The error that says what is wrong with it, where its log is and how that ends."""
        lines = self.log.read_text(errors="replace").splitlines()[-_SHOWN_LINES:]
        return RuntimeProblem("\n".join([f"{self.name} {what}. Its log, {self.log}, ends:", *lines]))


@asynccontextmanager
async def running(  # noqa: PLR0913  one keyword for each thing that differs between programs
    home: Home,
    name: str,
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    prefix: Sequence[str] = (),
    stop_signal: signal.Signals = signal.SIGTERM,
    orphan_signal: signal.Signals = signal.SIGKILL,
    patience: float = 15,
) -> AsyncIterator[Child]:
    """Runs a program, its output in the home's `logs/NAME.log`, and stops it at the end.

    Call it from a thread that lives as long as the program: the kernel takes the end of the thread for the parent's.

    Args:
        home: where its log and its record are.
        name: unique in the home; a leftover of this name is ended first.
        command: the program and its arguments.
        environment: variables added to this process's own.
        folder: its working folder.
        prefix: a `setpriv` command line that changes who it runs as (`postgres.py`).
        stop_signal: what asks it to end.
        orphan_signal: what it gets from the kernel when this process dies.
        patience: seconds it has to end before it is killed.
    """
    await end_leftover(home, name, patience)
    child = await _start(home, name, [*_tie(prefix, orphan_signal), *command], environment, folder, stop_signal)
    record = home.processes / f"{name}.json"
    try:
        with suppress(psutil.NoSuchProcess):  # it may have ended already
            write_json(record, _identity(child))
        yield child
    finally:
        await child.stop(patience)
        record.unlink(missing_ok=True)


async def _start(
    home: Home,
    name: str,
    command: Sequence[str | Path],
    environment: Mapping[str, str] | None,
    folder: Path | None,
    stop_signal: signal.Signals,
) -> Child:
    log = home.logs / f"{name}.log"
    if log.exists():
        log.replace(log.with_suffix(".previous.log"))
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **(environment or {})},
            cwd=folder,
            start_new_session=True,
        )
    return Child(name, process, log, stop_signal)


def _tie(prefix: Sequence[str], orphan_signal: signal.Signals) -> list[str]:
    """The command in front of the program's that has the kernel signal it when this process dies."""
    if not shutil.which("setpriv"):
        return [*prefix]
    return [*(prefix or ["setpriv"]), "--pdeathsig", orphan_signal.name.removeprefix("SIG"), "--"]


async def end_leftovers(home: Home, patience: float = 15) -> list[str]:
    """Ends what a killed run left in this home; returns the names. For the holder of the home's lock only."""
    names = [record.stem for record in home.processes.glob("*.json")]
    return [name for name in names if await end_leftover(home, name, patience)]


async def end_leftover(home: Home, name: str, patience: float) -> bool:
    """Ends the process on record under this name, if it still is that very process; says whether there was one."""
    record = home.processes / f"{name}.json"
    left = _recorded(record)
    if left is not None:
        with suppress(psutil.NoSuchProcess):
            await asyncio.to_thread(_end, *left, patience)
    record.unlink(missing_ok=True)
    return left is not None


def _end(process: psutil.Process, stop_signal: int, patience: float) -> None:
    family = [process, *process.children(recursive=True)]
    process.send_signal(stop_signal)
    _, alive = psutil.wait_procs(family, timeout=patience)
    for survivor in alive:
        with suppress(psutil.NoSuchProcess):
            survivor.kill()
    psutil.wait_procs(alive, timeout=_KILLING)


def _recorded(record: Path) -> tuple[psutil.Process, int] | None:
    try:
        known = json.loads(record.read_text())
        # The time is counted from the boot, whose own time the kernel may correct by a second.
        process = psutil.Process(known["pid"])
        same = abs(process.create_time() - known["created"]) < 2 and process.status() != psutil.STATUS_ZOMBIE
        return (process, known["signal"]) if same else None
    except (FileNotFoundError, json.JSONDecodeError, psutil.NoSuchProcess):
        return None


def _identity(child: Child) -> dict[str, float]:
    """A pid alone may be another process's by the time it is read again."""
    created = psutil.Process(child.pid).create_time()
    return {"pid": child.pid, "created": created, "signal": child.stop_signal}
