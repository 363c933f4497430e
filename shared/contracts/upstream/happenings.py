"""What happened with a customer, as upstream systems saw it: usage, support, relationship."""

from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from shared.contracts.event import UpstreamEvent
from shared.contracts.fields import Currency, Day, Id, PersonalLine, PersonalText, UnsignedAmount

Quantity = Annotated[float, Field(ge=0, le=1e15, allow_inf_nan=False, strict=True)]
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
