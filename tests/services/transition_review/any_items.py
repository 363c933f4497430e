"""Any items of a settlement, for tests that must hold for all of them."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from services.transition_review.domain.settlement.items import Credit, OpenInvoice, Prepaid, SettlementItems

DECIMALS = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3, "CLF": 4}
DAYS = st.dates(date(2023, 1, 1), date(2029, 12, 31))


@st.composite
def amounts(draw: st.DrawFn, currency: str) -> Decimal:
    """Return an amount: often a small one, where rounding is seen most."""
    units = draw(st.integers(0, 2_000) | st.integers(0, 10**12 * 10 ** DECIMALS[currency] - 1))
    return Decimal(f"{units}E-{DECIMALS[currency]}")


@st.composite
def periods(draw: st.DrawFn) -> tuple[date, date]:
    """Return the first and the last day of a period: from a day to three years."""
    first = draw(st.dates(date(2024, 1, 1), date(2027, 12, 31)))
    return first, first + timedelta(days=draw(st.integers(0, 40) | st.integers(0, 1_100)))


@st.composite
def prepaid(draw: st.DrawFn) -> Prepaid:
    """Return what was paid for a period."""
    currency = draw(st.sampled_from(list(DECIMALS)))
    first, last = draw(periods())
    net, tax = draw(amounts(currency)), draw(st.just(Decimal(0)) | amounts(currency))
    return Prepaid(draw(st.uuids()).hex, "Licence", currency, net, tax, first, last, first)


@st.composite
def credits_(draw: st.DrawFn) -> Credit:
    """Return a credit."""
    currency = draw(st.sampled_from(list(DECIMALS)))
    return Credit(draw(st.uuids()).hex, "Credit", currency, draw(amounts(currency)), draw(amounts(currency)))


@st.composite
def invoices(draw: st.DrawFn) -> OpenInvoice:
    """Return an invoice that is not paid, with its period or without."""
    currency = draw(st.sampled_from(list(DECIMALS)))
    first, last = draw(st.just((None, None)) | periods())
    net, tax = draw(amounts(currency)), draw(amounts(currency))
    return OpenInvoice(draw(st.uuids()).hex, "Invoice", currency, net, tax, first, last)


ITEMS = st.builds(
    SettlementItems,
    prepaid=st.lists(prepaid(), max_size=4).map(tuple),
    service_credits=st.lists(credits_(), max_size=2).map(tuple),
    goodwill=st.lists(credits_(), max_size=2).map(tuple),
    invoices=st.lists(invoices(), max_size=3).map(tuple),
)
