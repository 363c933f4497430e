"""What was paid, and what either side still owes."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Kind = Literal["refund", "service_credit", "goodwill", "invoice"]


@dataclass(frozen=True)
class Prepaid:
    """What the customer has paid for a period, its first and last day included. tax: apart from net, not within it."""

    item_id: str
    what: str
    currency: str
    net: Decimal
    tax: Decimal
    starts_on: date
    ends_on: date
    paid_on: date


@dataclass(frozen=True)
class Credit:
    """What we owe whatever the last day is: a service credit, or goodwill."""

    item_id: str
    what: str
    currency: str
    net: Decimal
    tax: Decimal = Decimal(0)


@dataclass(frozen=True)
class OpenInvoice:
    """What the customer owes. With a period, only the days until the last day of service are owed."""

    item_id: str
    what: str
    currency: str
    net: Decimal
    tax: Decimal = Decimal(0)
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True)
class SettlementItems:
    """All that a settlement is computed from."""

    prepaid: tuple[Prepaid, ...] = ()
    service_credits: tuple[Credit, ...] = ()
    goodwill: tuple[Credit, ...] = ()
    invoices: tuple[OpenInvoice, ...] = ()


Item = Prepaid | Credit | OpenInvoice
