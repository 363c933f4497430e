"""docs/architecture/messaging.md names tests and mutants that are there, and the runner's own verdicts are true."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.mutants import run

ROOT = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs/architecture/messaging.md").read_text().splitlines()
    if line.startswith("| ") and "---" not in line
]


def test_every_mutant_that_is_named_is_there() -> None:
    """And every row of promises and traps names one, or says why not."""
    rows = [row for row in ROWS if row[-1] != "mutants"]
    assert len(rows) > 30
    for row in rows:
        named = re.findall(r"`(\w+)`", row[-1])
        assert named or row[0].startswith(("17 ", "18 ")), row[0]
        assert [name for name in named if not (ROOT / f"tests/mutants/{name}.patch").is_file()] == []


def test_every_test_that_is_named_is_there() -> None:
    """Files and functions; `…` stands for the rest of a name."""
    for row in (row for row in ROWS if row[-1] != "mutants"):
        file = ""
        for named in re.findall(r"`((?:\w+/)*(?:test_\w+|…)(?:::\w+…?)?(?:\[\w+\])?)`", row[-2]):
            path, _, name = named.partition("[")[0].partition("::")
            file = file if path == "…" else path
            folder = ROOT / "tests" if "/" in file else ROOT / "tests/shared"
            text = (folder / f"{file}.py").read_text()
            assert not name or f"def {name.rstrip('…')}" in text, named


@pytest.mark.parametrize(
    ("inside", "verdict"),
    [
        ("", "passed"),
        ("<failure message='assert 1 == 2'/>", "failed"),
        ("<failure message='AssertionError: waited 60 s in vain'/>", "failed"),
        ("<failure message='ImportError: cannot import name'/>", "broken"),
        ("<failure message='NameError: name x'/>", "broken"),
        ("<error message='failed on setup'/>", "broken"),
        ("<skipped/>", "skipped"),
    ],
)
def test_only_behaviour_counts_as_a_failure(inside: str, verdict: str) -> None:
    """A patch that merely breaks the import proves nothing."""
    case = ElementTree.fromstring(f"<testcase>{inside}</testcase>")  # noqa: S314  # our own
    assert run._of(case) == verdict
