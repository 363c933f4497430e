"""The tables in docs/operations and deploy that are made from the code.

A test compares them; `python -m tests.operations.tables` writes them anew, between the marks in each file.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from amicable.acls import needed
from amicable.services import NAMES
from shared.contracts.json_schema import schemas_of
from shared.contracts.topics import TOPICS
from shared.settings import ServiceSettings

ROOT = Path(__file__).parents[2]


def settings_of(service: str) -> dict[str, FieldInfo]:
    """Return a service's settings by the names of their environment variables."""
    found: Any = import_module(f"services.{service}.config").Settings
    prefix: str = found.model_config["env_prefix"]
    return {f"{prefix}{name}".upper(): field for name, field in found.model_fields.items()}


def settings() -> Iterator[str]:
    """Every setting of every service; those that all have are listed once."""
    yield "| variable | of | default | what it is |"
    yield "| --- | --- | --- | --- |"
    common = {name.upper() for name in ServiceSettings.model_fields}
    for name, field in ServiceSettings.model_fields.items():
        yield _setting(f"`<SERVICE>_{name.upper()}`", "every service", field)
    for service in NAMES:
        for variable, field in settings_of(service).items():
            if variable.removeprefix(f"{service.upper()}_") not in common:
                yield _setting(f"`{variable}`", service, field)


def _setting(variable: str, service: str, field: FieldInfo) -> str:
    if field.is_required():
        default = "*must be set*"
    elif field.default in (None, {}):
        default = "none"
    else:
        default = f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"
    says = [field.description] if field.description else []
    if get_origin(field.annotation) is not None and all(isinstance(word, str) for word in get_args(field.annotation)):
        says.append(" · ".join(f"`{word}`" for word in get_args(field.annotation)))
    if field.annotation is SecretStr or SecretStr in get_args(field.annotation):
        says.append("secret")
    return f"| {variable} | {service} | {default} | {'; '.join(says)} |"


def acls() -> Iterator[str]:
    """Who may do what in Kafka."""
    yield "| principal | may | on |"
    yield "| --- | --- | --- |"
    rows: dict[tuple[str, str, str], list[str]] = {}
    for principal, operation, resource, name in needed():
        rows.setdefault((principal, operation, resource), []).append(name)
    for (principal, operation, resource), names in rows.items():
        listed = "every declared topic" if len(names) == len(TOPICS) else ", ".join(f"`{name}`" for name in names)
        yield f"| `{principal}` | {operation} | {resource.lower()} {listed} |"


def personal() -> Iterator[str]:
    """Every field of a message, or of what many messages carry, that is marked as personal data or free text."""
    yield "| topic | message, or part of many | fields |"
    yield "| --- | --- | --- |"
    for topic in TOPICS.values():
        schemas = {name: schema for kind in topic.types for name, schema in schemas_of(kind).items()}
        for name, schema in schemas.items():
            if fields := sorted(set(_marked(schema, schema.get("definitions", {})))):
                yield f"| `{topic.name}` | `{name}` | {', '.join(f'`{field}`' for field in fields)} |"


def _marked(schema: Mapping[str, Any], definitions: Mapping[str, Any], path: str = "") -> Iterator[str]:
    if schema.get("x-personal"):
        yield path.removeprefix(".")
    if "$ref" in schema and not schema["$ref"].endswith(".json"):  # what stands apart has a row of its own
        yield from _marked(definitions[schema["$ref"].rpartition("/")[2]], definitions, path)
    for part in schema.get("anyOf", ()):
        yield from _marked(part, definitions, path)
    if "items" in schema:
        yield from _marked(schema["items"], definitions, f"{path}[]")
    for name, field in schema.get("properties", {}).items():
        yield from _marked(field, definitions, f"{path}.{name}")


TABLES: dict[str, tuple[str, Callable[[], Iterator[str]]]] = {
    "settings": ("docs/operations/settings.md", settings),
    "acls": ("deploy/kafka-acls.md", acls),
    "personal": ("docs/operations/security.md", personal),
}


def file_with(name: str) -> tuple[Path, str]:
    """Return the file that a table is in, and what should be in it. KeyError where the file lacks the marks."""
    place, lines = TABLES[name]
    begin, end = f"<!-- {name}: made from the code -->", f"<!-- end of {name} -->"
    text = (ROOT / place).read_text()
    table = "\n".join(lines())
    made, count = re.subn(
        rf"{re.escape(begin)}.*?{re.escape(end)}", lambda _: f"{begin}\n\n{table}\n\n{end}", text, flags=re.DOTALL
    )
    if count != 1:
        raise KeyError(json.dumps(f"{place} lacks {begin} … {end}"))
    return ROOT / place, made


if __name__ == "__main__":
    for table in TABLES:
        path, wanted = file_with(table)
        if path.read_text() != wanted:
            path.write_text(wanted)
            sys.stdout.write(f"{path.relative_to(ROOT)}\n")
