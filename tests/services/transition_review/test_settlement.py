"""What holds of every settlement: exact, monotone, each currency for itself, as another calculation has it."""

import math
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from services.transition_review.domain.settlement.items import Item, OpenInvoice, Prepaid, SettlementItems
from services.transition_review.domain.settlement.pro_rata import share
from services.transition_review.domain.settlement.settling import settle
from tests.services.transition_review.any_items import DAYS, DECIMALS, ITEMS, prepaid

DAY = timedelta(days=1)
many = settings(deadline=None, max_examples=150)


def total(items: SettlementItems, last_day: date) -> Decimal:
    """Return the sum of a settlement in one currency."""
    (settlement,) = settle(items, last_day)
    return settlement.total


def unused_by_counting(item: Prepaid | OpenInvoice, last_day: date) -> Fraction:
    """Return the unused part of a period: its days are looked at one after the other."""
    if item.starts_on is None or item.ends_on is None:
        return Fraction(0)
    days = [item.starts_on + timedelta(days=n) for n in range((item.ends_on - item.starts_on).days + 1)]
    return Fraction(sum(day > last_day for day in days), len(days))


def rounded(exact: Fraction, currency: str) -> Fraction:
    """Return an amount rounded to the currency's decimals, a half up."""
    scale = 10 ** DECIMALS[currency]
    return Fraction(math.floor(exact * scale + Fraction(1, 2)), scale)


@many
@given(items=ITEMS, last_day=DAYS)
def test_totals_are_those_of_another_calculation(items: SettlementItems, last_day: date) -> None:
    expected: dict[str, Fraction] = defaultdict(Fraction)
    for paid in items.prepaid:
        both = Fraction(paid.net) + Fraction(paid.tax)
        expected[paid.currency] += rounded(both * unused_by_counting(paid, last_day), paid.currency)
    for credit in (*items.service_credits, *items.goodwill):
        expected[credit.currency] += Fraction(credit.net) + Fraction(credit.tax)
    for invoice in items.invoices:
        both = Fraction(invoice.net) + Fraction(invoice.tax)
        expected[invoice.currency] -= rounded(both * (1 - unused_by_counting(invoice, last_day)), invoice.currency)
    assert {one.currency: Fraction(one.total) for one in settle(items, last_day)} == expected


@many
@given(items=ITEMS, last_day=DAYS)
def test_lines_add_up_exactly_and_each_is_within_a_unit_of_what_it_was_before_rounding(
    items: SettlementItems, last_day: date
) -> None:
    part_of = {item.item_id: unused_by_counting(item, last_day) for item in items.prepaid}
    part_of |= {item.item_id: 1 - unused_by_counting(item, last_day) for item in items.invoices}
    every: list[Item] = [*items.prepaid, *items.invoices, *items.service_credits, *items.goodwill]
    known = {item.item_id: item for item in every}
    for settlement in settle(items, last_day):
        assert sum(Fraction(line.amount) for line in settlement.lines) == Fraction(settlement.total)
        assert Fraction(settlement.net) + Fraction(settlement.tax) == Fraction(settlement.total)
        assert Fraction(settlement.tax) == sum(Fraction(line.amount) for line in settlement.lines if line.part == "tax")
        for line in settlement.lines:
            whole = Fraction(getattr(known[line.item_id], line.part))
            exact = whole * part_of.get(line.item_id, Fraction(1))
            amount = Fraction(-line.amount if line.kind == "invoice" else line.amount)
            assert abs(amount - exact) < Fraction(1, 10 ** DECIMALS[line.currency])
            assert amount >= 0


@many
@given(item=prepaid(), last_day=DAYS)
def test_what_is_refunded_and_what_was_used_are_what_was_paid(item: Prepaid, last_day: date) -> None:
    (settlement,) = settle(SettlementItems(prepaid=(item,)), last_day)
    refunds = {line.part: Fraction(line.amount) for line in settlement.lines}
    used = {part: Fraction(getattr(item, part)) - amount for part, amount in refunds.items()}
    unit = Fraction(1, 10 ** DECIMALS[item.currency])
    assert all(amount >= 0 for amount in (*used.values(), *refunds.values()))
    assert sum(used.values()) + sum(refunds.values()) == Fraction(item.net) + Fraction(item.tax)
    exact = (Fraction(item.net) + Fraction(item.tax)) * (1 - unused_by_counting(item, last_day))
    assert abs(sum(used.values()) - exact) <= unit / 2


@many
@given(item=prepaid(), last_day=DAYS, days=st.integers(1, 400))
def test_a_later_last_day_never_refunds_more(item: Prepaid, last_day: date, days: int) -> None:
    items = SettlementItems(prepaid=(item,))
    assert total(items, last_day + timedelta(days=days)) <= total(items, last_day)


@many
@given(item=prepaid(), days=st.integers(0, 2_000))
def test_before_the_period_everything_is_refunded_and_after_it_nothing(item: Prepaid, days: int) -> None:
    items = SettlementItems(prepaid=(item,))
    everything = Fraction(item.net) + Fraction(item.tax)
    assert total(items, item.starts_on - DAY) == total(items, item.starts_on - timedelta(days=days) - DAY) == everything
    assert total(items, item.ends_on) == total(items, item.ends_on + timedelta(days=days)) == 0
    (before,) = settle(items, item.starts_on - DAY)
    assert [Fraction(before.net), Fraction(before.tax)] == [Fraction(item.net), Fraction(item.tax)]


@many
@given(items=ITEMS, last_day=DAYS, random=st.randoms())
def test_the_order_in_which_items_are_given_changes_nothing(
    items: SettlementItems, last_day: date, random: Random
) -> None:
    other = SettlementItems(
        tuple(random.sample(items.prepaid, len(items.prepaid))),
        tuple(random.sample(items.service_credits, len(items.service_credits))),
        tuple(random.sample(items.goodwill, len(items.goodwill))),
        tuple(random.sample(items.invoices, len(items.invoices))),
    )
    assert settle(other, last_day) == settle(items, last_day)


@many
@given(items=ITEMS, last_day=DAYS)
def test_each_currency_is_settled_as_if_there_were_no_other(items: SettlementItems, last_day: date) -> None:
    def only(currency: str) -> SettlementItems:
        return SettlementItems(
            tuple(one for one in items.prepaid if one.currency == currency),
            tuple(one for one in items.service_credits if one.currency == currency),
            tuple(one for one in items.goodwill if one.currency == currency),
            tuple(one for one in items.invoices if one.currency == currency),
        )

    settled = settle(items, last_day)
    assert [one.currency for one in settled] == sorted({one.currency for one in settled})
    for settlement in settled:
        assert settle(only(settlement.currency), last_day) == (settlement,)
        assert {line.currency for line in settlement.lines} == {settlement.currency}


@many
@given(amounts=st.lists(st.integers(0, 10**16), min_size=1, max_size=5), whole=st.integers(1, 4_000), data=st.data())
def test_shares_are_of_the_largest_remainder(amounts: list[int], whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    shares = share(amounts, part, whole)
    exact = [Fraction(amount * part, whole) for amount in amounts]
    assert sum(shares) == math.floor(sum(exact) + Fraction(1, 2))
    assert all(abs(given - ought) < 1 for given, ought in zip(shares, exact, strict=True))
    raised = [ought - math.floor(ought) for given, ought in zip(shares, exact, strict=True) if given > ought]
    lowered = [ought - math.floor(ought) for given, ought in zip(shares, exact, strict=True) if given < ought]
    assert not raised or not lowered or min(raised) >= max(lowered)
