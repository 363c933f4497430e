"""A kind of file: what it is called, its fields, and the JSON Schema that editors know it by."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from shared.contracts.json_schema import schema_of

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Form(Generic[M]):
    """A kind of file. model: its fields. document: where people read about it. pair: how a list of two is written."""

    model: type[M]
    noun: str
    document: str
    pair: str = "[one, other]"

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema (draft 07) of such a file."""
        return schema_of(self.model)

    def fields(self, path: Sequence[str | int]) -> list[str]:
        """Return the fields known at a place of such a file; of parts that have kinds, the path names the kind."""
        at = self.schema
        for part in path:
            if isinstance(part, int):
                at = self._resolved(at["items"])
            elif "discriminator" in at:
                at = self._resolved({"$ref": at["discriminator"]["mapping"][part]})
            else:
                at = self._resolved(at["properties"][part])
        return sorted(at["properties"])

    def _resolved(self, at: dict[str, Any]) -> dict[str, Any]:
        for choice in at.get("anyOf", ()):
            if "$ref" in choice:
                return self._resolved(choice)
        reference = at.get("$ref") or next((each["$ref"] for each in at.get("allOf", ()) if "$ref" in each), None)
        if reference is None:
            return at
        found: dict[str, Any] = self.schema["definitions"][reference.rpartition("/")[2]]
        return found
