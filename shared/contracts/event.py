"""The envelope: what every message on every topic carries, whatever it says.

On Kafka the envelope travels as CloudEvents 1.0 in binary mode (`ce_…` headers, plain JSON body); the body repeats
what is needed to store and replay it alone.
"""

from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.fields import Id, Moment


class Contract(BaseModel):
    """Anything that is part of a message. Input is never printed by a validation error: it may be personal."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True, extra="ignore", serialize_by_alias=True)


class StrictContract(Contract):
    """Part of a message from outside: a field that is not known is refused."""

    model_config = ConfigDict(extra="forbid")


class Message(Contract):
    """What upstream events, domain events, snapshots, commands and answers have in common."""

    key_field: ClassVar[str] = "customer_id"

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


class UpstreamEvent(StrictContract, Message):
    """A fact from an upstream system. Taken in any order, once per (day, source, event_id)."""

    event_id: Id
    source: Id = "upstream"


class DomainEvent(Message):
    """A fact that one of our services publishes.

    `epoch` and `seq` number the facts of one topic and customer without a gap; the outbox sets them, with `source`,
    when the fact is added. `correlation_id` names what began it all, `causation_id` the message that caused this one.
    """

    customer_id: Id
    source: Id = "unsent"
    epoch: int = Field(default=0, ge=0)
    seq: int = Field(default=0, ge=0)
    correlation_id: Id
    causation_id: Id

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


class Snapshot(DomainEvent):
    """A frequent state of something (topics that are compacted): the highest `revision` wins, no `seq`."""

    revision: int = Field(ge=1)


class Command(StrictContract, Message):
    """What a person asks a service to do. `event_id` is the command's id: the same id is carried out once.

    Who asks is not a field: it is proved by the signed token in the record's header.
    """

    event_id: Id
    source: Id = "command"
    customer_id: Id
    expected_revision: int | None = Field(default=None, ge=0)


class Problem(Contract):
    """Why a command was refused (in the manner of RFC 9457), with what would have to be true for it to be accepted."""

    code: Id
    title: str
    unmet: tuple[str, ...] = ()


class Answer(Message):
    """What became of a command; published on the service's answers topic."""

    customer_id: Id
    source: Id = "unsent"
    command_id: Id
    correlation_id: Id
    causation_id: Id
