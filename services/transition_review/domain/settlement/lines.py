"""What each item comes to: a line for its net amount and one for its tax, explained by the formula with its numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.transition_review.domain.settlement.currency import to_units, written
from services.transition_review.domain.settlement.items import Credit, Item, Kind, OpenInvoice, Prepaid
from services.transition_review.domain.settlement.pro_rata import days_in, share, unused_days
from services.transition_review.domain.settlement.refused import CannotSettle

Part = Literal["net", "tax"]
PARTS: tuple[Part, Part] = ("net", "tax")


@dataclass(frozen=True)
class Counted:
    """A line, in whole units of its currency: positive where we owe them."""

    kind: Kind
    part: Part
    item: Item
    units: int
    how: str


def refund(item: Prepaid, last_day: date) -> Iterator[Counted]:
    """Yield the unused part of what was paid ahead, pro rata by day."""
    unused, days = _unused(item, item.starts_on, item.ends_on, last_day)
    for part, whole, units in _shared(item, unused, days):
        how = f"{_of_days(unused, days)} unused of {_written(whole, item, part)}"
        yield Counted("refund", part, item, units, f"{how}: {_result(units, whole, item, unused, days)}")


def credit(kind: Kind, item: Credit) -> Iterator[Counted]:
    """Yield a credit, or goodwill, as it was agreed."""
    for part, _, units in _shared(item, 1, 1):
        yield Counted(kind, part, item, units, f"As agreed: {_written(units, item, part)}.")


def invoice(item: OpenInvoice, last_day: date) -> Iterator[Counted]:
    """Yield what the customer has not paid: all of it, or the days of its period until the last day of service."""
    if item.starts_on is None or item.ends_on is None:
        if item.starts_on != item.ends_on:
            raise CannotSettle(f"{_named(item)} has half a period: give its first and its last day, or neither.")
        for part, _, units in _shared(item, 1, 1):
            yield Counted("invoice", part, item, -units, f"Not paid yet: {_written(units, item, part)}.")
        return
    unused, days = _unused(item, item.starts_on, item.ends_on, last_day)
    used = days - unused
    for part, whole, units in _shared(item, used, days):
        how = f"Not paid yet: {_of_days(used, days)} used of {_written(whole, item, part)}"
        yield Counted("invoice", part, item, -units, f"{how}: {_result(units, whole, item, used, days)}")


def _shared(item: Item, part_of_days: int, days: int) -> Iterator[tuple[Part, int, int]]:
    """Yield net and (where there is any) tax: what it is as a whole, and what falls on the part, in whole units."""
    try:
        whole = to_units(item.net, item.currency), to_units(item.tax, item.currency)
    except CannotSettle as wrong:
        raise CannotSettle(f"{_named(item)}: {wrong.why}") from None
    for part, units, shared in zip(PARTS, whole, share(whole, part_of_days, days), strict=True):
        if part == "net" or units:
            yield part, units, shared


def _unused(item: Item, starts_on: date, ends_on: date, last_day: date) -> tuple[int, int]:
    if ends_on < starts_on:
        raise CannotSettle(f"{_named(item)} ends on {ends_on}, before it starts: exchange its first and its last day.")
    return unused_days(starts_on, ends_on, last_day), days_in(starts_on, ends_on)


def _named(item: Item) -> str:
    return f"Item {item.item_id}"


def _of_days(part: int, days: int) -> str:
    return f"{part} of {days} {'day' if days == 1 else 'days'}"


def _written(units: int, item: Item, part: Part) -> str:
    return written(units, item.currency) + (" tax" if part == "tax" else "")


def _result(units: int, whole: int, item: Item, part_of_days: int, days: int) -> str:
    """Return the result, and whether it was rounded."""
    exact = units * days == whole * part_of_days
    return f"{written(units, item.currency)}{'' if exact else ', rounded'}."
