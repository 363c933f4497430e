"""A person's mistake is answered by one sentence and an exit code, never by a traceback."""

import json
import re
import shlex
import socketserver
import subprocess
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from amicable.migrate import ROLES
from tests.cli.conftest import AMICABLE, Shell, Typed

NOTHING = "Nothing runs from"


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["status"], 3, NOTHING),
        (["db", "status"], 3, NOTHING),
        (["db", "migrate"], 3, NOTHING),
        (["topics"], 3, NOTHING),
        (["clock", "show"], 3, NOTHING),
        (["dlq", "list"], 3, NOTHING),
        (["topics", "--kafka", "127.0.0.1:1"], 3, "Kafka does not answer at 127.0.0.1:1"),
        (["topics", "--kafka", "nonsense"], 2, "nonsense is no address of Kafka"),
        (["acls", "--kafka", "::::"], 2, ":::: is no address of Kafka"),
        (["send", "--kafka", "", "-"], 2, "write HOST:PORT"),
        (["topics", "--partitions", "0"], 2, "--partitions"),
        (["dlq", "replay"], 2, "Say which"),
        (["dlq", "show", "health_scoring"], 2, "write SERVICE/NUMBER"),
        (["dlq", "show", "other/1"], 2, "write SERVICE/NUMBER"),
        (["dlq", "list", "--service", "other"], 2, "There is no service other"),
        (["run", "other"], 2, "There is no service other"),
        (["run", "health_scoring"], 2, "HEALTH_SCORING_DATABASE_URL: Field required"),
        (["dev", "--clock", "wrong"], 2, "--clock"),
        (["no-such-command"], 2, "no-such-command"),
        (["db", "new-epoch", "other"], 2, "There is no service other"),
    ],
)
def test_mistake_is_answered_by_a_sentence(shell: Shell, words: list[str], code: int, says: str) -> None:
    typed = shell.type(*words)
    assert (typed.code, says in typed.err) == (code, True), typed
    assert "Traceback" not in typed.out + typed.err


@pytest.mark.parametrize(
    "words",
    [
        ["topics", "--kafka", "127.0.0.1:1"],
        ["acls", "--kafka", "127.0.0.1:1"],
        ["send", "--kafka", "127.0.0.1:1", "-"],
        ["db", "migrate", "--admin", "postgresql://postgres:hidden@127.0.0.1:1/postgres"],
        ["db", "status"],
        ["dlq", "list"],
    ],
    ids=" ".join,
)
def test_silence_is_said_in_the_same_words_everywhere(shell: Shell, tmp_path: Path, words: list[str]) -> None:
    file = tmp_path / "addresses.json"
    dsn = "postgresql://someone:hidden@127.0.0.1:1/amicable"
    file.write_text(json.dumps({"kafka": "127.0.0.1:1", "database": dsn, "operator": dsn, "services": {}}))
    passwords = {f"AMICABLE_PASSWORD_{role.upper()}": "hidden" for role in ROLES}
    typed = shell.type(*words, AMICABLE_ADDRESSES=str(file), **passwords)
    assert typed.code == 3
    assert re.fullmatch(r"(Kafka|Postgres) does not .* at 127\.0\.0\.1:1 \(\w+\): is it running\?", typed.err), typed


@pytest.mark.parametrize("command", ["topics", "acls"])
@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"], ids=["silent", "not Kafka"])
def test_what_is_not_kafka_is_said_soon(shell: Shell, command: str, answer: bytes) -> None:
    with listening(answer) as address:
        began = time.monotonic()
        typed = shell.type(command, "--kafka", address)
        took = time.monotonic() - began
    says = f"What listens at {address} does not answer as Kafka does: check the address, and KAFKA_TLS."
    assert (typed.code, typed.err) == (3, says)
    assert took < 15


