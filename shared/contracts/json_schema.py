"""The JSON Schema of a message or a file, as it stands in git for editors, other languages and the tests."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from shared.contracts.event import Contract

DRAFT = "http://json-schema.org/draft-07/schema#"  # what AsyncAPI and every editor can read
_HERE = "#/definitions/"


class _Generator(GenerateJsonSchema):
    """Leaves out titles made from a field's name, and refers to the files of what stands apart."""

    schema_dialect = DRAFT

    def __init__(self, *, strict: bool) -> None:
        super().__init__(ref_template=f"{_HERE}{{model}}")
        self.apart: dict[str, type[Contract]] = {}
        self.strict = strict

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        kind = schema["cls"]
        if issubclass(kind, Contract) and kind.stands_apart:
            self.apart[kind.__name__] = kind
        return super().model_schema(schema)

    def generate(self, schema: CoreSchema, mode: JsonSchemaMode = "validation") -> dict[str, Any]:
        described = super().generate(schema, mode)
        parts = described.pop("$defs", {})
        files = {f"{_HERE}{name}": f"{name}.json" for name in self.apart}
        whole = _referring({**described, "definitions": parts}, files)
        if not self.strict:
            _open(whole)
        used = _used(whole, whole["definitions"])
        whole["definitions"] = {name: part for name, part in whole["definitions"].items() if name in used}
        if not used:
            del whole["definitions"]
        return {"$schema": DRAFT, **whole}


@cache
def schema_of(kind: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema (draft 07) of what the type is written as; made once, since many messages may carry it."""
    return _Generator(strict=_is_strict(kind)).generate(kind.__pydantic_core_schema__)


def schemas_of(kind: type[BaseModel]) -> dict[str, dict[str, Any]]:
    """Return the type's schema and those of its parts that stand apart, by their names."""
    generator = _Generator(strict=_is_strict(kind))
    found = {kind.__name__: generator.generate(kind.__pydantic_core_schema__)}
    for name, part in generator.apart.items():
        found |= {name: schema_of(part)}
    return found


def _is_strict(kind: type[BaseModel]) -> bool:
    return kind.model_config.get("extra") == "forbid"


def _open(part: Any) -> None:
    """Let objects have fields that are not known yet, wherever they stand: a fact may be newer than its reader."""
    if isinstance(part, dict):
        if part.get("additionalProperties") is False:
            del part["additionalProperties"]
        for inner in part.values():
            _open(inner)
    elif isinstance(part, list):
        for inner in part:
            _open(inner)


def _referring(part: Any, files: Mapping[str, str]) -> Any:
    """Return the part with its references to what stands apart led to the files."""
    if isinstance(part, list):
        return [_referring(one, files) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        name: files.get(inner, inner) if name == "$ref" and isinstance(inner, str) else _referring(inner, files)
        for name, inner in part.items()
    }


def _used(whole: Mapping[str, Any], definitions: Mapping[str, Any]) -> set[str]:
    """Return the names of the definitions that are referred to, directly or by one another."""
    found: set[str] = set()
    ahead = [{name: part for name, part in whole.items() if name != "definitions"}]
    while ahead:
        new = {reference.removeprefix(_HERE) for reference in _references(ahead.pop())} & definitions.keys()
        ahead += [definitions[name] for name in new - found]
        found |= new
    return found


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(reference := part.get("$ref"), str):
            yield reference
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from _references(one)
