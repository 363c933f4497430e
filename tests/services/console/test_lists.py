"""Today and the portfolio: who is shown first, what is asked of whom, what a file holds."""

import csv
import io
import re
from html import unescape
from typing import Any

import pytest

from services.console.page.writer import Writer, locale_of
from services.console.store.customers import LINES
from shared.database import Pool
from tests.services.console.workshop import NOW, Workshop, case, of, one, told

pytestmark = pytest.mark.schema("console")


async def test_cell_that_a_spreadsheet_would_compute_is_made_harmless(pool: Pool) -> None:
    bench = Workshop(pool)
    names = ["=1+1", "+1", "-1", "@cmd", "\uff1d1+1", "\u00e9t\u00e9"]
    await bench.tell(one("ana", "csm"), *(of(f"c-{n}", "ana", name=name) for n, name in enumerate(names)))
    browser = await bench.browser_of("ana")
    rows = list(csv.DictReader(io.StringIO((await browser.get("/portfolio.csv?sort=name")).text)))
    assert sorted(row["name"] for row in rows) == ["'+1", "'-1", "'=1+1", "'@cmd", "'\uff1d1+1", "\u00e9t\u00e9"]


async def test_customer_who_is_late_comes_before_one_who_is_not(pool: Pool) -> None:
    """Two conversations are planned: one for yesterday, and not recorded; one for tomorrow, worth more."""
    bench = Workshop(pool)
    revenue = {"recurring_revenue": {"amount": "9999.00", "currency": "EUR", "period": "month"}}
    await bench.tell(
        one("ana", "csm"),
        of("late", "ana", name="Late Ltd"),
        of("soon", "ana", name="Soon Ltd", **revenue),
        *(
            case(
                "CaseUpdated", name, f"c-{name}", csm="ana", state="conversation", plan={}, conversations=[planned(at)]
            )
            for name, at in (("late", "2026-03-01T09:00:00Z"), ("soon", "2026-03-03T09:00:00Z"))
        ),
    )
    text = await (await bench.browser_of("ana")).read("/")
    assert text.index("Late Ltd") < text.index("Soon Ltd")
    assert "2 customers need you, 1 of them late" in text
    assert "Hold the candid conversation, and record it late by 1 day" in text
    assert "Hold the candid conversation, and record it due tomorrow" in text


def planned(at: str) -> dict[str, object]:
    """Return a conversation that is planned."""
    return {"conversation_id": "talk", "planned_for": at, "channel": "phone", "state": "planned"}


async def test_worse_band_comes_first_and_amounts_of_two_currencies_are_not_compared(pool: Pool) -> None:
    bench = Workshop(pool)
    yen = {"recurring_revenue": {"amount": "450000", "currency": "JPY", "period": "month"}}
    await bench.tell(
        one("ana", "csm"),
        of("yen", "ana", name="Yen Ltd", **yen),
        of("euro", "ana", name="Euro Ltd"),
        told("HealthScored", "yen", band="yellow"),
        told("HealthScored", "euro", band="red"),
        *(case("CaseUpdated", name, f"c-{name}", csm="ana", state="at_risk", plan={}) for name in ("yen", "euro")),
    )
    browser = await bench.browser_of("ana")
    for page in ("/", "/portfolio?sort=revenue&down=1"):
        text = await browser.read(page)
        assert text.index("Euro Ltd") < text.index("Yen Ltd")


async def test_manager_is_asked_about_the_exception_and_the_csm_is_not(pool: Pool) -> None:
    bench = Workshop(pool)
    asked = {"asked_by": "ana", "asked_at": "2026-02-27T09:00:00Z", "attempts": [], "why": "They never answer"}
    await bench.tell(
        one("mo", "manager"),
        one("ana", "csm", manager="mo"),
        of("acme", "ana"),
        case("ExceptionRequested", "acme", "c-1", csm="ana", state="conversation", exception=asked),
    )
    says = "Decide about going on without an executive"
    assert says in await (await bench.browser_of("mo")).read("/")
    assert says not in (await (await bench.browser_of("ana")).read("/"))


async def test_change_since_the_last_visit_is_shown_and_ones_own_is_not(pool: Pool) -> None:
    bench = Workshop(pool)
    await bench.tell(one("ana", "csm"), of("acme", "ana"))
    browser = await bench.browser_of("ana")
    await browser.read("/")
    bench.later(hours=2)
    await bench.tell(
        told("RiskDetected", "acme", occurred_at=bench.now.isoformat()),
        told("DecisionRecorded", "acme", by="ana", occurred_at=bench.now.isoformat()),
    )
    bench.later(hours=1)
    text = (await browser.read("/")).partition("What changed since")[2]
    assert "Risk detected" in text
    assert "Decision recorded" not in text


