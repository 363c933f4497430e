"""The JSON Schema of a message or a file, as it stands in git for editors, other languages and the tests."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode
from pydantic_core import CoreSchema

DRAFT = "http://json-schema.org/draft-07/schema#"  # what AsyncAPI and every editor can read


class _WithoutFieldTitles(GenerateJsonSchema):
    """A title made from the field's name says nothing more than the name."""

    schema_dialect = DRAFT

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False

    def generate(self, schema: CoreSchema, mode: JsonSchemaMode = "validation") -> dict[str, Any]:
        described = super().generate(schema, mode)
        if parts := described.pop("$defs", None):
            described["definitions"] = parts
        return {"$schema": DRAFT, **described}


def schema_of(kind: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema (draft 07) of what the type is written as."""
    return kind.model_json_schema(ref_template="#/definitions/{model}", schema_generator=_WithoutFieldTitles)
