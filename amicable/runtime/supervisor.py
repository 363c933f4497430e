"""Runs parts together: starts them as early as they can, watches them, stops them in the opposite order."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console

from amicable.runtime.errors import RuntimeProblem
from amicable.runtime.home import Home
from amicable.runtime.parts import Addresses, Part
from amicable.runtime.processes import Child, end_leftovers
from amicable.runtime.running import Running

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Story = Callable[[Addresses], Awaitable[int]]
"""What is done while all parts are up; given their addresses, it returns the exit code."""


async def supervise(home: Home, parts: Sequence[Part], console: Console, story: Story | None = None) -> int:
    """Runs the parts until the story is over, or where there is none until Ctrl-C (or SIGTERM, or the terminal closes).

    Prints one line for each part once it is up. Ctrl-C cancels the story and stops the parts, each after those that
    come after it; a second Ctrl-C kills what has not ended by then. While all parts are up, the home's `run.json`
    holds `pid`, `parts` (name to what is shown) and `addresses`.

    Returns:
        The story's exit code; 0 after Ctrl-C; the problem's if a part did not start or died, which is printed with
        the end of its log.

    Raises:
        RuntimeProblem: another run has the home, or the story failed with it.
    """
    run = _Run(home, parts, console)
    with _signals(run.interrupt), home.lock():
        home.forget_run()
        for name in await end_leftovers(home):
            run.print(f"{name} was still running from a run that was killed; it has been ended")
        return 0 if run.stopping.is_set() else await run.until_over(story)


class _Run:
    def __init__(self, home: Home, parts: Sequence[Part], console: Console) -> None:
        self.home = home
        self.parts = parts
        self.console = console
        self.width = max((len(part.name) for part in parts), default=0)
        self.addresses: dict[str, str] = {}
        self.shown: dict[str, str] = {}
        self.up = {part.name: asyncio.Event() for part in parts}
        self.ended = {part.name: asyncio.Event() for part in parts}
        self.stopping = asyncio.Event()
        self.running: list[Running] = []
        self.code: int | None = None  # of what ended it
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def until_over(self, story: Story | None) -> int:
        self.tasks = {part.name: asyncio.create_task(self._live(part)) for part in self.parts}
        try:
            code = await self._unless_stopping(self._tell(story))
        finally:
            self.stop()
            await asyncio.wait(self.tasks.values())
            self.home.forget_run()
        for task in self.tasks.values():
            if not task.cancelled():
                task.result()  # a mistake of ours shows here, with its traceback
        return self.code or code or 0

    def interrupt(self) -> None:
        """Ctrl-C: the first one stops, the second one kills."""
        if self.stopping.is_set():
            for running in self.running:
                if running.child is not None:
                    running.child.kill()
            for task in self.tasks.values():
                task.cancel()
        else:
            self.stop()
            self.print("stopping; Ctrl-C again to kill")

    def stop(self) -> None:
        """Has every part end; one that is not up yet has nobody to wait for."""
        if self.stopping.is_set():
            return
        self.stopping.set()
        for name, task in self.tasks.items():
            if not self.up[name].is_set():
                task.cancel()

    async def _tell(self, story: Story | None) -> int:
        for up in self.up.values():
            await up.wait()
        self.home.write_run({"parts": self.shown, "addresses": self.addresses})
        if story is None:
            self.print("everything is up; Ctrl-C stops it")
            await self.stopping.wait()
            return 0
        return await story(self.addresses)

    async def _live(self, part: Part) -> None:
        """A part's whole life: waits for those it needs, runs, ends after those that need it."""
        try:
            for name in part.after:
                await self.up[name].wait()
            started = time.monotonic()
            async with part.start(dict(self.addresses)) as running:
                self._is_up(part, running, time.monotonic() - started)
                await self._unless_stopping(self._watch(running))
                for other in self.parts:
                    if part.name in other.after:
                        await self.ended[other.name].wait()
        except RuntimeProblem as problem:
            self._fail(problem)
        except asyncio.CancelledError:
            pass  # it was not up yet, or it was killed; either is an end
        except Exception:
            self._fail(RuntimeProblem(f"{part.name} failed"))
            raise
        finally:
            self.ended[part.name].set()

    async def _watch(self, running: Running) -> None:
        """Ends the run if the part's process ends."""
        if running.child is None:
            await self.stopping.wait()
            return
        code = await running.child.wait()
        if not self.stopping.is_set():
            self._fail(self._cause(running.child, code))

    def _cause(self, child: Child, code: int) -> RuntimeProblem:
        """What a child that ended had gone by and cannot be used any more; else that it ended, with its log."""
        try:
            for running in self.running:
                running.require_sound()
        except RuntimeProblem as problem:
            return problem
        return child.problem(f"ended unexpectedly, with exit code {code}")

    async def _unless_stopping(self, work: Coroutine[Any, Any, int] | Coroutine[Any, Any, None]) -> int | None:
        """The work's result, or None where the run is stopped before."""
        task = asyncio.create_task(work)
        stopping = asyncio.create_task(self.stopping.wait())
        try:
            await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            await stopping
            return None
        finally:
            task.cancel()
            stopping.cancel()
            await asyncio.wait({task, stopping})

    def _is_up(self, part: Part, running: Running, seconds: float) -> None:
        self.addresses |= {part.name: running.address, **running.others}
        self.shown[part.name] = running.shown
        self.running.append(running)
        self.print(f"{part.name:<{self.width}}  {seconds:5.1f} s  {running.shown}")
        self.up[part.name].set()

    def _fail(self, problem: RuntimeProblem) -> None:
        if self.code is None:
            self.code = problem.code
        self.stop()  # first: where nothing can be printed, it stops too
        self.print(str(problem))

    def print(self, text: str) -> None:
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def _signals(handler: Callable[[], None]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in _STOP_SIGNALS:
        loop.add_signal_handler(number, handler)
    try:
        yield
    finally:
        for number in _STOP_SIGNALS:
            loop.remove_signal_handler(number)
