"""Finds Debian's Chromium, or fetches it: root installs it, everybody else unpacks it into the project's folder."""

import os
import shutil
import subprocess
from pathlib import Path

from filelock import FileLock

ROOT = Path(__file__).parents[2]
HERE = ROOT / ".amicable" / "chromium"
NEEDED = ("chromium", "fonts-dejavu-core")
_PLACES = ("/usr/bin/chromium",)
_LIBRARIES = ("lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu", "lib/aarch64-linux-gnu", "usr/lib/aarch64-linux-gnu")


def executable() -> Path:
    """Return Chromium's program; it is fetched where there is none. RuntimeError where that is not possible."""
    found = _installed()
    if found is not None:
        return found
    HERE.mkdir(parents=True, exist_ok=True)
    with FileLock(HERE / "lock"):  # of several test processes one fetches it
        found = _installed()
        if found is None:
            _fetch()
            found = _installed()
    if found is None:
        raise RuntimeError("Chromium was fetched, and is not there: name one in AMICABLE_CHROMIUM.")
    return found


def _installed() -> Path | None:
    unpacked = HERE / "run"
    places = (os.environ.get("AMICABLE_CHROMIUM", ""), shutil.which("chromium") or "", *_PLACES, str(unpacked))
    return next((Path(place) for place in places if place and Path(place).is_file()), None)


def _fetch() -> None:
    if shutil.which("apt-get") is None:
        raise RuntimeError("There is no Chromium here, and no apt-get to fetch it: name one in AMICABLE_CHROMIUM.")
    if os.geteuid() == 0:
        _run("apt-get", "update")
        _run("apt-get", "install", "--yes", "--no-install-recommends", *NEEDED)
    else:
        unpack(HERE)


def unpack(folder: Path) -> None:
    """Download Chromium's Debian packages with all that they need, and unpack them; nothing is installed."""
    state, cache, root = folder / "state", folder / "cache", folder / "root"
    for needed in (state / "lists/partial", cache / "archives/partial"):
        needed.mkdir(parents=True, exist_ok=True)
    (state / "status").touch()  # as if nothing were installed, so that every library is fetched
    own = [
        "-o", f"Dir::State={state}", "-o", f"Dir::State::status={state / 'status'}", "-o", f"Dir::Cache={cache}",
        "-o", "APT::Sandbox::User=", "-o", "Debug::NoLocking=true",
    ]  # fmt: skip
    _run("apt-get", *own, "update")
    _run("apt-get", *own, "install", "--yes", "--download-only", "--no-install-recommends", *NEEDED)
    for package in (cache / "archives").glob("*.deb"):
        _run("dpkg-deb", "--extract", str(package), str(root))
    libraries = ":".join(str(root / place) for place in _LIBRARIES)
    run = folder / "run"
    run.write_text(
        f'#!/bin/sh\nexport LD_LIBRARY_PATH="{libraries}"\nexec "{root}/usr/lib/chromium/chromium" --no-sandbox "$@"\n'
    )
    run.chmod(0o755)
    shutil.rmtree(cache)


def _run(*words: str) -> None:
    done = subprocess.run(
        words, capture_output=True, text=True, check=False, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(words[:2])} failed, so there is no Chromium: {done.stderr[-500:]}")
