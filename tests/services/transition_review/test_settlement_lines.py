"""What a settlement says of single items: amounts, their explanation, and what is refused."""

import decimal
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import iso4217
import pytest

from services.transition_review.domain.settlement.currency import minor_units
from services.transition_review.domain.settlement.items import Credit, OpenInvoice, Prepaid, SettlementItems
from services.transition_review.domain.settlement.refused import CannotSettle
from services.transition_review.domain.settlement.settling import settle

HALF = Decimal("0.5")
LICENCE = Prepaid(
    item_id="licence",
    what="Licence 2026",
    currency="EUR",
    net=Decimal("1200.00"),
    tax=Decimal("228.00"),
    starts_on=date(2026, 1, 1),
    ends_on=date(2026, 12, 31),
    paid_on=date(2026, 1, 5),
)


def paid(**changed: Any) -> SettlementItems:
    """Return one item that was paid ahead."""
    return SettlementItems(prepaid=(replace(LICENCE, **changed),))


def total(items: SettlementItems, last_day: date) -> Decimal:
    """Return the sum of a settlement in one currency."""
    (settlement,) = settle(items, last_day)
    return settlement.total


def test_every_line_is_explained_by_its_formula() -> None:
    items = replace(
        paid(),
        service_credits=(Credit("outage", "Outage in March", "EUR", Decimal("50.00"), Decimal("9.50")),),
        goodwill=(Credit("goodwill", "For the trouble", "EUR", Decimal(100)),),
        invoices=(
            OpenInvoice("training", "Training", "EUR", Decimal("300.00"), Decimal("57.00")),
            OpenInvoice("support", "Support", "JPY", Decimal(1000), Decimal(0), date(2026, 10, 1), date(2026, 12, 31)),
        ),
    )
    euro, yen = settle(items, date(2026, 10, 19))
    assert [(line.kind, line.part, line.item_id, str(line.amount), line.how) for line in euro.lines] == [
        ("refund", "net", "licence", "240.00", "73 of 365 days unused of 1,200.00 EUR: 240.00 EUR."),
        ("refund", "tax", "licence", "45.60", "73 of 365 days unused of 228.00 EUR tax: 45.60 EUR."),
        ("service_credit", "net", "outage", "50.00", "As agreed: 50.00 EUR."),
        ("service_credit", "tax", "outage", "9.50", "As agreed: 9.50 EUR tax."),
        ("goodwill", "net", "goodwill", "100.00", "As agreed: 100.00 EUR."),
        ("invoice", "net", "training", "-300.00", "Not paid yet: 300.00 EUR."),
        ("invoice", "tax", "training", "-57.00", "Not paid yet: 57.00 EUR tax."),
    ]
    assert [str(euro.net), str(euro.tax), str(euro.total), euro.owed_by] == ["90.00", "-1.90", "88.10", "us"]
    assert euro.sentence == "We owe the customer 88.10 EUR."
    assert [(str(line.amount), line.how) for line in yen.lines] == [
        ("-207", "Not paid yet: 19 of 92 days used of 1,000 JPY: 207 JPY, rounded."),
    ]
    assert [yen.owed_by, yen.sentence] == ["customer", "The customer owes us 207 JPY."]


def test_the_last_day_of_service_is_a_used_day() -> None:
    january = paid(net=Decimal("310.00"), tax=Decimal(0), ends_on=date(2026, 1, 31))
    assert [str(total(january, date(2026, 1, day))) for day in (1, 30, 31)] == ["300.00", "10.00", "0.00"]
    assert str(total(january, date(2025, 12, 31))) == "310.00"


def test_a_leap_year_has_366_days() -> None:
    leap = paid(net=Decimal("366.00"), tax=Decimal(0), starts_on=date(2028, 1, 1), ends_on=date(2028, 12, 31))
    assert str(total(leap, date(2028, 2, 28))) == "307.00"


def test_a_half_is_rounded_up() -> None:
    """Of 0.01 for two days a half is left; half-even would make nothing of it, and of 0.05 two cents."""
    two_days: dict[str, Any] = {"tax": Decimal(0), "ends_on": date(2026, 1, 2)}
    assert str(total(paid(net=Decimal("0.01"), **two_days), date(2026, 1, 1))) == "0.01"
    assert str(total(paid(net=Decimal("0.05"), **two_days), date(2026, 1, 1))) == "0.03"


