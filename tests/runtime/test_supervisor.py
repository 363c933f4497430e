"""Whatever ends a run, it ends whole, and the next one starts from what it kept."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from amicable.runtime.home import Home
from tests.runtime.waiting import PATIENCE, is_alive, wait_until

Start = Callable[[str], subprocess.Popen[str]]


@pytest.fixture
def start(home: Home) -> Iterator[Start]:
    """Starts an example run of a kind (`example_run.py`) in the home; it does not outlive the test."""
    begun: list[subprocess.Popen[str]] = []

    def begin(kind: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.runtime.example_run", str(home.root), kind]
        run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        begun.append(run)
        return run

    yield begin
    for run in begun:
        run.kill()
        run.communicate()


def is_up(home: Home) -> dict[str, Any] | None:
    return home.read_run()


def children(home: Home) -> dict[str, int]:
    return {record.stem: json.loads(record.read_text())["pid"] for record in home.processes.glob("*.json")}


def output(run: subprocess.Popen[str]) -> str:
    try:
        return run.communicate(timeout=PATIENCE)[0]
    except subprocess.TimeoutExpired:
        run.kill()
        pytest.fail(f"the run did not end; it said:\n{run.communicate()[0]}")


def test_killed_run_leaves_nothing_behind_and_the_next_one_recovers(home: Home, start: Start) -> None:
    first = start("whole")
    wait_until(lambda: is_up(home), "the first run")
    left = children(home)
    assert set(left) == {"kafka", "postgres", "mail", "worker"}
    first.kill()
    first.wait()
    wait_until(lambda: not any(is_alive(pid) for pid in left.values()), "the end of its processes")
    second = start("whole")
    wait_until(lambda: is_up(home), "the second run")
    second.send_signal(signal.SIGINT)
    told = output(second)
    assert second.returncode == 0, told
    assert "2 addresses" not in told, "the mail catcher and the worker have addresses too"
    for name in ("kafka", "postgres", "mail", "worker", "set-up"):
        assert f"\n{name}" in f"\n{told}"


def test_what_runs_is_on_record_while_it_runs(home: Home, start: Start) -> None:
    run = start("hanging")
    wait_until(lambda: "worker" in children(home), "the worker")
    assert is_up(home) is None, "a run that is not up yet was taken for one that is"
    run.terminate()
    output(run)
    run = start("stubborn")
    wait_until(lambda: is_up(home), "the run")
    assert is_up(home) == {"pid": run.pid, "parts": {"stubborn": "stubborn"}, "addresses": {"stubborn": "stubborn"}}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_parts_stop_before_what_they_need(home: Home, start: Start, number: signal.Signals) -> None:
    run = start("hanging")
    wait_until(lambda: "worker" in children(home), "the worker")
    wait_until(lambda: "at work" in (home.logs / "worker.log").read_text(), "the worker's work")
    pids = children(home).values()
    run.send_signal(number)
    output(run)
    assert run.returncode == 0
    assert (home.logs / "worker.log").read_text().endswith("ended before what it needs\n")
    assert not any(is_alive(pid) for pid in pids)
    assert not children(home)


def test_part_that_dies_ends_the_run_and_is_named_with_the_end_of_its_log(home: Home, start: Start) -> None:
    run = start("dying")
    told = output(run)
    assert run.returncode == 3
    assert "dying ended unexpectedly, with exit code 1" in told
    assert str(home.logs / "dying.log") in told
    assert "no more" in told
    assert (home.logs / "worker.log").read_text().endswith("ended before what it needs\n")


def test_step_that_fails_ends_the_run_with_its_sentence(home: Home, start: Start) -> None:
    run = start("failing")
    assert output(run).endswith("the third migration is wrong\n")
    assert run.returncode == 3
    assert not children(home)


def test_second_ctrl_c_kills_what_does_not_end(home: Home, start: Start) -> None:
    run = start("stubborn")
    wait_until(lambda: is_up(home), "the run")
    pid = children(home)["stubborn"]
    assert run.stdout
    run.send_signal(signal.SIGINT)
    while "Ctrl-C again" not in run.stdout.readline():
        assert run.poll() is None
    run.send_signal(signal.SIGINT)
    output(run)
    assert not is_alive(pid)
    assert run.returncode == 0


def test_second_run_in_the_same_home_is_refused_in_a_sentence(home: Home, start: Start) -> None:
    first = start("stubborn")
    wait_until(lambda: is_up(home), "the first run")
    second = start("stubborn")
    assert output(second) == (
        f"{home.root} is in use by the process {first.pid}. Stop that first, or set AMICABLE_HOME to another folder.\n"
    )
    assert second.returncode == 2
    assert is_alive(children(home)["stubborn"])


def test_story_is_told_once_all_parts_are_up_and_gives_the_exit_code(start: Start) -> None:
    run = start("story")
    assert "told with ['mail', 'smtp', 'worker']\n" in output(run)
    assert run.returncode == 7
