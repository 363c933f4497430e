"""The envelope: what every message on every topic carries, whatever it says.

On Kafka the envelope travels as CloudEvents 1.0 in binary mode (`ce_…` headers, plain JSON body); the body repeats
what is needed to store and replay it alone.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, Self
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from shared.contracts.fields import Epoch, Id, Line, Moment, Number, Revision


class Contract(BaseModel):
    """Anything that is part of a message. Input is never printed by a validation error: it may be personal.

    A null means the same as leaving the field out, so that what is absent can be written both ways.
    """

    model_config = ConfigDict(
        frozen=True, hide_input_in_errors=True, extra="ignore", serialize_by_alias=True, defer_build=True
    )

    never_absent: ClassVar[tuple[str, ...]] = ()
    """Fields that have a default for whoever builds a message, but must be there in every body."""

    stands_apart: ClassVar[bool] = False
    """Its JSON Schema is a file of its own, which those of the messages refer to: what many of them carry whole."""

    @model_validator(mode="before")
    @classmethod
    def _leave_out_nulls(cls, data: object) -> object:
        if not isinstance(data, Mapping) or None not in data.values():
            return data
        optional = _optional(cls)
        return {name: value for name, value in data.items() if value is not None or name not in optional}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        reference = handler(schema)
        described = handler.resolve_ref_schema(reference)
        properties = described.get("properties", {})
        always = {*described.get("required", ()), *cls.never_absent}
        if always:
            described["required"] = [name for name in properties if name in always]
        for name, content in properties.items():
            if name in always or content.get("default", ...) is None:
                content.pop("default", None)
            if name in always:
                continue
            if {"type": "null"} not in content.get("anyOf", ()):
                properties[name] = _or_null(content)
        return reference


@cache
def _optional(kind: type[Contract]) -> frozenset[str]:
    """Return the names of the fields that may be absent from a body."""
    return frozenset(
        field.alias or attribute
        for attribute, field in kind.model_fields.items()
        if not field.is_required() and attribute not in kind.never_absent
    )


def _or_null(content: JsonSchemaValue) -> JsonSchemaValue:
    about: JsonSchemaValue = {key: content.pop(key) for key in ("default", "description") if key in content}
    return {"anyOf": [content, {"type": "null"}]} | about


class StrictContract(Contract):
    """Part of a message from outside: a field that is not known is refused."""

    model_config = ConfigDict(extra="forbid")


class Message(Contract):
    """What upstream events, domain events, snapshots, commands and answers have in common."""

    key_field: ClassVar[str] = "customer_id"
    never_absent: ClassVar[tuple[str, ...]] = ("type",)

    type: str
    event_id: Id = Field(default_factory=lambda: str(uuid4()))
    source: Id
    occurred_at: Moment

    @property
    def key(self) -> str:
        """The Kafka key: what order is kept for (the customer; on people.v1 the person)."""
        return str(getattr(self, self.key_field))

    def body(self) -> bytes:
        """The JSON body as it goes to Kafka."""
        return self.model_dump_json(exclude_none=True).encode()


class UpstreamEvent(Message):
    """A fact from an upstream system. Taken in any order, once per (day, source, event_id); strict."""

    model_config = ConfigDict(extra="forbid")

    event_id: Id
    source: Id = "upstream"


class Fact(Message):
    """A fact that one of our services publishes.

    `epoch` and `seq` number the facts of one topic and key without a gap; the outbox sets them, with `source`, when the
    fact is added. `correlation_id` names what began it all, `causation_id` the message that caused this one.
    """

    never_absent: ClassVar[tuple[str, ...]] = ("type", "event_id", "source", "epoch", "seq")

    source: Id = "unsent"
    epoch: Epoch = 0
    seq: Number = 0
    correlation_id: Id
    causation_id: Id


class DomainEvent(Fact):
    """A fact about a customer."""

    customer_id: Id

    @classmethod
    def follow(cls, cause: Message, *, at: datetime, **fields: Any) -> Self:
        """Build the fact that follows from `cause`, decided at `at`; customer and correlation are taken over."""
        return cls.model_validate(
            {
                "customer_id": cause.key,
                "correlation_id": getattr(cause, "correlation_id", cause.event_id),
                "causation_id": cause.event_id,
                "occurred_at": at,
                **fields,
            }
        )


class Unnumbered(DomainEvent):
    """A fact without `seq`: nothing waits for one of them that is missing."""

    never_absent: ClassVar[tuple[str, ...]] = ("type", "event_id", "source")


class Snapshot(Unnumbered):
    """A frequent state of something (topics that are compacted): the highest `revision` wins."""

    revision: Revision


class Command(Message):
    """What a person asks a service to do. `event_id` is the command's id: the same id is carried out once, and
    answered by the same answer whenever it comes again.

    Who asks is not a field: it is proved by the signed token in the record's header.
    """

    model_config = ConfigDict(extra="forbid")

    event_id: Id
    source: Id = "command"


class CustomerCommand(Command):
    """A command about a customer. `expected_revision`: refused if somebody has changed it since."""

    customer_id: Id
    expected_revision: Number | None = None


class Problem(Contract):
    """Why a command was refused (in the manner of RFC 9457), with what would have to be true for it to be accepted."""

    code: Id
    title: Line
    unmet: tuple[Line, ...] = ()


class Answer(Message):
    """What became of a command; published on the service's answers topic.

    customer_id: absent where the command is about no customer; the key is then the command's id.
    """

    never_absent: ClassVar[tuple[str, ...]] = ("type", "event_id", "source")

    customer_id: Id | None = None
    source: Id = "unsent"
    command_id: Id
    correlation_id: Id
    causation_id: Id

    @property
    def key(self) -> str:
        """The Kafka key: the customer, else the command."""
        return self.customer_id or self.command_id
