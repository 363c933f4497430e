"""The figures of the page Value, each worked out by hand from what was told."""

import csv
import io

import pytest

from shared.database import Pool
from tests.services.console.workshop import Browser, Workshop, case, of, one, told

pytestmark = pytest.mark.schema("console")
FALLING = {"code": "score_fell", "text": "The score fell by 12 points"}
PRICE = {"code": "price", "text": "They find it dear"}
SPONSOR = {"code": "sponsor_left", "text": "Their sponsor has left"}


def revenue(amount: str, period: str = "year", currency: str = "EUR") -> dict[str, object]:
    """Return recurring revenue as upstream tells it."""
    return {"recurring_revenue": {"amount": amount, "currency": currency, "period": period}}


async def furnished(pool: Pool) -> str:
    """Tell of five customers of Ana's, two of them at no risk, and of a big one of somebody else; return the page."""
    bench = Workshop(pool)
    await bench.tell(
        one("ana", "csm", time_zone="UTC"),
        one("ben", "csm"),
        of("fallen", "ana", segment="smb", **revenue("12000.00")),
        of("monthly", "ana", segment="smb", **revenue("500.00", "month")),
        of("well", "ana", segment="smb", **revenue("30000.00")),
        of("big", "ana", segment="enterprise", **revenue("90000.00")),
        of("dollars", "ana", segment="smb", **revenue("7000.00", currency="USD")),
        of("bens", "ben", segment="smb", **revenue("900000.00")),
        told("RiskDetected", "fallen", severity="risk", reasons=[FALLING, SPONSOR]),
        told("RiskDetected", "big", severity="watch", reasons=[FALLING]),
        told("RiskDetected", "bens", severity="risk", reasons=[FALLING]),
        told("RiskDetected", "well", severity="risk", reasons=[FALLING]),
        told("RiskCleared", "well"),
        case("CaseUpdated", "monthly", "c-1", csm="ana", state="at_risk", reasons=[PRICE]),
        told("HealthBandChanged", "fallen", before="green", after="red", since="2026-02-10T09:00:00Z"),
        told("HealthBandChanged", "big", before="green", after="yellow", since="2026-02-11T09:00:00Z"),
        told("HealthBandChanged", "well", before="red", after="green", since="2026-02-12T09:00:00Z"),
        told("HealthBandChanged", "dollars", before="unknown", after="green", since="2026-01-12T09:00:00Z"),
        told("HealthBandChanged", "bens", before="green", after="red", since="2026-02-10T09:00:00Z"),
    )
    return await (await bench.browser_of("ana")).read("/portfolio/value")


async def test_value_at_risk_is_that_of_open_risks_and_cases_by_segment_and_currency(pool: Pool) -> None:
    page = (await furnished(pool)).partition("By segment")[2].partition("By reason")[0]
    assert "Enterprise 1 customer €90,000 €90,000" in page
    assert "SMB 2 customers €18,000 €48,000" in page, "12,000 at risk, and 12 months of 500 with a case; of 48,000"
    assert "SMB 0 customers US$0 US$7,000" in page, "currencies are not mixed"
    assert "900,000" not in page, "nobody else's customer counts"


