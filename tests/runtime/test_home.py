"""One folder holds the state of one run, and keeps it to itself."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from amicable.runtime.errors import RuntimeProblem
from amicable.runtime.home import Home

HOLD = """
import signal, sys
from pathlib import Path
from amicable.runtime.home import Home
with Home(Path(sys.argv[1])).lock():
    print("holding", flush=True)
    signal.pause()
"""


@pytest.fixture
def holder(home: Home) -> subprocess.Popen[str]:
    """Another process that holds the home; the test ends it."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, home.root], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    with process.stdout:
        assert process.stdout.readline() == "holding\n"
    return process


def test_home_is_the_folder_that_the_environment_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMICABLE_HOME", str(tmp_path / "elsewhere"))
    assert Home.find().root == tmp_path / "elsewhere"


def test_home_lies_in_the_current_folder_where_nothing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AMICABLE_HOME", "")
    assert Home.find().root == tmp_path / ".amicable"


def test_second_run_is_refused_with_the_pid_of_the_first(home: Home, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(RuntimeProblem, match=rf"is in use by the process {holder.pid}\."), home.lock():
        pass
    holder.kill()
    holder.wait()


def test_killed_run_holds_nothing(home: Home, holder: subprocess.Popen[str]) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with home.lock():
        pass


def test_secrets_are_made_once_and_only_the_owner_reads_them(home: Home) -> None:
    first = home.secrets(["postgres_admin", "notifications"])
    second = home.secrets(["notifications", "health_scoring"])
    assert second["notifications"] == first["notifications"]
    assert len({*first.values(), *second.values()}) == 3
    assert stat.S_IMODE((home.root / "secrets.json").stat().st_mode) == 0o600


def test_folders_are_closed_to_others(home: Home) -> None:
    for folder in (home.root, home.postgres, home.kafka, home.logs, home.mail):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_home_that_is_a_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    with pytest.raises(RuntimeProblem, match=r"cannot be used .* Set AMICABLE_HOME to a folder that you may write to"):
        _ = Home(path).logs


def test_what_runs_is_read_while_it_runs(home: Home) -> None:
    with home.lock():
        home.write_run({"parts": {}})
        assert home.read_run() == {"pid": os.getpid(), "parts": {}}
    assert home.read_run() is None, "what a killed run left behind was taken for running"


def test_run_that_ends_while_it_is_read_is_none(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def ends_just_now() -> bool:
        home.forget_run()
        return True

    home.write_run({"parts": {}})
    monkeypatch.setattr(home, "_is_held", ends_just_now)
    assert home.read_run() is None


def test_what_a_killed_run_left_is_not_read_while_the_next_one_starts(home: Home) -> None:
    with subprocess.Popen(["true"]) as killed:
        pass
    home.write_run({"pid": killed.pid})
    with home.lock():
        assert home.read_run() is None