def test_net_and_tax_do_not_drift_from_what_was_paid_as_a_whole() -> None:
    """Rounded each for itself they would be 0.38 and 0.38, a cent more than three quarters of 1.00."""
    items = paid(net=Decimal("0.50"), tax=Decimal("0.50"), ends_on=date(2026, 1, 4))
    (settlement,) = settle(items, date(2026, 1, 1))  # three quarters: 0.375 and 0.375, together 0.75
    assert [str(line.amount) for line in settlement.lines] == ["0.38", "0.37"]
    assert str(settlement.total) == "0.75"


@pytest.mark.parametrize(
    ("currency", "decimals"), [("JPY", 0), ("EUR", 2), ("KWD", 3), ("CLF", 4), ("HUF", 2), ("IQD", 3)]
)
def test_decimals_are_those_of_iso_4217(currency: str, decimals: int) -> None:
    assert minor_units(currency) == decimals


def test_all_currencies_that_people_pay_in_are_known() -> None:
    known = [code for code, row in iso4217.raw_table.items() if code and str(row["CcyMnrUnts"]).isdigit()]
    assert len(known) > 150
    assert {minor_units(code) for code in known} == {0, 2, 3, 4}


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"net": Decimal(-1)}, "The amount -1.00 EUR is negative: which side owes it follows from its kind."),
        ({"net": Decimal("NaN")}, "An amount is a decimal number, such as 1200.00, and never a float."),
        ({"tax": Decimal("Infinity")}, "An amount is a decimal number, such as 1200.00, and never a float."),
        ({"net": 1200.5}, "An amount is a decimal number, such as 1200.00, and never a float."),
        ({"net": Decimal("0.001")}, "The amount 0.001 EUR has more decimals than the currency: it has 2."),
        (
            {"currency": "JPY", "tax": Decimal("0.5")},
            "The amount 0.5 JPY has more decimals than the currency: it has 0.",
        ),
        ({"net": Decimal("1E-40")}, "An amount of EUR has more than 28 decimals."),
        ({"net": Decimal(10**12)}, "An amount of EUR has more than 12 digits before the point."),
        ({"currency": "EURO"}, "EURO is not a currency of ISO 4217: write one of today's codes, such as EUR."),
        ({"currency": "XAU"}, "Nothing is paid in XAU: write a currency that has notes and coins, such as EUR."),
    ],
)
def test_what_is_no_amount_is_refused_in_one_sentence(changed: dict[str, object], why: str) -> None:
    with pytest.raises(CannotSettle) as refused:
        settle(paid(**changed), date(2026, 6, 30))
    assert refused.value.why == f"Item licence: {why}"


def test_items_that_cannot_be_told_apart_or_make_no_sense_are_refused() -> None:
    with pytest.raises(CannotSettle, match=r"^Two items have the same item_id"):
        settle(
            SettlementItems(prepaid=(LICENCE,), goodwill=(Credit("licence", "?", "EUR", Decimal(1)),)), date(2026, 1, 1)
        )
    with pytest.raises(CannotSettle, match=r"^Item licence ends on 2025-12-31, before it starts"):
        settle(paid(ends_on=date(2025, 12, 31)), date(2026, 1, 1))
    half = OpenInvoice("i", "?", "EUR", Decimal(1), starts_on=date(2026, 1, 1))
    with pytest.raises(CannotSettle, match=r"^Item i has half a period"):
        settle(SettlementItems(invoices=(half,)), date(2026, 1, 1))
    many_of_them = tuple(Credit(str(number), "?", "EUR", Decimal(1)) for number in range(101))
    with pytest.raises(CannotSettle, match=r"^A settlement has at most 100 items, and here are 101"):
        settle(SettlementItems(goodwill=many_of_them), date(2026, 1, 1))


def test_a_hundred_of_the_largest_amounts_add_up_whatever_the_decimal_context() -> None:
    largest = Decimal("999999999999.999")
    items = SettlementItems(goodwill=tuple(Credit(str(number), "?", "KWD", largest, largest) for number in range(100)))
    with decimal.localcontext(prec=3):
        (settlement,) = settle(items, date(2026, 1, 1))
    assert str(settlement.total) == "199999999999999.800"
