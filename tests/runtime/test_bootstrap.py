"""Where the project cannot be set up, one sentence says what is missing."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
NEEDED = ["deploy/bootstrap", "pyproject.toml", "requirements/develop.txt", "amicable/runtime/kafka_jars.txt"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the set-up reads, at a path with a space."""
    for name in NEEDED:
        target = tmp_path / "my work" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, target)
    return tmp_path / "my work"


def set_up(checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [checkout / "deploy" / "bootstrap"]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)


def python_that(checkout: Path, script: str) -> str:
    path = checkout / "a python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_missing_python_is_told(checkout: Path) -> None:
    done = set_up(checkout, PYTHON="no-such-python")
    assert done.returncode == 1
    assert done.stderr == "amicable: no-such-python is not installed: Python 3.11 or newer is needed.\n"


def test_old_python_is_told_with_its_version(checkout: Path) -> None:
    old = python_that(checkout, '[ "$1" = --version ] && echo Python 3.9.2 || exit 1')
    done = set_up(checkout, PYTHON=old)
    assert done.returncode == 1
    assert done.stderr.startswith("amicable: Python 3.9.2 is too old: Python 3.11 or newer is needed.")


def test_python_without_virtual_environments_is_told_with_the_package_to_install(checkout: Path) -> None:
    bare = python_that(checkout, 'case "$2" in *venv*) exit 1 ;; esac')
    done = set_up(checkout, PYTHON=bare)
    assert done.returncode == 1
    assert done.stderr.endswith("cannot make virtual environments. On Debian: apt-get install python3-venv\n")


def test_set_up_that_failed_is_not_taken_for_done(checkout: Path) -> None:
    set_up(checkout, PYTHON="no-such-python")
    assert set_up(checkout, PYTHON="no-such-python").returncode == 1
