"""Decodes upstream records for speed: msgspec takes the plain ones, the contract decides whatever is left.

The contract (pydantic) is the one truth. A body of ASCII without a backslash can hide no control character, surrogate
or invalid UTF-8, so the few rules that msgspec can check are enough for it; what is not plain, and what msgspec
refuses, is read by the contract. So both give the same verdict and the same values.
The structs have the fields and names of the events in shared.contracts.upstream.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import Meta, Struct, field
from msgspec.structs import force_setattr

from shared.contracts.fields import CURRENCY, MAX_ID, MAX_LINE, MAX_TEXT, moment, unsigned_amount
from shared.contracts.reading import MAX_BODY, Invalid, read, read_upstream
from shared.contracts.topics import TOPICS, UPSTREAM_TOPIC_OF_TYPE
from shared.contracts.upstream import CustomerChanged, PersonChanged, Severity, SurveyKind, check_score

Id = Annotated[str, Meta(min_length=1, max_length=MAX_ID)]
Line = Annotated[str, Meta(min_length=1, max_length=MAX_LINE)]
Text = Annotated[str, Meta(max_length=MAX_TEXT)]
Currency = Annotated[str, Meta(pattern=CURRENCY)]
Quantity = Annotated[float, Meta(ge=0, le=1e15)]
if TYPE_CHECKING:
    Moment = datetime
    Amount = Decimal
else:  # read as text, then by the contract's own rule: msgspec takes more than RFC 3339 and rounds, and takes floats
    Moment = Amount = str


class Event(
    Struct, frozen=True, kw_only=True, gc=False, tag=True, tag_field="type", forbid_unknown_fields=True,
    omit_defaults=True,
):  # fmt: skip
    """What all events about a customer carry. `type` is the name of the class."""

    event_id: Id
    source: Id = field(default_factory=lambda: "upstream")  # a factory's value is not a default to leave out of a body
    occurred_at: Moment
    customer_id: Id

    def __post_init__(self) -> None:
        """Check and convert what msgspec has read as text; ValueError where it is not valid."""
        force_setattr(self, "occurred_at", moment(self.occurred_at))

    @property
    def type(self) -> str:
        """The event's type, as in the body."""
        return type(self).__name__

    @property
    def key(self) -> str:
        """The Kafka key."""
        return self.customer_id

    def body(self) -> bytes:
        """The JSON body as it goes to Kafka."""
        return _encode(self)


class UsageRecorded(Event, frozen=True):
    metric: Id
    quantity: Quantity = field(default_factory=lambda: 1.0)
    user_id: Id | None = None


class TicketOpened(Event, frozen=True):
    ticket_id: Id
    severity: Severity
    subject: Text | None = None


class TicketEscalated(Event, frozen=True):
    ticket_id: Id


class TicketResolved(Event, frozen=True):
    ticket_id: Id


class TicketReopened(Event, frozen=True):
    ticket_id: Id


class SurveyAnswered(Event, frozen=True):
    kind: SurveyKind
    score: float
    contact_id: Id | None = None

    def __post_init__(self) -> None:
        """Check the score against its kind as well."""
        super().__post_init__()
        check_score(self.kind, self.score)


class MeetingHeld(Event, frozen=True):
    with_: Line = field(name="with")


class MeetingMissed(Event, frozen=True):
    by: Literal["customer", "us"]


class InvoiceOverdue(Event, frozen=True):
    invoice_id: Id
    amount: Amount
    currency: Currency
    due_on: date

    def __post_init__(self) -> None:
        """Read the amount as well."""
        super().__post_init__()
        force_setattr(self, "amount", unsigned_amount(self.amount))


class InvoicePaid(Event, frozen=True):
    invoice_id: Id


class ContactLeft(Event, frozen=True):
    contact_id: Id


class CustomerLeft(Event, frozen=True):
    on: date
    reason: Text | None = None


Firehose = (
    UsageRecorded | TicketOpened | TicketEscalated | TicketResolved | TicketReopened
    | SurveyAnswered | MeetingHeld | MeetingMissed | InvoiceOverdue | InvoicePaid | ContactLeft | CustomerLeft
)  # fmt: skip
Upstream = Firehose | CustomerChanged | PersonChanged

_STRUCTS: dict[str, type[Event]] = {struct.__name__: struct for struct in Event.__subclasses__()}
_TOPIC_OF = {struct: UPSTREAM_TOPIC_OF_TYPE[name].name for name, struct in _STRUCTS.items()}
_REFUSED = (msgspec.MsgspecError, ValueError, RecursionError)
_fast = msgspec.json.Decoder(Firehose).decode  # of all topics: of a single struct msgspec would not ask for the type
_encode = msgspec.json.Encoder(decimal_format="string").encode


def decode(body: bytes | None, topic: str | None = None) -> Upstream | Invalid:
    """Read one record's body as an upstream event, or say what is wrong with it; `topic` None: any upstream topic."""
    if body and body.isascii() and b"\\" not in body and b"\x7f" not in body and len(body) <= MAX_BODY:
        try:
            event: Firehose = _fast(body)
            if topic is None or _TOPIC_OF[type(event)] == topic:
                return event
        except _REFUSED:
            pass
    return _by_contract(body, topic)


def _by_contract(body: bytes | None, topic: str | None) -> Upstream | Invalid:
    event = read_upstream(body) if topic is None else read(TOPICS[topic], body)
    if isinstance(event, Invalid | CustomerChanged | PersonChanged):
        return event
    struct = _STRUCTS[event.type]
    return struct(**{name: getattr(event, name) for name in struct.__struct_fields__})  # type: ignore[return-value]
