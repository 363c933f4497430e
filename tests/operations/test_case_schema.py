"""docs/operations/case.schema.json against what `amicable case` really prints with --json."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from referencing import Registry, Resource

from amicable import case_json
from services.action_plans.explanation import explain
from services.action_plans.store import listing
from shared.database import Pool
from tests.operations.test_health_schema import every_object
from tests.services.action_plans.steps import opened
from tests.services.action_plans.test_page import agreed
from tests.services.action_plans.workshop import Bench

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docs/operations/case.schema.json"
SNAPSHOT = ROOT / "shared/contracts/schemas/plans.v1/CaseSnapshot.json"


def _read(file: Path) -> Any:
    return json.loads(file.read_text())


SCHEMA = _read(FILE)
pytestmark = pytest.mark.schema("action_plans")


def validate(kind: str, printed: dict[str, Any]) -> None:
    """What was printed, as a program reads it, is of this kind."""
    schema = {**SCHEMA, "$id": FILE.as_uri(), "oneOf": [{"$ref": f"#/definitions/{kind}"}]}
    registry: Registry[Any] = Registry().with_resource(SNAPSHOT.as_uri(), Resource.from_contents(_read(SNAPSHOT)))
    Draft7Validator(schema, registry=registry).validate(json.loads(json.dumps(printed)))


def test_schema_is_sound_and_leaves_nothing_open() -> None:
    """What it does not name is refused, and what it names is there; but for names, which are by anybody's id."""
    Draft7Validator.check_schema(SCHEMA)
    open_ones = [one for one in every_object(SCHEMA) if "properties" not in one]
    assert len(open_ones) == 1
    for one in every_object(SCHEMA):
        if one not in open_ones:
            assert (one["additionalProperties"], one["required"]) == (False, list(one["properties"]))


async def test_what_is_printed_is_what_is_documented(pool: Pool) -> None:
    """Of a case that was just opened, and of one with a plan in force."""
    bench = Bench(pool)
    await opened(bench)
    await _validate_all(bench)
    await bench.done("DismissCase", reason="Another one follows")
    await _validate_all(bench)


async def test_plan_in_force_is_printed_as_documented(pool: Pool) -> None:
    await _validate_all(await agreed(pool))


async def _validate_all(bench: Bench) -> None:
    async with bench.transaction() as tx:
        validate("show", case_json.explained(await explain(tx, "acme")))
        rows, total = await listing.rows(tx, limit=10)
    validate("list", {"total": total, "cases": [case_json.listed(row) for row in rows]})