async def test_relationship_that_is_over_is_no_value_at_risk_and_nobody_is_asked_to_look_at_it(pool: Pool) -> None:
    bench = Workshop(pool)
    over = {"how": "ended", "at": "2026-02-20T09:00:00Z", "by": "ana", "why": "Everything was tried."}
    closed = {"state": "ended", "csm": "ana", "ending": over}
    await bench.tell(
        one("ana", "csm", time_zone="UTC"),
        of("gone", "ana", segment="smb", **revenue("12000.00")),
        of("back", "ana", segment="smb", **revenue("7000.00")),
        told("RiskDetected", "gone", severity="risk", since="2026-01-02T09:00:00Z"),
        *(told("HealthScored", name, band="green") for name in ("gone", "back", "again")),
        case("CaseUpdated", "gone", "c-gone", **closed),
        case("CaseUpdated", "back", "c-back", **closed),
        told("RiskDetected", "back", severity="risk", since="2026-02-25T09:00:00Z"),
    )
    ana = await bench.browser_of("ana")
    await bench.tell(of("again", "ana", segment="smb", started_on="2026-02-24", **revenue("5.00")),
                     case("CaseUpdated", "again", "c-again", **closed))  # fmt: skip
    assert "SMB 1 customer €7,000 €7,005" in await ana.read("/portfolio/value"), "who began anew is a customer again"
    listed = {row["customer_id"]: row for row in await table(ana, "/portfolio.csv")}
    assert [listed[name]["step"] for name in ("gone", "back", "again")] == ["ended", "watched", "no case"]
    assert {listed["gone"][name] for name in ("score", "band", "confidence", "trend_30")} == {""}, "it is not scored"
    assert "green" in {listed[name]["band"] for name in ("back", "again")}
    assert [row["customer_id"] for row in await table(ana, "/portfolio.csv?step=ended")] == ["gone"]
    assert "gone" not in [row["customer_id"] for row in await table(ana, "/portfolio.csv?band=unknown")]
    shown = await ana.read("/portfolio?step=ended")
    assert "Company gone SMB – – – –" in shown  # noqa: RUF001  # as it is shown
    assert "Unknown – " not in shown.partition("CSM")[2]  # noqa: RUF001  # as it is shown
    today = (await ana.read("/")).partition("Customers who need you")[2].partition("What happened")[0]
    assert "Company back" in today, "a new episode since"
    assert "Company gone" not in today
    assert "At risk since" not in await ana.read("/customers/gone")


async def table(browser: Browser, path: str) -> list[dict[str, str]]:
    """Return the rows of a file."""
    return list(csv.DictReader(io.StringIO((await browser.get(path)).content.decode("utf-8-sig"))))


async def test_case_without_an_open_episode_counts_by_its_own_reasons_or_by_none(pool: Pool) -> None:
    bench = Workshop(pool)
    await bench.tell(
        one("ana", "csm"),
        *(of(name, "ana", **revenue("12000.00")) for name in ("cleared", "by-hand")),
        case("CaseUpdated", "cleared", "c-1", csm="ana", state="plan", reasons=[FALLING]),
        case("CaseUpdated", "by-hand", "c-2", csm="ana", state="plan", reasons=[]),
    )
    page = (await (await bench.browser_of("ana")).read("/portfolio/value")).partition("By reason")[2]
    assert "Score fell 1 customer €12,000" in page
    assert "No reason on record 1 customer €12,000" in page


async def test_customer_with_two_reasons_counts_in_both(pool: Pool) -> None:
    page = (await furnished(pool)).partition("By reason")[2].partition("How bands moved")[0]
    assert "2 customers €102,000" in page
    assert "1 customer €12,000" in page
    assert "Price 1 customer €6,000" in page
    assert page.count("customer") == 4, "the three reasons, and what the heading says of them"


async def test_every_reason_of_every_currency_is_there(pool: Pool) -> None:
    bench = Workshop(pool)
    currencies = ("AUD", "CAD", "CHF", "DKK", "EUR", "GBP", "NOK", "USD")
    reasons = [{"code": f"reason_{letter}", "text": "It is so"} for letter in "abcdefghijklmnop"]
    await bench.tell(
        one("ana", "csm"),
        *(of(f"in-{name}", "ana", **revenue("12000.00", currency=name)) for name in currencies),
        *(told("RiskDetected", f"in-{name}", severity="risk", reasons=reasons) for name in currencies),
    )
    page = (await (await bench.browser_of("ana")).read("/portfolio/value")).partition("By reason")[2]
    for letter in "abcdefghijklmnop":
        assert page.count(f"Reason {letter} 1 customer") == len(currencies), letter
    assert page.count("8 smaller ones") == len(currencies)


async def test_band_flow_counts_customers_by_month_and_direction(pool: Pool) -> None:
    page = (await furnished(pool)).partition("How bands moved")[2]
    assert "Feb 2026 1 2 0" in page
    assert "Jan 2026 0 0 1" in page
    assert "Dec 2025 0 0 0" in page, "a month in which nothing moved is one as well"
