"""Reads a file into the model of its form, or says everything that is wrong with its fields."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from shared.yaml_files.form import Form, M
from shared.yaml_files.problems import Path, WrongFile, clipped, shown
from shared.yaml_files.tree import Tree, tree


def read(text: str, name: str, form: Form[M]) -> tuple[M, Tree]:
    """Read the text of the file `name`; the tree knows the lines of what was read. Raises WrongFile."""
    found = tree(text, name, form)
    try:
        return form.model.model_validate(found.content), found
    except ValidationError as error:
        slips = [found.slip(*_told(one, found, form)) for one in error.errors(include_url=False)]
        raise WrongFile(name, slips) from None


def _told(error: ErrorDetails, found: Tree, form: Form[Any]) -> tuple[Path, str]:
    """Return the path to the field, and what is wrong with it."""
    path = tuple(_written(error["loc"], found))
    if error["type"] == "missing" and isinstance(path[-1], int):
        return path[:-1], f"must be two entries, {form.pair}"
    if error["type"] in {"union_tag_not_found", "union_tag_invalid"}:
        path = (*path, "kind")
    return path, _what(error, form)


def _what(error: ErrorDetails, form: Form[Any]) -> str:
    known, value = error.get("ctx", {}), shown(error["input"])
    match error["type"]:
        case "value_error":
            what = str(known["error"])
        case "missing" | "union_tag_not_found":
            what = "is missing: add it"
        case "extra_forbidden":
            what = f"is not a field here: those known are {', '.join(form.fields(error['loc'][:-1]))}"
        case "union_tag_invalid":
            what = f"must be one of {_plain(known['expected_tags'])}, not '{clipped(str(known['tag']))}'"
        case "literal_error":
            what = f"must be {_plain(known['expected'])}, not {value}"
        case "too_short":
            what = f"must have at least {known['min_length']} entries, not {known['actual_length']}"
        case "too_long":
            what = f"must have at most {known['max_length']} entries: take some out"
        case "tuple_type":
            what = f"must be a list of two entries, {form.pair}, not {value}"
        case kind:
            what = f"must be {_KINDS.get(kind, 'something else')}, not {value}"
    return what


def _plain(quoted: str) -> str:
    return quoted.replace("'", "")


_KINDS = {
    "bool_type": "true or false",
    "list_type": "a list",
    "model_type": "a mapping of fields",
    "model_attributes_type": "a mapping of fields",
}


def _written(loc: tuple[str | int, ...], found: Tree) -> Iterator[str | int]:
    """Leave out of a location what is not in the file: which kind of a part was meant."""
    value: Any = found.content
    for place, part in enumerate(loc):
        last = place == len(loc) - 1
        inside = isinstance(part, int) or (isinstance(value, dict) and part in value)
        if inside or last:
            yield part
        if inside:
            value = value[part] if isinstance(part, str) or (isinstance(value, list) and part < len(value)) else None
