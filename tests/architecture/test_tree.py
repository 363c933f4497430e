"""What is true of every file in the repository."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("amicable", "bench", "services", "shared", "tests")
SOMEBODYS_FOLDER = re.compile(r"(?<![\w./-])(/home/|/Users/|[A-Z]:\\Users\\)[\w.-]+[/\\]")


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    """The files that are in git."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def test_every_package_has_an_init(tracked: list[Path]) -> None:
    """Without one in `tests`, `tests/shared` would shadow `shared`."""
    folders = {path.parent for path in tracked if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in PACKAGES}
    assert [folder for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []


def test_no_file_names_a_folder_of_the_machine_it_was_written_on(tracked: list[Path]) -> None:
    here = str(ROOT)
    patterns = [SOMEBODYS_FOLDER]
    if len(ROOT.parts) > 2:  # a folder such as /app could be meant otherwise
        patterns.append(re.compile(rf"(?<![\w./-]){re.escape(here)}(?![\w-])"))
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in tracked
        for pattern in patterns
        if (match := pattern.search(path.read_text(encoding="utf-8", errors="replace")))
    ]
    assert found == []
