"""docs/operations against the code: tables are current, no variable is missing, no link leads nowhere."""

import re
import subprocess
from pathlib import Path

import pytest

from amicable.services import NAMES
from tests.operations.tables import TABLES, file_with, settings_of

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*(ROOT / "docs/operations").glob("*.md"), *(ROOT / "deploy").rglob("*.md")])
OURS = ("amicable", "services", "shared", "deploy", "docker-compose.yml", "tests/backing_services.py")


@pytest.mark.parametrize("table", TABLES)
def test_a_table_is_what_the_code_says(table: str) -> None:
    path, wanted = file_with(table)
    assert path.read_text() == wanted, "write it anew: .venv/bin/python -m tests.operations.tables"


def test_every_setting_is_in_the_document() -> None:
    text = (ROOT / "docs/operations/settings.md").read_text()
    for name in NAMES:
        for variable in settings_of(name):
            common = variable.replace(f"{name.upper()}_", "<SERVICE>_", 1)
            assert f"`{variable}`" in text or f"`{common}`" in text, variable


def test_every_variable_that_the_code_reads_is_in_the_document() -> None:
    text = (ROOT / "docs/operations/settings.md").read_text()
    named = {re.compile(re.sub(r"<[A-Z]+>", "[A-Z_]+", found)) for found in re.findall(r"`(AMICABLE_[A-Z_<>]+)`", text)}
    listed = subprocess.run(["git", "ls-files", "-z", *OURS], cwd=ROOT, capture_output=True, text=True, check=False)
    read = {
        variable
        for name in listed.stdout.split("\0")
        if Path(name).suffix in {".py", ".yml", ".yaml"} and (ROOT / name).is_file()
        for variable in re.findall(
            r"(?:\${|['\"]|^ +)(AMICABLE_[A-Z_]*[A-Z])\b", (ROOT / name).read_text(), re.MULTILINE
        )
    }
    assert sorted(variable for variable in read if not any(name.fullmatch(variable) for name in named)) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_link_leads_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", document.read_text()):
        if not target.startswith("http"):
            assert (document.parent / target).exists(), target
