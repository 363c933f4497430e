"""Breaks each promise in a copy of the project, and requires that the test named for it fails.

`python -m tests.mutants.run` runs them all (names choose some), on one Kafka and one PostgreSQL;
`--check` only proves that every patch applies and that its test exists.
"""

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import asyncpg
from anyio.from_thread import start_blocking_portal

from amicable.runtime.home import Home
from amicable.runtime.kafka import running_kafka
from amicable.runtime.postgres import running_postgres

ROOT = Path(__file__).parents[2]
SECONDS = 240.0  # for one test
NOT_BEHAVIOUR = ("ImportError", "ModuleNotFoundError", "SyntaxError", "NameError", "IndentationError")


@dataclass(frozen=True)
class Mutant:
    """A patch that breaks a promise, and the test that must notice."""

    patch: Path
    promise: str
    test: str

    @property
    def name(self) -> str:
        """What it is called."""
        return self.patch.stem


def mutants(names: Sequence[str] = ()) -> list[Mutant]:
    """Return the mutants, all or the named ones; SystemExit where a patch does not say what it is."""
    found = []
    for patch in sorted(Path(__file__).parent.glob("*.patch")):
        said = dict(re.findall(r"^# (promise|test): (.+)$", patch.read_text(), re.MULTILINE))
        if said.keys() != {"promise", "test"}:
            sys.exit(f"{patch.name} must begin with `# promise: …` and `# test: tests/….py::test_…`.")
        if not names or patch.stem in names:
            found.append(Mutant(patch, said["promise"].strip(), said["test"].strip()))
    if missing := set(names) - {mutant.name for mutant in found}:
        sys.exit(f"There is no mutant {', '.join(sorted(missing))}.")
    return found


def problem(mutant: Mutant) -> str | None:
    """Return what is wrong with a mutant: it does not apply, or its test is not there."""
    applied = subprocess.run(
        ["git", "apply", "--check", mutant.patch], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if applied.returncode != 0:
        return f"does not apply: {applied.stderr.strip().splitlines()[0]}"
    file, _, test = mutant.test.partition("::")
    if not (ROOT / file).is_file():
        return f"names no file: {file}"
    name = test.partition("[")[0].rpartition("::")[2]
    if not re.search(rf"^ *(async )?def {re.escape(name)}\(", (ROOT / file).read_text(), re.MULTILINE):
        return f"names no test: {test}"
    return None


def check() -> int:
    """Prove that every patch applies and names an existing test; returns the exit code."""
    every = mutants()
    with ThreadPoolExecutor(4) as workers:
        wrong = [(mutant, why) for mutant, why in zip(every, workers.map(problem, every), strict=True) if why]
    for mutant, why in wrong:
        print(f"tests/mutants/{mutant.patch.name} {why}", file=sys.stderr)  # noqa: T201
    return 1 if wrong else 0


def run(names: Sequence[str]) -> int:
    """Require every mutant's test to pass without the patch and to fail with it; returns the exit code."""
    chosen = mutants(names)
    with tempfile.TemporaryDirectory() as folder, _backing_services(Path(folder)) as environment:
        _copy(Path(folder, "sound"))
        tests = sorted({mutant.test for mutant in chosen})
        print(f"{len(tests)} tests on the sound project …", flush=True)  # noqa: T201
        verdicts = _verdicts(Path(folder, "sound"), tests, environment, SECONDS * len(tests))
        bad = [f"{name}: {verdict}" for name, verdict in verdicts.items() if verdict != "passed"]
        if bad or not verdicts:
            print("They must pass first:", *bad[:10], sep="\n  ")  # noqa: T201
            return 1
        survivors = 0
        for mutant in chosen:
            started = time.monotonic()
            verdict = _verdict(mutant, Path(folder, mutant.name), environment)
            survivors += verdict != "caught"
            took = time.monotonic() - started
            print(f"{verdict:9} {took:4.0f} s  {mutant.name}: {mutant.promise}", flush=True)  # noqa: T201
    print(f"{len(chosen) - survivors} of {len(chosen)} caught")  # noqa: T201
    return 1 if survivors else 0


def _verdict(mutant: Mutant, folder: Path, environment: dict[str, str]) -> str:
    _copy(folder)
    subprocess.run(["git", "apply", mutant.patch], cwd=folder, check=True)
    other_schema = re.search(r"^diff .*(/migrations/|roles\.sql)", mutant.patch.read_text(), re.MULTILINE)
    if other_schema:
        asyncio.run(_forget_databases(environment["AMICABLE_TEST_POSTGRES"]))
    verdicts = _verdicts(folder, [mutant.test], environment, SECONDS)
    if other_schema:
        asyncio.run(_forget_databases(environment["AMICABLE_TEST_POSTGRES"]))
    shutil.rmtree(folder)
    if any(verdict == "failed" for verdict in verdicts.values()):
        return "caught"
    return "SURVIVED" if verdicts and set(verdicts.values()) == {"passed"} else "BROKEN"


def _verdicts(folder: Path, tests: Sequence[str], environment: dict[str, str], seconds: float) -> dict[str, str]:
    """Run tests in a copy; return passed, failed (by what the code does), broken or skipped by test."""
    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *tests]
    try:
        subprocess.run(
            command, cwd=folder, env={**environment, "PYTHONPATH": str(folder)}, capture_output=True,
            timeout=seconds, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"all": "too slow"}
    if not report.is_file():
        return {}
    cases = ElementTree.parse(report).iter("testcase")  # noqa: S314  # written by our own pytest
    return {f"{case.get('classname')}.{case.get('name')}": _of(case) for case in cases}


def _of(case: ElementTree.Element) -> str:
    failure = case.find("failure")
    if failure is not None:
        return "broken" if (failure.get("message") or "").startswith(NOT_BEHAVIOUR) else "failed"
    return "broken" if case.find("error") is not None else "skipped" if case.find("skipped") is not None else "passed"


async def _forget_databases(server: str) -> None:
    """Drop what tests made with another schema: those that follow make it anew."""
    admin = await asyncpg.connect(server)
    for name in ("amicable_template", "amicable_system"):
        await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    await admin.close()


def _copy(folder: Path) -> None:
    """Copy the project as it is in the working tree, without what git ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


@contextmanager
def _backing_services(folder: Path) -> Iterator[dict[str, str]]:
    """One Kafka and one PostgreSQL for all mutants, those given by the environment or local ones."""
    environment = {**os.environ, "AMICABLE_TEST_PATIENCE": os.environ.get("AMICABLE_TEST_PATIENCE", "30")}
    if {"AMICABLE_TEST_KAFKA", "AMICABLE_TEST_POSTGRES"} <= environment.keys():
        yield environment
        return
    home = Home(folder / "home")
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(running_kafka(home, wanted_port=None)) as kafka,
        portal.wrap_async_context_manager(running_postgres(home, wanted_port=None, durable=False)) as postgres,
    ):
        yield {**environment, "AMICABLE_TEST_KAFKA": kafka.address, "AMICABLE_TEST_POSTGRES": postgres.address}


if __name__ == "__main__":
    sys.exit(check() if sys.argv[1:] == ["--check"] else run(sys.argv[1:]))
