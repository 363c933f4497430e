"""The settlement on a last day: lines for each item, taxes apart, one sum for each currency.

Convention: actual days of the paid period; rounded to the currency's smallest unit, a half up, once for each item; what
is rounded is divided between net and tax by the largest remainder, so that the lines add up exactly.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from services.transition_review.domain.settlement.currency import from_units, written
from services.transition_review.domain.settlement.items import Item, Kind, SettlementItems
from services.transition_review.domain.settlement.lines import PARTS, Counted, Part, credit, invoice, refund
from services.transition_review.domain.settlement.refused import CannotSettle

MOST_ITEMS = 100
ORDER: tuple[Kind, ...] = ("refund", "service_credit", "goodwill", "invoice")
Payer = Literal["us", "customer", "nobody"]


@dataclass(frozen=True)
class SettlementLine:
    """One amount: positive where we owe it, negative where the customer does. how: the formula with its numbers."""

    kind: Kind
    part: Part
    item_id: str
    what: str
    currency: str
    amount: Decimal
    how: str


@dataclass(frozen=True)
class Settlement:
    """All lines of one currency. net + tax = total = the sum of the lines; owed_by: who pays the total."""

    currency: str
    lines: tuple[SettlementLine, ...]
    net: Decimal
    tax: Decimal
    total: Decimal
    owed_by: Payer
    sentence: str


def settle(items: SettlementItems, last_day: date) -> tuple[Settlement, ...]:
    """Return what is owed when `last_day` is the last day of service, by currency. Raises CannotSettle.

    The order in which items are given changes nothing.
    """
    _require_distinct([*items.prepaid, *items.service_credits, *items.goodwill, *items.invoices])
    counted = [
        *(line for item in items.prepaid for line in refund(item, last_day)),
        *(line for item in items.service_credits for line in credit("service_credit", item)),
        *(line for item in items.goodwill for line in credit("goodwill", item)),
        *(line for item in items.invoices for line in invoice(item, last_day)),
    ]
    counted.sort(key=lambda line: (ORDER.index(line.kind), line.item.item_id, PARTS.index(line.part)))
    currencies = sorted({line.item.currency for line in counted})
    return tuple(_sum(one, [line for line in counted if line.item.currency == one]) for one in currencies)


def _require_distinct(items: Sequence[Item]) -> None:
    if len(items) > MOST_ITEMS:
        raise CannotSettle(
            f"A settlement has at most {MOST_ITEMS} items, and here are {len(items)}: join some of them."
        )
    if len({item.item_id for item in items}) < len(items):
        raise CannotSettle("Two items have the same item_id: each needs its own, or it would be settled twice.")


def _sum(currency: str, lines: Sequence[Counted]) -> Settlement:
    net = sum(line.units for line in lines if line.part == "net")
    tax = sum(line.units for line in lines if line.part == "tax")
    owed_by, sentence = _who_owes(net + tax, currency)
    return Settlement(
        currency,
        tuple(_told(line) for line in lines),
        from_units(net, currency),
        from_units(tax, currency),
        from_units(net + tax, currency),
        owed_by,
        sentence,
    )


def _told(line: Counted) -> SettlementLine:
    item = line.item
    amount = from_units(line.units, item.currency)
    return SettlementLine(line.kind, line.part, item.item_id, item.what, item.currency, amount, line.how)


def _who_owes(total: int, currency: str) -> tuple[Payer, str]:
    if total > 0:
        return "us", f"We owe the customer {written(total, currency)}."
    if total < 0:
        return "customer", f"The customer owes us {written(-total, currency)}."
    return "nobody", f"Nobody owes anything in {currency}."
