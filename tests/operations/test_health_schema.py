"""docs/operations/health.schema.json against what `amicable health` really prints with --json."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from amicable import health_json
from services.health_scoring.explanation import explain
from services.health_scoring.store import customers
from shared import database
from shared.database import Pool
from tests.services.health_scoring.stories import announced, busy_feeds, silent, steady
from tests.services.health_scoring.workshop import Workshop

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/operations/health.schema.json").read_text())
NOW = datetime(2026, 3, 15, 12, 20, tzinfo=UTC)
pytestmark = pytest.mark.schema("health_scoring")


def validated(kind: str, printed: dict[str, Any]) -> dict[str, Any]:
    """Return what was printed, as a program reads it; it must be of this kind."""
    read: dict[str, Any] = json.loads(json.dumps(printed))
    Draft7Validator({**SCHEMA, "oneOf": [{"$ref": f"#/definitions/{kind}"}]}).validate(read)
    return read


def every_object(schema: Any) -> list[dict[str, Any]]:
    """Return every object that a schema describes."""
    inside = list(schema.values()) if isinstance(schema, dict) else schema if isinstance(schema, list) else []
    found = [one for part in inside for one in every_object(part)]
    return [*found, schema] if isinstance(schema, dict) and schema.get("type") == "object" else found


def test_schema_is_sound_and_leaves_nothing_open() -> None:
    """What it does not name is refused, and what it names is there: so what is printed is all documented."""
    Draft7Validator.check_schema(SCHEMA)
    for one in every_object(SCHEMA):
        assert (one["additionalProperties"], one["required"]) == (False, list(one["properties"]))


async def test_what_is_printed_is_what_is_documented(pool: Pool) -> None:
    """Customers who are well, at risk, overridden, of whom nothing is known, who were not judged yet; and a past."""
    shop = Workshop(pool, NOW)
    await shop.take([*busy_feeds(NOW), *steady("acme", NOW), *silent("quiet", NOW, since=30), announced("new", NOW)])
    await shop.settle()
    await shop.take([announced("newer", NOW)])
    await pool.execute("DELETE FROM health WHERE customer_id = 'newer'")
    await pool.execute(
        "INSERT INTO overrides (id, customer_id, band, reason, by, at, expires_at)"
        " VALUES ('1', 'quiet', 'green', 'They move offices', 'ana', $1, $2)",
        NOW - timedelta(days=1),
        NOW + timedelta(days=20),
    )
    async with database.transaction(pool, "health_scoring", NOW) as tx:
        shown = {
            (one, days): validated("show", health_json.explained(await explain(tx, one, NOW - timedelta(days=days))))
            for one, days in (("acme", 0), ("acme", 20), ("quiet", 0), ("new", 0))
        }
        rows, total = await customers.rows(tx)
    listed = validated("list", {"total": total, "customers": [health_json.listed(row) for row in rows]})
    lines = {line["customer_id"]: line for line in listed["customers"]}
    assert listed["total"] == len(lines) == 4
    assert (lines["newer"]["band"], lines["new"]["band"], lines["quiet"]["band"]) == (None, "unknown", "red")
    assert lines["quiet"]["override"] == shown["quiet", 0]["override"] != lines["acme"]["override"]
    assert lines["quiet"]["risk"]["severity"] == shown["quiet", 0]["risk"]["severity"]
    assert shown["acme", 0]["trend"]["days_7"] == lines["acme"]["trend"]["days_7"] is not None
