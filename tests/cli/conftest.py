"""How tests type commands, and a system that `amicable dev` runs for them."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

AMICABLE = [sys.executable, "-m", "amicable"]


@dataclass(frozen=True)
class Typed:
    """What a command said: exit code, standard output, standard error with its line breaks as spaces."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Shell:
    """A terminal in which AMICABLE_HOME is set."""

    home: Path

    def type(self, *words: str, stdin: str = "", **environment: str) -> Typed:
        """Run `amicable WORDS` to its end."""
        done = subprocess.run(
            [*AMICABLE, *words], input=stdin, env=self.environment(**environment), capture_output=True, text=True,
            timeout=180, check=False,
        )  # fmt: skip
        return Typed(done.returncode, done.stdout, re.sub(r"\s+", " ", done.stderr).strip())

    def start(self, *words: str, log: Path) -> subprocess.Popen[bytes]:
        """Start `amicable WORDS`, its output in `log`."""
        with log.open("wb") as output:
            return subprocess.Popen([*AMICABLE, *words], env=self.environment(), stdout=output, stderr=output)

    def environment(self, **more: str) -> dict[str, str]:
        """What the command sees."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AMICABLE_")}
        return {**kept, "AMICABLE_HOME": str(self.home), "COLUMNS": "200", **more}


def wait_for(condition: Callable[[], bool], what: str, patience: float = 90) -> None:
    """Wait until the condition is true."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience:.0f} s in vain: {what}")
        time.sleep(0.1)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A terminal in a folder where nothing runs."""
    return Shell(tmp_path / "home")


@contextmanager
def running_dev(folder: Path) -> Iterator[Shell]:
    """Run `amicable dev --clock driven` in the folder for a while; yields a terminal beside it."""
    terminal = Shell(folder / "home")
    process = terminal.start("dev", "--clock", "driven", log=folder / "dev.log")
    try:
        ready = terminal.type("status", "--wait", "120", "--json")
        assert ready.code == 0, (folder / "dev.log").read_text()
        yield terminal
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


@pytest.fixture(scope="package")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A terminal beside a running `amicable dev --clock driven`, in a folder with a space."""
    with running_dev(tmp_path_factory.mktemp("a folder")) as terminal:
        yield terminal
