"""What was paid and what is owed when a relationship ends, and the settlement that is computed from it.

Amounts are net, with their tax apart; each has its own currency, and no more decimals than that currency has.
"""

import re
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from shared.contracts.endings.clauses import ContractDay
from shared.contracts.event import Contract, StrictContract
from shared.contracts.fields import Amount, Currency, PersonalLine, ShortId, UnsignedAmount

MOST_ITEMS = 100
TOTAL = r"^-?[0-9]{1,15}(\.[0-9]{1,6})?$"
_TOTAL = re.compile(TOTAL.removeprefix("^").removesuffix("$"))


def total(value: object) -> Decimal:
    """Read a sum of amounts: a decimal text with at most 15 digits before the point; ValueError for anything else."""
    text = format(value, "f") if isinstance(value, Decimal) else value
    if not isinstance(text, str) or not _TOTAL.fullmatch(text):
        raise ValueError('must be a decimal text, such as "120.50", with at most 15 digits before the point')
    return Decimal(text)


Total = Annotated[Decimal, BeforeValidator(total), WithJsonSchema({"type": "string", "pattern": TOTAL})]
Kind = Literal["refund", "service_credit", "goodwill", "invoice"]


class Prepaid(StrictContract):
    """What the customer has paid for a period, its first and last day included. tax: apart from net, not within it."""

    item_id: ShortId
    what: PersonalLine
    currency: Currency
    net: UnsignedAmount
    tax: UnsignedAmount
    starts_on: ContractDay
    ends_on: ContractDay
    paid_on: ContractDay

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_on < self.starts_on:
            raise ValueError("must not end before it starts: exchange starts_on and ends_on")
        return self


class Credit(StrictContract):
    """What we owe whatever the last day is: a service credit, or goodwill."""

    item_id: ShortId
    what: PersonalLine
    currency: Currency
    net: UnsignedAmount
    tax: UnsignedAmount = Decimal(0)


class OpenInvoice(StrictContract):
    """What the customer owes. With a period, only the days until the last day of service are owed."""

    item_id: ShortId
    what: PersonalLine
    currency: Currency
    net: UnsignedAmount
    tax: UnsignedAmount = Decimal(0)
    starts_on: ContractDay | None = None
    ends_on: ContractDay | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if (self.starts_on is None) != (self.ends_on is None):
            raise ValueError("must have both starts_on and ends_on, or neither")
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValueError("must not end before it starts: exchange starts_on and ends_on")
        return self


class SettlementItems(StrictContract):
    """All that a settlement is computed from: at most 100 items, each with an item_id of its own."""

    prepaid: Annotated[tuple[Prepaid, ...], Field(max_length=MOST_ITEMS)] = ()
    service_credits: Annotated[tuple[Credit, ...], Field(max_length=MOST_ITEMS)] = ()
    goodwill: Annotated[tuple[Credit, ...], Field(max_length=MOST_ITEMS)] = ()
    invoices: Annotated[tuple[OpenInvoice, ...], Field(max_length=MOST_ITEMS)] = ()

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        ids = [
            *(item.item_id for item in self.prepaid),
            *(item.item_id for item in (*self.service_credits, *self.goodwill)),
            *(item.item_id for item in self.invoices),
        ]
        if len(ids) > MOST_ITEMS:
            raise ValueError(f"must have at most {MOST_ITEMS} items in all")
        if len(set(ids)) < len(ids):
            raise ValueError("must not have two items of one item_id")
        return self


class SettlementLine(Contract):
    """One amount: positive where we owe it, negative where the customer does. how: the formula with its numbers."""

    kind: Kind
    part: Literal["net", "tax"]
    item_id: ShortId
    what: PersonalLine
    currency: Currency
    amount: Amount
    how: PersonalLine


class Settlement(Contract):
    """All lines of one currency. net + tax = total = the sum of the lines; owed_by: who pays the total."""

    currency: Currency
    lines: Annotated[tuple[SettlementLine, ...], Field(max_length=2 * MOST_ITEMS)]
    net: Total
    tax: Total
    total: Total
    owed_by: Literal["us", "customer", "nobody"]
    sentence: PersonalLine


Settlements = Annotated[tuple[Settlement, ...], Field(max_length=MOST_ITEMS)]
