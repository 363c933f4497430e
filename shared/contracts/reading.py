"""Reading a body: from bytes to the message that they are, or to one sentence that says what is wrong with them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails, from_json

from shared.contracts.event import Fact, Message, Unnumbered
from shared.contracts.topics import UPSTREAM_TOPIC_OF_TYPE, Kind, Topic

MAX_BODY = 1_000_000  # bytes; with key and headers it must fit into a record of 1 MiB
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}", re.ASCII)


@dataclass(frozen=True)
class Unknown:
    """A type that this version does not know: ignored and counted."""

    type: str


@dataclass(frozen=True)
class Invalid:
    """Not a message of the topic. `pointer` is a JSON Pointer to the field; `reason` never holds the value."""

    pointer: str
    reason: str

    def __str__(self) -> str:
        """Return field and reason as one sentence."""
        return f"{self.pointer or 'the message'} {self.reason}"


def read(topic: Topic, body: bytes | None) -> Message | Unknown | Invalid:
    """Read the body as one of the topic's types. A type that is not known is invalid where input is strict."""
    content = _object(body)
    if isinstance(content, Invalid):
        return content
    name = content.get("type")
    if not isinstance(name, str):
        return _no_type(content)
    if name in topic.by_type:
        return _validated(topic.by_type[name], content)
    if topic.kind in {Kind.UPSTREAM, Kind.COMMAND}:
        return Invalid("/type", f"must be a type of {topic.name}: {_one_of(topic.by_type)}")
    return Unknown(name)


def read_upstream(body: bytes | None) -> Message | Invalid:
    """Read the body as any upstream event; its topic follows from its type."""
    content = _object(body)
    if isinstance(content, Invalid):
        return content
    name = content.get("type")
    if not isinstance(name, str):
        return _no_type(content)
    if name not in UPSTREAM_TOPIC_OF_TYPE:
        return Invalid("/type", f"must be the type of an upstream event: {_one_of(UPSTREAM_TOPIC_OF_TYPE)}")
    return _validated(UPSTREAM_TOPIC_OF_TYPE[name].by_type[name], content)


def _object(body: bytes | None) -> dict[str, Any] | Invalid:
    if not body:
        return Invalid("", "has no body")
    if len(body) > MAX_BODY:
        return Invalid("", f"has {len(body):,} bytes; the limit is {MAX_BODY:,}")
    try:
        content = from_json(body)
    except ValueError as error:
        return Invalid("", f"is not JSON in UTF-8: {error}")
    return content if isinstance(content, dict) else Invalid("", "must be a JSON object")


def _no_type(content: Mapping[str, Any]) -> Invalid:
    return Invalid("/type", "is required" if content.get("type") is None else "must be text")


def is_strict(kind: type[Message]) -> bool:
    """Tell whether a field that is not known is refused: what comes from outside; a fact may be newer than its reader.

    Parts that commands and facts have in common are strict in the one and not in the other.
    """
    return kind.model_config.get("extra") == "forbid"


def _validated(kind: type[Message], content: dict[str, Any]) -> Message | Invalid:
    for name in kind.never_absent:
        if content.get(name) is None:
            return Invalid(f"/{name}", "is required")
    try:
        message = kind.model_validate(content, extra=None if is_strict(kind) else "ignore")
    except ValidationError as error:
        return problem(error)
    if isinstance(message, Fact) and not isinstance(message, Unnumbered):
        for name in ("epoch", "seq"):
            if getattr(message, name) < 1:
                return Invalid(f"/{name}", "must be at least 1")
    return message


def problem(error: ValidationError) -> Invalid:
    """Return the first thing that a validation found wrong, without the value."""
    first = error.errors(include_url=False, include_input=False)[0]
    where, reason = list(first["loc"]), _reason(first)
    if first["type"] == "extra_forbidden" and not _NAME.fullmatch(str(where[-1])):
        where, reason = where[:-1], "has a field that is not known"  # a name like that may itself be personal data
    return Invalid("".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in where), reason)


def _reason(error: ErrorDetails) -> str:
    told = _REASONS.get(error["type"])
    if told is None:
        return "is not valid"
    return told.format(**error.get("ctx", {}))


def _one_of(names: Mapping[str, object]) -> str:
    return ", ".join(sorted(names))


_REASONS = {
    "missing": "is required",
    "extra_forbidden": "is not a field that is known here",
    "value_error": "{error}",
    "literal_error": "must be {expected}",
    "string_type": "must be text",
    "string_unicode": "must be valid Unicode text",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "must have the form {pattern}",
    "int_type": "must be a whole number",
    "int_parsing_size": "must be a smaller whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "greater_than_equal": "must be at least {ge:,.16g}",
    "less_than_equal": "must be at most {le:,.16g}",
    "tuple_type": "must be a list",
    "too_long": "must have at most {max_length} entries",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dict_type": "must be an object",
}
