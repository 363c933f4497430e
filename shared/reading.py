"""Reading a record: from bytes to the message that they are, or to one sentence that says what is wrong."""

import json
from dataclasses import dataclass

from pydantic import ValidationError

from shared.contracts.event import Contract, DomainEvent, Message, Snapshot
from shared.contracts.fields import Id
from shared.contracts.topics import Kind, Topic

MAX_BODY = 1_048_576


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
        return f"{self.pointer or 'the record'}: {self.reason}"


def read(topic: Topic, body: bytes | None) -> Message | Unknown | Invalid:
    """Read the body as one of the topic's types."""
    name = _type_of(body or b"")
    if isinstance(name, Invalid):
        return name
    kind = topic.by_type.get(name)
    if kind is None and topic.kind in {Kind.UPSTREAM, Kind.COMMAND}:
        return Invalid("/type", f"is not a type of {topic.name}: {', '.join(sorted(topic.by_type))}")
    if kind is None:
        return Unknown(name)
    try:
        message = kind.model_validate_json(body or b"")
    except ValidationError as error:
        return problem(error)
    if isinstance(message, DomainEvent) and not isinstance(message, Snapshot) and not (message.seq and message.epoch):
        return Invalid("/seq", "a domain event needs epoch and seq from 1 on")
    return message


def _type_of(body: bytes) -> str | Invalid:
    if not body:
        return Invalid("", "has no body")
    if len(body) > MAX_BODY:
        return Invalid("", f"has {len(body)} bytes; the limit is {MAX_BODY}")
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return Invalid("", "is not JSON in UTF-8")
    if not isinstance(content, dict):
        return Invalid("", "must be a JSON object")
    if not isinstance(content.get("type"), str):
        return Invalid("/type", "must name the type of the message")
    return str(content["type"])


@dataclass(frozen=True)
class CommandIds:
    """What a command must show before it can be answered at all."""

    command_id: str
    customer_id: str


def command_ids(body: bytes) -> CommandIds | None:
    """Return the ids of a command that is otherwise wrong; None if it does not show them."""
    try:
        seen = _Ids.model_validate_json(body)
    except ValidationError:
        return None
    return CommandIds(seen.event_id, seen.customer_id)


class _Ids(Contract):
    event_id: Id
    customer_id: Id


def problem(error: ValidationError) -> Invalid:
    """Return the first thing that a validation found wrong, without the value."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in first["loc"])
    return Invalid(pointer, first["msg"].removeprefix("Value error, "))
