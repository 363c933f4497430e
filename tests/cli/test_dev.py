"""`amicable dev`: keeps its state, stops cleanly, recovers from being killed, and forgets when told to."""

import json
import signal
import subprocess
from pathlib import Path

import psutil

from tests.cli.conftest import Shell, wait_for


def children_of(shell: Shell) -> list[int]:
    """The processes on record in the home."""
    records = (shell.home / "processes").glob("*.json")
    return [json.loads(record.read_text())["pid"] for record in records]


def is_up(shell: Shell) -> bool:
    return shell.type("status", "--wait", "120").code == 0


def test_state_survives_a_stop_and_a_kill_and_a_damaged_clock_is_said(shell: Shell, tmp_path: Path) -> None:
    """Ctrl-C, start, kill -9, start: the same database each time, and nothing of the former runs."""
    log = tmp_path / "dev.log"
    first = shell.start("dev", log=log)
    assert is_up(shell), log.read_text()
    made = shell.type("db", "new-epoch", "notifications", "--json")
    epoch = json.loads(made.out)["epoch"]
    children = children_of(shell)
    assert len(children) >= 7

    first.send_signal(signal.SIGINT)
    assert first.wait(60) == 0, log.read_text()
    assert not [pid for pid in children if psutil.pid_exists(pid)]

    second = shell.start("dev", log=log)
    assert is_up(shell), log.read_text()
    orphans = children_of(shell)
    second.kill()
    second.wait(10)
    wait_for(lambda: not [pid for pid in orphans if alive(pid)], "the kernel ends the children of a killed dev")

    third = shell.start("dev", "--clock", "driven", log=log)
    assert is_up(shell), log.read_text()
    made = shell.type("db", "new-epoch", "notifications", "--json")
    assert json.loads(made.out)["epoch"] > epoch
    _says_that_its_clock_is_damaged(shell, third, log)


def _says_that_its_clock_is_damaged(shell: Shell, process: subprocess.Popen[bytes], log: Path) -> None:
    """Every service goes by it, so they end; what is said is why, not which of them was the first."""
    (shell.home / "clock").write_text("tomorrow")
    assert process.wait(60) == 3
    *_, before, last = log.read_text().splitlines()
    assert before == "everything is up; Ctrl-C stops it"
    assert last.startswith(f"The clock file {shell.home / 'clock'} does not hold a moment")
    assert last.endswith("write one into it, or remove it to go by the real time.")


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


def test_ephemeral_forgets_and_leaves_what_is_kept_alone(shell: Shell, tmp_path: Path) -> None:
    log = tmp_path / "dev.log"
    passing = shell.start("dev", "--ephemeral", log=log)
    assert is_up(shell), log.read_text()
    assert not (shell.home / "postgres").exists()
    stop(passing)
    assert not (shell.home / "ephemeral" / "postgres").exists()
    assert not (shell.home / "ephemeral" / "kafka").exists()


def test_clock_that_was_driven_ahead_is_not_turned_back(shell: Shell) -> None:
    shell.home.mkdir(mode=0o700)
    (shell.home / "clock").write_text("2999-01-01T00:00:00+00:00")
    typed = shell.type("dev")
    assert typed.code == 1
    assert "it only moves forward" in typed.out
    assert (shell.home / "clock").exists()
