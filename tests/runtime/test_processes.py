"""No child outlives its run, whatever ends that; and nothing else is ever ended."""

import json
import os
import signal
import subprocess
import sys

import pytest

from amicable.runtime.home import Home
from amicable.runtime.processes import end_leftovers, running
from tests.runtime.waiting import eventually, is_alive, wait_until

READY = "print('ready', flush=True); signal.pause()"
OBEDIENT = [sys.executable, "-c", f"import signal; {READY}"]
STUBBORN = [sys.executable, "-c", f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {READY}"]

PARENT = """
import asyncio, signal, sys
from pathlib import Path
from amicable.runtime.home import Home
from amicable.runtime.processes import running
async def main():
    orphan_signal = signal.Signals[sys.argv[2]]
    async with running(Home(Path(sys.argv[1])), "child", sys.argv[3:], orphan_signal=orphan_signal):
        await asyncio.Event().wait()
asyncio.run(main())
"""


def is_ready(home: Home) -> bool:
    log = home.logs / "child.log"
    return log.exists() and log.read_text() == "ready\n"


def child_of_killed_parent(home: Home, command: list[str], orphan_signal: str = "SIGTERM") -> int:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, home.root, orphan_signal, *command])
    record = home.processes / "child.json"
    wait_until(lambda: record.exists() and is_ready(home), "the child")
    child: int = json.loads(record.read_text())["pid"]
    parent.kill()
    parent.wait()
    return child


async def test_child_is_asked_to_end_and_does(home: Home) -> None:
    async with running(home, "child", OBEDIENT) as child:
        await eventually(lambda: is_ready(home), "the child")
    assert await child.wait() == -signal.SIGTERM
    assert not list(home.processes.iterdir())


async def test_child_that_will_not_end_is_killed(home: Home) -> None:
    async with running(home, "child", STUBBORN, patience=0.1) as child:
        await eventually(lambda: is_ready(home), "the child")
    assert await child.wait() == -signal.SIGKILL


async def test_ctrl_c_on_the_terminal_does_not_reach_the_child(home: Home) -> None:
    async with running(home, "child", OBEDIENT) as child:
        assert os.getpgid(child.pid) != os.getpgid(0)
        assert os.getsid(child.pid) != os.getsid(0)


async def test_log_of_the_run_before_is_kept(home: Home) -> None:
    for word in ("first", "second"):
        async with running(home, "child", ["echo", word]) as child:
            await child.wait()
    assert (home.logs / "child.log").read_text() == "second\n"
    assert (home.logs / "child.previous.log").read_text() == "first\n"


async def test_problem_shows_the_end_of_the_log_and_where_it_is(home: Home) -> None:
    async with running(home, "child", ["seq", "100"]) as child:
        await child.wait()
    problem = str(child.problem("ended"))
    assert str(home.logs / "child.log") in problem
    assert problem.endswith("99\n100")
    assert "\n50\n" not in problem


@pytest.mark.parametrize(("command", "orphan_signal"), [(OBEDIENT, "SIGTERM"), (STUBBORN, "SIGKILL")])
def test_child_of_a_killed_parent_ends(home: Home, command: list[str], orphan_signal: str) -> None:
    child = child_of_killed_parent(home, command, orphan_signal)
    wait_until(lambda: not is_alive(child), "the child's end")


async def test_what_survives_its_killed_parent_is_ended_by_the_next_start(home: Home) -> None:
    child = child_of_killed_parent(home, STUBBORN)
    assert is_alive(child)
    async with running(home, "child", OBEDIENT, patience=0.1):
        assert not is_alive(child)


async def test_all_leftovers_are_ended_and_named(home: Home) -> None:
    child = child_of_killed_parent(home, STUBBORN)
    assert await end_leftovers(home, patience=0.1) == ["child"]
    assert not is_alive(child)
    assert await end_leftovers(home) == []


@pytest.mark.parametrize("broken", ["", "{"])
async def test_record_that_was_cut_short_stops_nothing(home: Home, broken: str) -> None:
    (home.processes / "child.json").write_text(broken)
    assert await end_leftovers(home) == []


async def test_process_that_has_a_leftovers_pid_now_is_left_alone(home: Home) -> None:
    async with running(home, "stranger", OBEDIENT) as stranger:
        record = home.processes / "stranger.json"
        identity = json.loads(record.read_text())
        record.write_text(json.dumps(identity | {"created": identity["created"] - 3600}))
        assert await end_leftovers(home) == []
        assert is_alive(stranger.pid)
