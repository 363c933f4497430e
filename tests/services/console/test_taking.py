"""What a notice asks for: taken in hand, or done, on the page of notifications, seen by whoever else was asked."""

import pytest

from shared.database import Pool
from tests.services.console.test_acting import ask, sent
from tests.services.console.workshop import Workshop, of, one, told

pytestmark = pytest.mark.schema("console")


async def test_what_a_notice_asks_for_is_taken_in_hand_once_and_everybody_who_was_asked_sees_by_whom(
    pool: Pool,
) -> None:
    """However many notices ask for it; and what asks for nothing has no form."""
    bench = Workshop(pool)
    await bench.tell(
        one("ana", "csm", name="Ana Ruiz"),
        one("mo", "manager", name="Mo Li"),
        of("acme", "ana"),
        *(
            told(
                "NoticeSent", "acme", notice_id=f"{person}-{channel}", person_id=person, channel=channel, ask_id="ask-1"
            )
            for person in ("ana", "mo")
            for channel in ("mail", "slack")
        ),
        told("NoticeSent", "acme", notice_id="other", person_id="ana", channel="mail", ask_id=None),
    )
    ana, mo = await bench.browser_of("ana"), await bench.browser_of("mo")
    assert (await ana.read("/notifications")).count("I take it in hand") == 1
    await ask(ana, "/me/notifications/forms/take_in_hand?item=ask-1")
    (command,) = await sent(bench)
    assert (command["type"], command["ask_id"]) == ("AcknowledgeNotice", "ask-1")
    answer = await ana.get("/me/notifications")
    assert (answer.status_code, answer.headers["location"]) == (303, "/notifications")

    before = {row["id"] for row in await bench.rows("live")}
    await bench.tell(
        told("NoticeAcknowledged", "acme", ask_id="ask-1", person_id="ana", occurred_at=bench.now.isoformat())
    )
    pages = [(row["person_id"], row["subject"]) for row in await bench.rows("live") if row["id"] not in before]
    assert sorted(pages) == [("ana", "me/notifications"), ("mo", "me/notifications")]
    for browser, says in ((ana, "You have taken it in hand"), (mo, "Ana Ruiz has taken it in hand")):
        page = await browser.read("/notifications")
        assert says in page
        assert "I take it in hand" not in page


async def test_what_is_done_without_anybody_having_taken_it_in_hand_has_no_form_any_more(pool: Pool) -> None:
    bench = Workshop(pool)
    await bench.tell(
        one("ana", "csm"),
        of("acme", "ana"),
        told("NoticeSent", "acme", notice_id="n", person_id="ana", channel="mail", ask_id="ask-1"),
        told("NoticeSettled", "acme", ask_id="ask-1", done_by="f-2", occurred_at=bench.now.isoformat()),
    )
    page = await (await bench.browser_of("ana")).read("/notifications")
    assert "Done meanwhile, on" in page
    assert "I take it in hand" not in page
    assert ("ana", "me/notifications") in [(row["person_id"], row["subject"]) for row in await bench.rows("live")]
