"""The card's form as JSON Schema, for editors; schema.json beside this file holds it."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from services.health_scoring.scorecards.card import Scorecard
from shared.contracts.json_schema import schema_of


@cache
def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 07) of a card's file."""
    return schema_of(Scorecard)


def fields(path: Sequence[str | int]) -> list[str]:
    """Return the fields known at a place of a card; of parts that have kinds, the kind is named in the path."""
    at = schema()
    for part in path:
        if isinstance(part, int):
            at = _resolved(at["items"])
        elif "discriminator" in at:
            at = _resolved({"$ref": at["discriminator"]["mapping"][part]})
        else:
            at = _resolved(at["properties"][part])
    return sorted(at["properties"])


def _resolved(at: dict[str, Any]) -> dict[str, Any]:
    for choice in at.get("anyOf", ()):
        if "$ref" in choice:
            return _resolved(choice)
    reference = at.get("$ref") or next((each["$ref"] for each in at.get("allOf", ()) if "$ref" in each), None)
    if reference is None:
        return at
    found: dict[str, Any] = schema()["definitions"][reference.rpartition("/")[2]]
    return found