@contextmanager
def listening(answer: bytes) -> Iterator[str]:
    """Something that answers every connection with these bytes, and then waits; yields its address."""

    class Server(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.sendall(answer)
            while self.request.recv(1024):
                pass

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Server) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield "{}:{}".format(*server.server_address)
        server.shutdown()


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("DATABASE_URL", "mysql://secret@host/db", "HEALTH_SCORING_DATABASE_URL: "),
        ("KAFKA", "nowhere", "HEALTH_SCORING_KAFKA: "),
        ("HTTP_PORT", "99999", "HEALTH_SCORING_HTTP_PORT: "),
        ("QUIET_SECONDS", "-1", "HEALTH_SCORING_QUIET_SECONDS: "),
    ],
)
def test_wrong_setting_is_named_and_its_value_is_not_shown(shell: Shell, setting: str, value: str, says: str) -> None:
    good = {
        "HEALTH_SCORING_DATABASE_URL": "postgresql://someone:hidden@127.0.0.1:1/amicable",
        "HEALTH_SCORING_KAFKA": "127.0.0.1:1",
        "HEALTH_SCORING_HTTP_PORT": "0",
    }
    typed = shell.type("run", "health_scoring", **{**good, f"HEALTH_SCORING_{setting}": value})
    assert typed.code == 2
    assert typed.err.startswith(f"Wrong settings: {says}")
    assert "secret" not in typed.err
    assert "hidden" not in typed.err


def test_addresses_file_that_is_wrong_is_named(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "addresses.json"
    missing = shell.type("status", AMICABLE_ADDRESSES=str(file))
    file.write_text(json.dumps({"kafka": "127.0.0.1:1"}))
    half = shell.type("status", AMICABLE_ADDRESSES=str(file))
    assert (missing.code, half.code) == (2, 2)
    assert "cannot be read" in missing.err
    assert "does not hold addresses: database: Field required" in half.err


def test_home_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    typed = Shell(tmp_path / "home").type("dev")
    assert typed.code == 3
    assert "cannot be used" in typed.err


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("clock", "clock does not hold a moment"),
        ("secrets.json", "secrets.json is damaged"),
        ("lock/", "lock cannot be used: Is a directory"),
        ("run.json/", "run.json cannot be used: Is a directory"),
    ],
)
def test_damaged_home_is_answered_by_a_sentence(shell: Shell, name: str, says: str) -> None:
    shell.home.mkdir(mode=0o700)
    if name.endswith("/"):
        (shell.home / name).mkdir()
    else:
        (shell.home / name).write_text("nonsense")
    typed = shell.type("dev")
    assert typed.code == 3
    assert says in typed.out + typed.err
    assert "Traceback" not in typed.out + typed.err


def test_home_of_nobody_is_named() -> None:
    typed = Shell(Path("~no-such-user/home")).type("status")
    assert (typed.code, "AMICABLE_HOME is ~no-such-user/home" in typed.err) == (3, True), typed


def test_version_is_that_of_the_package(shell: Shell) -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert shell.type("--version") == Typed(0, f"amicable {project['version']}\n", "")


def redirected(shell: Shell, words: list[str], where: str) -> tuple[int, str]:
    """Run `amicable WORDS WHERE`, such as `> /dev/full`; return its exit code and what it said on standard error."""
    typed = subprocess.run(
        ["sh", "-c", f"exec {shlex.join([*AMICABLE, *words])} {where}"], env=shell.environment(PYTHONUNBUFFERED=""),
        input="", capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return typed.returncode, typed.stderr.strip()


def test_closed_standard_input_is_said(shell: Shell) -> None:
    assert redirected(shell, ["send", "--check", "-"], "<&-") == (2, "Standard input is closed.")


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["send", "--check", "-"],
        ["send", "--check", "--json", "-"],
        ["contracts", "check", "--json"],
        ["dev"],
    ],
    ids=" ".join,
)
def test_full_disk_is_said(shell: Shell, words: list[str]) -> None:
    says = "Standard output cannot be used: No space left on device."
    assert redirected(shell, words, "> /dev/full") == (3, says)


def test_full_disk_leaves_the_exit_code_where_nothing_can_be_said(shell: Shell) -> None:
    assert redirected(shell, ["dlq", "replay"], "> /dev/full 2>&1") == (2, "")


def test_reader_who_has_seen_enough_is_told_nothing(shell: Shell) -> None:
    assert redirected(shell, ["contracts", "check", "--json"], "| true") == (0, "")


def test_closed_standard_output_is_no_mistake(shell: Shell) -> None:
    assert redirected(shell, ["send", "--check", "--json", "-"], ">&-") == (0, "")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["demo"], "Where AMICABLE_ADDRESSES names a running system"),
        (["db", "migrate"], "AMICABLE_PASSWORD_<ROLE>, one for each service, AMICABLE_READER and AMICABLE_OPERATOR."),
        (["run"], "one of health_scoring, action_plans, transition_review, notifications"),
    ],
)
def test_help_is_wrapped_for_the_terminal_alone(shell: Shell, words: list[str], says: str) -> None:
    assert says in shell.type(*words, "--help").out
