"""Finds Debian's Chromium, or fetches it: not as root, unpacked into the project's folder."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
HERE = ROOT / ".amicable" / "chromium"
_PLACES = ("/usr/bin/chromium",)


def executable() -> Path:
    """Return Chromium's program; it is fetched where there is none. RuntimeError where that is not possible."""
    for place in (os.environ.get("AMICABLE_CHROMIUM", ""), shutil.which("chromium") or "", *_PLACES):
        if place and Path(place).is_file():
            return Path(place)
    unpacked = HERE / "run"
    if not unpacked.is_file():
        _fetch()
    return unpacked


def _fetch() -> None:
    """Download Chromium's Debian packages and those that they need, and unpack them; nothing is installed."""
    if shutil.which("apt-get") is None:
        raise RuntimeError("There is no Chromium here, and no apt-get to fetch it: name one in AMICABLE_CHROMIUM.")
    packages = HERE / "packages"
    packages.mkdir(parents=True, exist_ok=True)
    listed = subprocess.run(
        ["apt-cache", "depends", "--recurse", "--no-recommends", "--no-suggests", "--no-conflicts", "--no-breaks",
         "--no-replaces", "--no-enhances", "chromium", "fonts-dejavu-core"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    names = sorted({line for line in listed.splitlines() if line and line[0].isalnum()})
    subprocess.run(["apt-get", "download", *names], check=True, cwd=packages, capture_output=True)
    root = HERE / "root"
    for package in packages.glob("*.deb"):
        subprocess.run(["dpkg-deb", "--extract", package, root], check=True)
    libraries = ":".join(str(root / place) for place in ("lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu"))
    run = HERE / "run"
    run.write_text(
        f'#!/bin/sh\nexport LD_LIBRARY_PATH="{libraries}"\nexec "{root}/usr/lib/chromium/chromium" --no-sandbox "$@"\n'
    )
    run.chmod(0o755)
    shutil.rmtree(packages)
