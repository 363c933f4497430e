"""`amicable transition agenda|preparation|plan|notice`: each in its time, never overwritten; ours say so."""

import json
import stat
from pathlib import Path

import pytest

from amicable import migrate
from shared.database import Pool
from shared.documents.kinds import KINDS
from tests.cli.conftest import Shell
from tests.conftest import PASSWORDS
from tests.services.action_plans.plans import read
from tests.services.transition_review import acme, steps
from tests.services.transition_review.workshop import Bench

pytestmark = pytest.mark.schema("transition_review")
INTERNAL = "Internal: this is not for the customer."


@pytest.fixture
def reader(own_database: str, tmp_path: Path) -> dict[str, str]:
    """The environment in which commands read a database of one's own, as the reader."""
    name = own_database.rpartition("/")[2]
    dsn = migrate.with_database(own_database, name, user=migrate.READER, password=PASSWORDS[migrate.READER])
    file = tmp_path / "addresses.json"
    file.write_text(json.dumps({"kafka": "localhost:1", "database": dsn, "operator": dsn, "services": {}}))
    return {
        "AMICABLE_ADDRESSES": str(file),
        "TRANSITION_REVIEW_COMPANY": "Nordwind",
        "TRANSITION_REVIEW_REACH_US": "Hafenstrasse 1, Hamburg",
    }


async def test_every_document_is_written_and_in_every_format(
    pool: Pool, shell: Shell, reader: dict[str, str], tmp_path: Path
) -> None:
    """Each document in a format of its own; that each can be drawn in all is tried without a command line."""
    await acme.announced(Bench(pool))
    documents = (("agenda", True), ("preparation", True), ("plan", False), ("notice", False))
    for (what, internal), name in zip(documents, KINDS, strict=True):
        file = tmp_path / f"{what}.{name}"
        typed = shell.type("transition", what, "acme", "--format", name, "--out", str(file), **reader)
        assert (typed.code, typed.err) == (0, INTERNAL if internal else "")
        assert ("Internal" in read(name, file.read_bytes())) is internal
        assert "Nordwind" in read(name, file.read_bytes())
        assert stat.S_IMODE(file.stat().st_mode) == (0o600 if internal else 0o644)
    again = shell.type("transition", what, "acme", "--format", name, "--out", str(file), **reader)
    assert again.err == f"{file} is there already: name another file with --out, or overwrite it with --force."
    assert shell.type("transition", what, "acme", "--out", str(file), "--force", **reader).code == 0
    typed = shell.type("transition", "notice", "acme", "--format", "md", "--out", "-", **reader)
    assert typed.out.startswith("# Written notice\n")
    assert "Hafenstrasse 1, Hamburg" in typed.out


async def test_documents_that_are_not_there_yet_are_refused_in_a_sentence(
    pool: Pool, shell: Shell, reader: dict[str, str]
) -> None:
    await steps.approved(Bench(pool))
    for what in ("agenda", "preparation"):
        typed = shell.type("transition", what, "acme", **reader)
        says = "acme, transition t-1: no talk is arranged; it needs that the talk is arranged."
        assert (typed.code, typed.out, typed.err) == (1, "", says)
    for what in ("plan", "notice"):
        typed = shell.type("transition", what, "acme", **reader)
        says = "acme, transition t-1: the ending is not announced yet; it needs that it is announced."
        assert (typed.code, typed.out, typed.err) == (1, "", says)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--format", "odt"), "There is no format odt: choose one of pdf, docx, md, html."),
        (("--out", "-"), "pdf is no text for a terminal: name a file with --out."),
    ],
)
def test_mistakes_are_said_in_a_sentence(shell: Shell, words: tuple[str, ...], says: str) -> None:
    typed = shell.type("transition", "plan", "acme", *words)
    assert (typed.code, typed.err) == (2, says)