async def test_lists_come_a_page_at_a_time(pool: Pool) -> None:
    bench = Workshop(pool)
    await bench.tell(one("ana", "csm"), *(of(f"c-{n:03d}", "ana") for n in range(120)))
    browser = await bench.browser_of("ana")
    pages = [await browser.read(f"/portfolio?sort=name&page={page}") for page in (1, 2, 3, 4)]
    assert [page.count("Company c-") for page in pages] == [50, 50, 20, 0]
    assert "1–50 of 120" in pages[0]  # noqa: RUF001  # as it is shown


async def test_page_says_that_it_is_behind_and_as_of_when_it_is(pool: Pool) -> None:
    bench = Workshop(pool)
    await bench.tell(one("ana", "csm"))
    browser = await bench.browser_of("ana")
    assert "Up to date" in await browser.read("/")
    await pool.execute("INSERT INTO freshness VALUES ('plans.v1', 0, 17, '2026-03-02 08:00+00')")
    text = await browser.read("/")
    assert "17 records are still to come" in text
    assert "as of 2 Mar 2026, 09:00" in text  # in Madrid


async def test_record_as_a_file_holds_no_formula(pool: Pool) -> None:
    bench = Workshop(pool)
    await bench.tell(
        one("ana", "csm", name="=Ana"),
        of("acme", "ana"),
        told("HealthOverridden", "acme", reason="=HYPERLINK()", override=BY_ANA),
    )
    answer = await (await bench.browser_of("ana")).get("/customers/acme/record.csv")
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["of"], row["what"]) == ("Health", "Health overridden")
    assert row["detail"].startswith("'=HYPERLINK()")
    assert answer.headers["content-disposition"] == "attachment; filename=record.csv"


BY_ANA = {"override_id": "o-1", "band": "green", "by": "ana", "expires_at": "2026-03-16T22:59:00Z"}


async def test_page_does_not_say_that_it_was_behind_for_a_moment(pool: Pool) -> None:
    """While a busy system works there is always something on its way."""
    bench = Workshop(pool)
    await bench.tell(one("ana", "csm"))
    await pool.execute("INSERT INTO freshness VALUES ('plans.v1', 0, 17, clock_timestamp())")
    assert "still to come" not in await (await bench.browser_of("ana")).read("/")


async def test_time_line_goes_on_where_it_stopped_also_within_one_moment(pool: Pool) -> None:
    bench = Workshop(pool)
    at = NOW.isoformat()
    await bench.tell(
        one("ana", "csm"),
        of("acme", "ana"),
        *(told("HealthBandChanged", "acme", occurred_at=at, at=at) for _ in range(LINES + 5)),
    )
    browser = await bench.browser_of("ana")
    first = await browser.get("/customers/acme")
    older = re.search(r'<a rel="next" href="([^"]+)#line"', first.text)
    assert older is not None
    second = await browser.get(unescape(older[1]))
    assert [page.text.count("Health band changed") for page in (first, second)] == [LINES, 5]


@pytest.mark.parametrize(
    "path",
    [
        "/customers/a%00b",
        "/cases/%00",
        "/live?on=%00",
        "/api/v1/customers/%00",
        "/customers/acme?before=9999-12-31T23:59:59-14:00",
        "/customers/acme?before=0001-01-01T00:00:00%2B14:00",
    ],
)
async def test_address_that_cannot_be_is_no_failure(pool: Pool, path: str) -> None:
    bench = Workshop(pool)
    await bench.tell(one("ana", "csm"), of("acme", "ana"))
    answer = await (await bench.browser_of("ana")).get(path)
    assert answer.status_code == (200 if "before" in path else 404)


def test_change_that_rounds_to_nothing_has_no_sign_of_its_own() -> None:
    write = Writer(locale_of("en-GB"), "UTC", NOW)
    assert {write.signed(one) for one in ("-0.04", "0", "0.04", None)} == {"+0.0", "\u2013"}
    assert write.signed("-0.06") == "\u22120.1"


async def test_what_has_one_moment_stands_in_the_order_in_which_it_was_told(pool: Pool) -> None:
    bench = Workshop(pool)
    at: dict[str, Any] = {"occurred_at": "2026-02-27T09:00:00Z"}
    kinds = ("RiskDetected", "CaseOpened", "StakeholderAdded", "ConversationScheduled", "TransitionProposed",
             "TerminationAnnounced")  # fmt: skip
    facts = [told(kind, "acme", event_id=f"{9 - number}", **at) for number, kind in enumerate(kinds)]
    await bench.tell(one("eve", "executive"), of("acme", "ana"), *reversed(facts))
    eve = await bench.browser_of("eve")
    shown = re.findall(r"<strong>([^<]+)</strong>", (await eve.get("/customers/acme")).text.partition('id="line"')[2])
    assert shown == [
        "Ending announced", "Transition proposed", "Conversation scheduled", "Stakeholder added", "Case opened",
        "Risk detected",
    ]  # fmt: skip
    listed = list(csv.DictReader(io.StringIO((await eve.get("/customers/acme/record.csv")).text)))
    assert [line["what"] for line in listed] == shown
