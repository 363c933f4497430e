"""The state folder: where everything that runs from a checkout keeps its data, logs, secrets and addresses."""

import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock, Timeout

from amicable.runtime.errors import RuntimeProblem


class Home:
    """A folder that only its owner can read. Its parts are created when they are first asked for."""

    def __init__(self, root: Path) -> None:
        """Takes the folder as it is; nothing is created yet."""
        self.root = root.absolute()

    @classmethod
    def find(cls) -> "Home":
        """The folder that AMICABLE_HOME names, or `.amicable` in the current folder."""
        named = os.environ.get("AMICABLE_HOME") or ".amicable"
        try:
            return cls(Path(named).expanduser())
        except RuntimeError:  # ~somebody, or ~ where this user has no home
            raise RuntimeProblem(f"AMICABLE_HOME is {named}, and there is no such user's home here.") from None

    @property
    def clock(self) -> Path:
        """The file that drives the clock of all processes (`shared/clock.py`)."""
        return self.folder() / "clock"

    @property
    def kafka(self) -> Path:
        """Kafka's settings and data."""
        return self.folder("kafka")

    @property
    def postgres(self) -> Path:
        """PostgreSQL's data."""
        return self.folder("postgres")

    @property
    def mail(self) -> Path:
        """The caught mails, one `.eml` file each."""
        return self.folder("mail")

    @property
    def logs(self) -> Path:
        """One log for every process, `NAME.log`; the one of the run before is `NAME.previous.log`."""
        return self.folder("logs")

    @property
    def processes(self) -> Path:
        """One record for every running process (`processes.py`)."""
        return self.folder("processes")

    def folder(self, name: str = "") -> Path:
        """The folder of this name below the home, created with mode 0700 where it is missing."""
        path = self.root / name
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise _unusable(path, error.strerror or str(error)) from error
        if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
            raise _unusable(path, "no permission")
        return path

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Holds the home for this process: two runs in one folder would write over each other's data.

        The lock is the kernel's, so it goes when its holder does, however that ends.

        Raises:
            RuntimeProblem: another process holds it; the sentence names its pid.
        """
        holder = self.folder() / "holder"
        lock = FileLock(self.root / "lock")
        try:
            lock.acquire(timeout=0.5)  # longer than `_is_held` has it
        except Timeout:
            pid = holder.read_text().strip() if holder.exists() else "unknown"
            raise RuntimeProblem(
                f"{self.root} is in use by the process {pid}. Stop that first, or set AMICABLE_HOME to another folder."
            ) from None
        try:
            holder.write_text(str(os.getpid()))
            yield
        finally:
            holder.unlink(missing_ok=True)
            lock.release()

    def secrets(self, names: Iterable[str]) -> dict[str, str]:
        """A random secret for each name: made when it is first asked for, kept in a file of mode 0600."""
        path = self.folder() / "secrets.json"
        known = read_json(path) if path.exists() else {}
        wanted = list(names)
        missing = {name: secrets.token_urlsafe(24) for name in wanted if name not in known}
        if missing:
            known |= missing
            write_json(path, known)
        return {name: known[name] for name in wanted}

    def write_run(self, details: Mapping[str, Any]) -> None:
        """Says in `run.json` what runs from this folder, in this process, and where it can be reached."""
        write_json(self.folder() / "run.json", {"pid": os.getpid(), **details})

    def read_run(self) -> dict[str, Any] | None:
        """What runs from this folder, or None where nothing does (whatever a run that was killed left behind)."""
        path = self.root / "run.json"
        if not path.exists() or not self._is_held():
            return None
        try:
            details = read_json(path)
        except FileNotFoundError:  # it has ended, or a new run is beginning, just now
            return None
        return details if psutil.pid_exists(details["pid"]) else None  # the holder may be a new run, still starting

    def forget_run(self) -> None:
        """Says that nothing runs from this folder any more."""
        (self.root / "run.json").unlink(missing_ok=True)

    def _is_held(self) -> bool:
        lock = FileLock(self.root / "lock")
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return True
        lock.release()
        return False


def _unusable(path: Path, reason: str) -> RuntimeProblem:
    return RuntimeProblem(
        f"The state folder {path} cannot be used ({reason}). Set AMICABLE_HOME to a folder that you may write to."
    )


def read_json(path: Path) -> dict[str, Any]:
    """Reads what `write_json` wrote; RuntimeProblem where somebody else wrote something else."""
    try:
        found = json.loads(path.read_text())
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise RuntimeProblem(f"{path} is damaged: it does not hold a JSON object.")
    return found


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Replaces a JSON file as a whole; a reader sees the old or the new one, and nobody else sees any."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file, indent=2)
    new.replace(path)
