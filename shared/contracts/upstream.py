"""What upstream systems tell us: usage, support, relationship, customers, people. Unknown fields are refused."""

from types import MappingProxyType
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from shared.contracts.event import StrictContract, UpstreamEvent
from shared.contracts.fields import (
    Currency,
    Day,
    Email,
    Flag,
    Id,
    Line,
    PersonalLine,
    PersonalText,
    TimeZone,
    UnsignedAmount,
)

Quantity = Annotated[float, Field(ge=0, le=1e15, allow_inf_nan=False, strict=True)]
Count = Annotated[int, Field(ge=0, le=10_000_000, strict=True)]
Days = Annotated[int, Field(ge=0, le=3650, strict=True)]
Severity = Literal["low", "normal", "high", "urgent"]
SurveyKind = Literal["nps", "csat", "ces"]
SCORES = MappingProxyType({"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)})  # lowest and highest answer of a survey


class _AboutCustomer(UpstreamEvent):
    customer_id: Id


def check_score(kind: str, score: float) -> None:
    """Raise ValueError where a survey of this kind has no such answer."""
    lowest, highest = SCORES[kind]
    if not lowest <= score <= highest:
        raise ValueError(f"must be from {lowest} to {highest} for {kind}")


# usage.v1
class UsageRecorded(_AboutCustomer):
    """The customer used something: `quantity` of `metric`, by `user_id` where it is known."""

    type: Literal["UsageRecorded"] = "UsageRecorded"
    metric: Id
    quantity: Quantity = 1.0
    user_id: Id | None = None


# support.v1
class TicketOpened(_AboutCustomer):
    """The customer opened a support ticket."""

    type: Literal["TicketOpened"] = "TicketOpened"
    ticket_id: Id
    severity: Severity
    subject: PersonalText | None = None


class TicketEscalated(_AboutCustomer):
    """A ticket was escalated."""

    type: Literal["TicketEscalated"] = "TicketEscalated"
    ticket_id: Id


class TicketResolved(_AboutCustomer):
    """A ticket was resolved."""

    type: Literal["TicketResolved"] = "TicketResolved"
    ticket_id: Id


class TicketReopened(_AboutCustomer):
    """A resolved ticket was opened again."""

    type: Literal["TicketReopened"] = "TicketReopened"
    ticket_id: Id


# relationship.v1
class SurveyAnswered(_AboutCustomer):
    """A survey was answered: nps 0 to 10, csat 1 to 5, ces 1 to 7; more is better in all three."""

    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [
                {
                    "if": {"properties": {"kind": {"const": kind}}},
                    "then": {"properties": {"score": {"minimum": lowest, "maximum": highest}}},
                }
                for kind, (lowest, highest) in SCORES.items()
            ]
        }
    )

    type: Literal["SurveyAnswered"] = "SurveyAnswered"
    kind: SurveyKind
    score: Annotated[float, Field(allow_inf_nan=False, strict=True)]
    contact_id: Id | None = None

    @field_validator("score")
    @classmethod
    def _score_fits_its_kind(cls, score: float, info: ValidationInfo) -> float:
        if "kind" in info.data:
            check_score(info.data["kind"], score)
        return score


class MeetingHeld(_AboutCustomer):
    """A meeting with the customer took place."""

    type: Literal["MeetingHeld"] = "MeetingHeld"
    with_: Annotated[PersonalLine, Field(alias="with")]


class MeetingMissed(_AboutCustomer):
    """A meeting was called off or missed, by the customer or by us."""

    type: Literal["MeetingMissed"] = "MeetingMissed"
    by: Literal["customer", "us"]


class InvoiceOverdue(_AboutCustomer):
    """An invoice was not paid when it was due."""

    type: Literal["InvoiceOverdue"] = "InvoiceOverdue"
    invoice_id: Id
    amount: UnsignedAmount
    currency: Currency
    due_on: Day


