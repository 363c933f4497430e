"""`amicable plan`: shows and writes what the reader may read; every mistake is a sentence; nothing is overwritten."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from amicable import migrate
from services.action_plans.documents.kinds import KINDS
from tests.cli.conftest import Shell
from tests.conftest import PASSWORDS
from tests.services.action_plans import documented
from tests.services.action_plans.plans import read
from tests.services.action_plans.workshop import Bench

Pool = Any


@pytest.fixture
def reader(own_database: str, tmp_path: Path) -> dict[str, str]:
    """The environment in which commands read a database of one's own, as the reader."""
    name = own_database.rpartition("/")[2]
    dsn = migrate.with_database(own_database, name, user=migrate.READER, password=PASSWORDS[migrate.READER])
    file = tmp_path / "addresses.json"
    file.write_text(json.dumps({"kafka": "localhost:1", "database": dsn, "operator": dsn, "services": {}}))
    return {"AMICABLE_ADDRESSES": str(file), "ACTION_PLANS_COMPANY": documented.US}


async def test_plan_is_shown_and_written_in_every_format(
    pool: Pool, shell: Shell, reader: dict[str, str], tmp_path: Path
) -> None:
    await documented.document(Bench(pool))
    shown = shell.type("plan", "show", "acme", **reader)
    assert (shown.code, shown.err) == (0, "")
    for fact in (
        "The plan of Acme Logistics GmbH and Nordwind",
        "Version 2, in force",
        "4. Train both shifts of the dispatch",
        "How both sides have kept to it",
    ):
        assert fact in shown.out
    assert "INTERNAL" not in shown.out
    told = json.loads(shell.type("plan", "show", "acme", "--json", **reader).out)
    assert (told["version"], told["customer"]) == (2, documented.THEM)
    for name in KINDS:
        file = tmp_path / f"plan.{name}"
        typed = shell.type("plan", "export", "acme", "--format", name, "--out", str(file), **reader)
        assert (typed.code, typed.err) == (0, "")
        assert "Nordwind" in read(name, file.read_bytes())
        again = shell.type("plan", "export", "acme", "--format", name, "--out", str(file), **reader)
        assert again.code != 0
        assert again.err == f"{file} is there already: name another file with --out, or overwrite it with --force."
    typed = shell.type("plan", "export", "acme", "--out", str(tmp_path / "plan.pdf"), "--force", **reader)
    assert typed.code == 0
    typed = shell.type("plan", "export", "acme", "--format", "md", "--out", "-", **reader)
    assert typed.out.startswith("# The plan of Acme Logistics GmbH and Nordwind\n")


async def test_evidence_is_the_writers_own_file(
    pool: Pool, shell: Shell, reader: dict[str, str], tmp_path: Path
) -> None:
    await documented.document(Bench(pool))
    file = tmp_path / "evidence.zip"
    typed = shell.type("plan", "export", "acme", "--format", "evidence", "--out", str(file), **reader)
    assert (typed.code, typed.err) == (0, "Internal: this is not for the customer.")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_what_is_not_there_is_said(pool: Pool, shell: Shell, reader: dict[str, str]) -> None:
    bench = Bench(pool)
    typed = shell.type("plan", "show", "acme", **reader)
    assert (typed.code, typed.out, typed.err) == (1, "", "There is no customer acme.")
    await bench.announce()
    typed = shell.type("plan", "export", "acme", **reader)
    assert (typed.code, typed.err) == (1, "The customer acme has no case, and never had one.")
    await bench.risk()
    typed = shell.type("plan", "export", "acme", **reader)
    assert (typed.code, typed.err) == (
        1,
        "The case of acme has no plan yet: a version has to be proposed before there is one.",
    )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--format", "odt"), "There is no format odt: choose one of pdf, docx, md, html, ics, evidence."),
        (("--out", "-"), "pdf is no text for a terminal: name a file with --out."),
        (("--format", "evidence", "--out", "-"), "evidence is no text for a terminal: name a file with --out."),
        (("--private-notes",), "Private notes go into the evidence pack alone: leave out --private-notes."),
    ],
)
def test_mistake_is_a_sentence(shell: Shell, words: tuple[str, ...], says: str) -> None:
    typed = shell.type("plan", "export", "acme", *words)
    assert (typed.code, typed.out, typed.err) == (2, "", says)
