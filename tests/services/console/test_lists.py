"""Today and the portfolio: who is shown first, what is asked of whom, what a file holds."""

import csv
import io
import re
from html import unescape
from typing import Any

import pytest

from services.console.page import rendering
from services.console.page.bearing import new_key
from services.console.page.paging import Paging
from services.console.page.today import CHANGES
from services.console.page.writer import Writer, locale_of
from services.console.store import keys, views
from services.console.store.customers import LINES, NOTES
from services.console.store.reading import as_reader
from shared.database import Pool
from shared.page.links import hash_of
from tests.services.console.workshop import NOW, Workshop, case, of, one, told, words

pytestmark = pytest.mark.schema("console")


async def test_cell_that_a_spreadsheet_would_compute_is_made_harmless(pool: Pool) -> None:
    bench = Workshop(pool)
    names = ["=1+1", "+1", "-1", "@cmd", "\uff1d1+1", "\u00e9t\u00e9"]
    await bench.tell(one("ana", "csm"), *(of(f"c-{n}", "ana", name=name) for n, name in enumerate(names)))
    browser = await bench.browser_of("ana")
    file = (await browser.get("/portfolio.csv?sort=name")).content
    assert file.startswith(b"\xef\xbb\xbfcustomer_id,"), "by which a spreadsheet knows its letters"
    rows = list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"))))
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
    assert [page.count("Company c-") for page in pages] == [50, 50, 20, 20], "past the end it is the last one"
    assert "1–50 of 120" in pages[0]  # noqa: RUF001  # as it is shown
    assert "101–120 of 120" in pages[3]  # noqa: RUF001  # as it is shown


async def test_all_that_waits_is_counted_and_reached_a_page_at_a_time(pool: Pool) -> None:
    bench = Workshop(pool)
    asked = {"asked_by": "ana", "asked_at": "2026-02-27T09:00:00Z", "attempts": [], "why": "They never answer"}
    story = {
        "csm": "ana",
        "state": "conversation",
        "exception": asked,
        "conversations": [planned("2026-03-01T09:00:00Z")],
    }
    names = [f"c-{number:03d}" for number in range(120)]
    await bench.tell(
        one("mo", "manager"),
        one("ana", "csm", manager="mo"),
        *(of(name, "ana") for name in names),
        *(case("ExceptionRequested", name, f"case-{name}", **story) for name in names),
    )
    mo = await bench.browser_of("mo")
    first = await mo.read("/")
    assert "120 customers need your team, 120 of them late. 120 things wait for your word." in first
    says, seen = "Decide about going on without an executive", set[str]()
    for page in range(1, 6):
        text = await mo.read(f"/?decisions={page}")
        word = text.partition("Waits for your word")[2].partition("Customers who need")[0]
        assert word.count(says) == (25 if page < 5 else 20)
        seen |= {name for name in names if f"Company {name} " in word}
    assert seen == {*names}
    for past in ("/?page=9", "/?decisions=9"):
        assert "120 customers need your team, 120 of them late. 120 things wait for your word." in await mo.read(past)
    assert "101–120 of 120" in await mo.read("/?page=9")  # noqa: RUF001  # as it is shown
    key = new_key()
    async with as_reader(pool, NOW, "mo") as tx:
        await keys.make(tx, "mo", key_hash=hash_of(key), name="of the list", scopes=["read"], days=1)
    program = {"authorization": f"Bearer {key}"}
    told_to_programs = [
        (await bench.browser().get(f"/api/v1/today?page={page}&decisions={page}", **program)).json()
        for page in (1, 2, 3)
    ]
    assert [len(answer["decisions"]) for answer in told_to_programs] == [100, 20, 0]
    totals = {(answer["total"], answer["late"], answer["decisions_total"]) for answer in told_to_programs}
    assert totals == {(120, 120, 120)}, "also past the end"
    assert (await bench.browser().get("/api/v1/portfolio.csv", **program)).text.startswith("customer_id,")


def test_counts_of_pages_are_written_as_the_reader_is_used_to() -> None:
    parts = rendering.templates.get_template("parts.html").module
    pages = parts.pages(Writer(locale_of("de-DE"), "UTC", NOW), Paging(21, 50, 10_000, "/?"), "customers")  # type: ignore[attr-defined]
    assert "1.001–1.050 of 10.000" in words(pages)  # noqa: RUF001  # as it is shown


async def test_view_that_is_one_too_many_is_refused_in_words_and_keeps_its_name(pool: Pool) -> None:
    bench = Workshop(pool)
    await bench.tell(one("ana", "csm"), of("acme", "ana"))
    browser = await bench.browser_of("ana")
    for number in range(views.MOST):
        await browser.post("/portfolio/views", name=f"View {number}", query="band=red")
    answer = await browser.post("/portfolio/views", name="My last one", query="band=green&search=ac")
    assert answer.status_code == 422
    assert f"You have {views.MOST} saved views" in words(answer.text)
    assert 'value="My last one"' in answer.text
    assert '<option value="green" selected>' in answer.text, "what was chosen is still there"
    assert "My last one" not in await browser.read("/portfolio")
    nameless = await browser.post("/portfolio/views", name="\u200b", query="band=red")
    assert "in letters that can be seen" in words(nameless.text)


async def test_changes_since_the_last_visit_go_on_below_also_after_a_while(pool: Pool) -> None:
    bench = Workshop(pool)
    await bench.tell(one("ana", "csm"), of("acme", "ana"))
    browser = await bench.browser_of("ana")
    await browser.read("/")
    bench.later(hours=2)
    at = bench.now.isoformat()
    await bench.tell(*(told("HealthBandChanged", "acme", occurred_at=at, at=at) for _ in range(CHANGES + 15)))
    bench.later(hours=1)
    first = (await browser.get("/")).text
    older = re.search(r'<a rel="next" href="([^"]+)#changed"', first)
    assert older is not None
    bench.later(hours=1)  # of reading: the next look at the day would be another visit
    second = (await browser.get(unescape(older[1]))).text
    assert [page.count("Health band changed") for page in (first, second)] == [CHANGES, 15]
    assert all("What changed since 2 Mar 2026, 10:00" in words(page) for page in (first, second))


async def test_private_notes_are_all_there_on_the_page_and_in_the_file(pool: Pool) -> None:
    bench = Workshop(pool)
    at = NOW.isoformat()
    notes = (
        told("PrivateNoteKept", "acme", note_id=f"n-{number}", text=f"=Word {number:02d}", occurred_at=at)
        for number in range(NOTES + 5)
    )
    await bench.tell(one("ana", "csm"), of("acme", "ana"), case("CaseUpdated", "acme", "it", csm="ana"), *notes)
    browser = await bench.browser_of("ana")
    first = (await browser.get("/customers/acme")).text
    older = re.search(r'<a rel="next" href="([^"]+)#notes"', first)
    assert older is not None
    second = (await browser.get(unescape(older[1]))).text
    found = [set(re.findall(r"=Word \d+", page)) for page in (first, second)]
    assert [len(page) for page in found] == [NOTES, 5]
    assert not found[0] & found[1]
    assert '<a href="/customers/acme#notes">' in (await browser.get("/cases/it")).text, "the case shows the latest"
    listed = csv.DictReader(io.StringIO((await browser.get("/customers/acme/record.csv")).text))
    kept = {row["detail"] for row in listed if (row["of"], row["what"]) == ("Private notes", "Private note kept")}
    assert kept == {f"'=Word {number:02d}" for number in range(NOTES + 5)}


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