class InvoicePaid(_AboutCustomer):
    """An invoice was paid."""

    type: Literal["InvoicePaid"] = "InvoicePaid"
    invoice_id: Id


class ContactLeft(_AboutCustomer):
    """A contact left the customer's company."""

    type: Literal["ContactLeft"] = "ContactLeft"
    contact_id: Id


class CustomerLeft(_AboutCustomer):
    """The customer ended the relationship by itself."""

    type: Literal["CustomerLeft"] = "CustomerLeft"
    on: Day
    reason: PersonalText | None = None


# customers.v1
class RecurringRevenue(StrictContract):
    """What the customer pays per period."""

    amount: UnsignedAmount
    currency: Currency
    period: Literal["month", "quarter", "year"]


class Onboarding(StrictContract):
    """The implementation: how long it usually takes (days), when it began, and when it was finished."""

    expected_days: Annotated[int, Field(ge=1, le=3650, strict=True)]
    started_on: Day
    completed_on: Day | None = None


class Contact(StrictContract):
    """A person on the customer's side."""

    contact_id: Id
    name: PersonalLine
    email: Email | None = None
    role: Literal["main", "executive", "sponsor", "user"]


class Notice(StrictContract):
    """How long before the end notice is due, and to the end of which period it runs."""

    amount: Days
    unit: Literal["days", "weeks", "months"]
    to_end_of: Literal["month", "quarter", "term"] | None = None


class Clause(StrictContract):
    """One cancellation clause of a contract."""

    clause_id: Id
    who_may_end: Literal["customer", "us", "both"]
    reason: Literal["convenience", "breach", "non_payment", "abuse"]
    notice: Notice
    cure_days: Days | None = None
    not_before: Day | None = None


class Invoice(StrictContract):
    """An invoice for a period; `paid_on` once it is paid."""

    invoice_id: Id
    amount: UnsignedAmount
    currency: Currency
    period_from: Day
    period_to: Day
    due_on: Day
    paid_on: Day | None = None


class ServiceCredit(StrictContract):
    """A credit that we owe."""

    amount: UnsignedAmount
    currency: Currency
    reason: PersonalText


class CustomerContract(StrictContract):
    """The customer's contract, as data."""

    contract_id: Id
    starts_on: Day
    ends_on: Day | None = None
    auto_renews: Flag
    renewal_notice_days: Days | None = None
    clauses: Annotated[tuple[Clause, ...], Field(max_length=100)] = ()
    invoices: Annotated[tuple[Invoice, ...], Field(max_length=1000)] = ()
    service_credits: Annotated[tuple[ServiceCredit, ...], Field(max_length=1000)] = ()


class CustomerChanged(_AboutCustomer):
    """A customer's master data, whole: the latest (occurred_at, event_id) wins, whatever arrives last."""

    type: Literal["CustomerChanged"] = "CustomerChanged"
    name: PersonalLine
    segment: Id
    tier: Id
    csm: Id
    executive_sponsor: Id | None = None
    recurring_revenue: RecurringRevenue
    started_on: Day
    renews_on: Day | None = None
    seats: Count | None = None
    time_zone: TimeZone
    language: Id | None = None
    onboarding: Onboarding | None = None
    contacts: Annotated[tuple[Contact, ...], Field(max_length=500)] = ()
    contract: CustomerContract | None = None


# people.v1
class PersonChanged(UpstreamEvent):
    """One of our people, whole: the latest (occurred_at, event_id) wins, whatever arrives last."""

    key_field: ClassVar[str] = "person_id"

    type: Literal["PersonChanged"] = "PersonChanged"
    person_id: Id
    name: PersonalLine
    email: Email
    roles: Annotated[tuple[Line, ...], Field(max_length=50)]
    teams: Annotated[tuple[Line, ...], Field(max_length=50)]
    time_zone: TimeZone
    manager: Id | None = None
    active: Flag
