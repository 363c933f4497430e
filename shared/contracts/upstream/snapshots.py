"""Customers and our people as they are now: whole snapshots, of which the latest (occurred_at, event_id) wins."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

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

Count = Annotated[int, Field(ge=0, le=10_000_000, strict=True)]
Days = Annotated[int, Field(ge=0, le=3650, strict=True)]
Months = Annotated[int, Field(ge=1, le=120, strict=True)]


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
    """How long before the end notice is due, and to the end of which period it runs (absent: to the day)."""

    amount: Days
    unit: Literal["days", "business_days", "weeks", "months", "years"]
    to_end_of: Literal["month", "billing_month", "quarter", "half_year", "calendar_year", "term"] | None = None


class Clause(StrictContract):
    """One cancellation clause of a contract. not_before: the first last day that it permits; form: of the notice."""

    clause_id: Id
    who_may_end: Literal["customer", "us", "both"]
    reason: Literal["convenience", "breach", "non_payment", "abuse"]
    notice: Notice
    cure_days: Days | None = None
    not_before: Day | None = None
    title: PersonalLine | None = None
    form: Literal["any", "text", "written"] | None = None
    despite_minimum_term: Flag | None = None


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
    """The customer's contract, as data.

    ends_on: the last day of the term that runs now. term_months: of the first; renewal_months: of each that follows it.
    minimum_term_months: from the first day. country (ISO 3166), subdivision (ISO 3166-2): whose holidays count.
    """

    contract_id: Id
    starts_on: Day
    ends_on: Day | None = None
    auto_renews: Flag
    renewal_notice_days: Days | None = None
    term_months: Months | None = None
    renewal_months: Months | None = None
    minimum_term_months: Months | None = None
    billing_day: Annotated[int, Field(ge=1, le=31, strict=True)] | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$", strict=True)] | None = None
    subdivision: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,3}$", strict=True)] | None = None
    clauses: Annotated[tuple[Clause, ...], Field(max_length=100)] = ()
    invoices: Annotated[tuple[Invoice, ...], Field(max_length=1000)] = ()
    service_credits: Annotated[tuple[ServiceCredit, ...], Field(max_length=1000)] = ()


class CustomerChanged(UpstreamEvent):
    """A customer's master data, whole: the latest (occurred_at, event_id) wins, whatever arrives last."""

    type: Literal["CustomerChanged"] = "CustomerChanged"
    customer_id: Id
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
