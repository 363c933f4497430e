"""The import rules of pyproject.toml: the tree keeps them, and each of them fails when it is broken."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import grimp
import pytest

from amicable.services import NAMES

ROOT = Path(__file__).parents[2]
PACKAGES = ("amicable", "services", "shared")

ABOVE = "amicable is above services, and services above shared"
INDEPENDENT = "services are independent of each other"
ROOMS = "inside a service: app > handlers > store > domain"
DOMAIN = "rules of the domain need the standard library alone"
CONTRACTS = "contracts need pydantic and the standard library alone"
SQL = "only what holds SQL imports asyncpg"

VIOLATIONS = [
    (ABOVE, "shared/clock.py", "import services.action_plans.config"),
    (ABOVE, "shared/clock.py", "import amicable.problems"),
    (ABOVE, "services/action_plans/store.py", "import amicable.problems"),
    (INDEPENDENT, "services/action_plans/handlers.py", "import services.notifications.config"),
    (ROOMS, "services/action_plans/domain.py", "import services.action_plans.store"),
    (ROOMS, "services/action_plans/store.py", "import services.action_plans.handlers"),
    (ROOMS, "services/action_plans/handlers.py", "import services.action_plans.app"),
    (ROOMS, "services/health_scoring/scoring.py", "import services.health_scoring.handlers"),
    (ROOMS, "services/health_scoring/domain/score.py", "import services.health_scoring.scorecards.reading"),
    (ROOMS, "services/health_scoring/scorecards/reading.py", "import services.health_scoring.store"),
    (ROOMS, "services/action_plans/playbooks/reading.py", "import services.action_plans.store"),
    (ROOMS, "services/notifications/links.py", "import services.notifications.delivery"),
    (ROOMS, "services/notifications/channels/smtp.py", "import services.notifications.delivery"),
    (ROOMS, "services/notifications/letters/letter.py", "import services.notifications.store"),
    (ROOMS, "services/notifications/utils.py", ""),
    *((DOMAIN, "services/action_plans/domain.py", f"import {name}") for name in ("asyncpg", "pydantic", "structlog")),
    (DOMAIN, "services/health_scoring/domain/score.py", "import faststream"),
    (DOMAIN, "services/health_scoring/domain/score.py", "import shared.clock"),
    (CONTRACTS, "shared/contracts/fields.py", "import msgspec"),
    (CONTRACTS, "shared/contracts/fields.py", "import shared.clock"),
    (SQL, "services/action_plans/handlers.py", "import asyncpg"),
    (SQL, "shared/casework.py", "import asyncpg"),
    (SQL, "amicable/topics.py", "import asyncpg"),
]


@pytest.fixture(scope="module")
def rules() -> dict[str, Any]:
    """What pyproject.toml says."""
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    return found


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree's code, to break."""
    folder = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the linter there; its cache makes all but the first run quick."""
    command = [str(Path(sys.executable).with_name("lint-imports"))]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_tree_keeps_every_rule(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("rule", "file", "line"), VIOLATIONS, ids=lambda value: str(value)[:40])
def test_a_violation_breaks_its_rule(copy: Path, rule: str, file: str, line: str) -> None:
    victim = copy / file
    before = victim.read_text() if victim.exists() else None
    victim.write_text(f"{before or ''}\n{line}\n")
    try:
        done = lint(copy)
    finally:
        if before is None:
            victim.unlink()
        else:
            victim.write_text(before)
    assert done.returncode == 1, done.stderr
    assert f"{rule} BROKEN" in done.stdout


def test_every_rule_has_a_violation_that_shows_it(rules: dict[str, Any]) -> None:
    assert {contract["name"] for contract in rules["contracts"]} == {rule for rule, *_ in VIOLATIONS}


def test_the_rooms_are_checked_in_every_service(rules: dict[str, Any]) -> None:
    there = {f"services.{path.parent.name}" for path in (ROOT / "services").glob("*/__init__.py")}
    rooms = next(contract for contract in rules["contracts"] if contract["name"] == ROOMS)
    assert set(rooms["containers"]) == there == {f"services.{name}" for name in NAMES}


@pytest.mark.parametrize(
    ("rule", "allowed", "own"),
    [(DOMAIN, set(), {"shared"}), (CONTRACTS, {"pydantic", "pydantic_core"}, {"shared.*"})],
    ids=["domain", "contracts"],
)
def test_every_library_in_use_is_judged(rules: dict[str, Any], rule: str, allowed: set[str], own: set[str]) -> None:
    """A list of what is forbidden would otherwise miss the next library that the project takes up."""
    graph = grimp.build_graph(*PACKAGES, include_external_packages=True, cache_dir=None)
    roots = {module.partition(".")[0] for module in graph.modules}
    libraries = roots - set(PACKAGES) - sys.stdlib_module_names
    contract = next(contract for contract in rules["contracts"] if contract["name"] == rule)
    assert set(contract["forbidden_modules"]) >= (libraries - allowed) | own
