"""Journeys in a real browser, through the whole system: who does what, and what the others see of it at once."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Browser, expect

from amicable.console_rebuild import rebuild
from amicable.problems import Problem
from services.console.store.projected import TABLES
from tests.browser.seat import PHONE, Seat, chromium, fill
from tests.deployment import Deployment, until
from tests.services.action_plans.plans import read
from tests.stories import customer, person, trouble

CONTACTS = [
    {"contact_id": "boss", "name": "Bo Ss", "role": "executive", "email": "boss@acme.example"},
    {"contact_id": "mia", "name": "Mia In", "role": "main", "email": "mia@acme.example"},
]


def in_days(days: int, clock: str = "10:00") -> str:
    """Return a moment as a field takes it."""
    return f"{(datetime.now(UTC) + timedelta(days=days)).date().isoformat()}T{clock}"


def now() -> str:
    """Return this moment as a field takes it; to the second, since the case was opened in the same minute."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}"


def on_day(days: int) -> str:
    """Return a day as a field takes it."""
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


@dataclass
class Office:
    """A customer at risk with its open case, its CSM and her manager; a browser for whoever comes."""

    system: Deployment
    browser: Browser
    url: str
    customer: str
    csm: str
    manager: str
    mail: str
    case: str = ""

    async def seat(self, who: str, **look: Any) -> Seat:
        """Let somebody sit down in front of the case."""
        seat = await Seat.sit(self.browser, self.url, who, **look)
        await seat.go(f"/cases/{self.case}")
        return seat


@pytest.fixture
async def office(deployment: Deployment) -> AsyncIterator[Office]:
    """A customer of its own that has got into trouble."""
    mark = uuid4().hex[:8]
    port = deployment.services["console"].environment["CONSOLE_PAGE_PORT"]
    contacts = [{**one, "email": f"{mark}-{one['email']}"} for one in CONTACTS]
    async with chromium() as browser:
        found = Office(
            deployment, browser, f"http://127.0.0.1:{port}", f"acme-{mark}", f"csm-{mark}", f"mo-{mark}",
            contacts[1]["email"],
        )  # fmt: skip
        await deployment.publish(
            person(found.manager, name="Mo Nager", roles=["manager"], time_zone="UTC"),
            person(found.csm, name="Ana Lima", manager=found.manager, time_zone="UTC"),
            customer(found.customer, found.csm, name="Acme Ltd", contacts=contacts),
            *trouble(found.customer),
        )

        async def is_open() -> Any:
            return await deployment.query(
                "SELECT case_id FROM console.cases WHERE customer_id = $1 AND is_open", found.customer
            )

        ((found.case,),) = await until(is_open, "the console shows the case")
        yield found


async def test_from_risk_through_a_plan_that_the_customer_signs_on_a_phone_to_saved(office: Office) -> None:
    ana, mo = await office.seat(office.csm), await office.seat(office.manager)
    await ana.picture("case-begun")
    await ana.go("/")
    await ana.page.get_by_role("link", name="Arrange a candid conversation").click()
    await expect(ana.page.locator("#act-schedule_conversation-form")).to_be_visible()  # unfolded, where the link leads
    for who, name, role in (("mia", "Mia In", "main"), ("boss", "Bo Ss", "executive")):
        await ana.do("add_stakeholder", person_id=who, role=role)
        await expect(ana.page.locator("section[data-live='players'] tbody")).to_contain_text(name)
    await expect(mo.page.locator("section[data-live='players']")).to_contain_text("Bo Ss")  # nobody loaded it again

    both = ["Mia In (main)", "Bo Ss (executive)"]
    await ana.do("schedule_conversation", planned_for=in_days(0, "23:59"), channel="video", invited=both)
    await ana.do(
        "record_conversation",
        held_at=in_days(2),
        attendees=both,
        told_ending_possible=True,
        notes="Candid and friendly.",
    )
    refused = ana.act("record_conversation")
    await expect(refused.get_by_role("alert")).to_contain_text("It cannot have been held at a time that is ahead.")
    await expect(refused.locator("[name='notes']")).to_have_value("Candid and friendly.")
    await ana.picture("case-refused")
    await ana.do("record_conversation", held_at=now())
    await expect(ana.page.locator("section[data-live='path']")).to_contain_text("Candid conversation on")

    for side, author, text in (("customer", "boss", "Reports in a minute"), ("us", "", "Answers within a day")):
        form = await ana.unfold("add_expectation")
        await form.locator("[name='author']").select_option(label="Bo Ss (executive)" if author else "Ana Lima")
        await ana.do("add_expectation", side=side, kind="expectation", text=text)
        await expect(ana.page.locator("section[data-live='expectations']")).to_contain_text(text)

    await ana.do("apply_playbook", playbook="support_overload")
    await ana.see("ours alone, until it is proposed")
    await ana.picture("case-drafted")
    await ana.do("propose_plan")
    await ana.see("Version 1, waits for both sides.")
    await ana.do("sign_plan")
    await ana.see("Our side: signed by Ana Lima")
    await ana.do("share_plan", contact_id="mia")
    link = await ana.page.locator("a.link-made").get_attribute("href")
    await ana.picture("case-shared")

    phone = await (await office.browser.new_context(viewport=PHONE, locale="en-GB")).new_page()
    await phone.goto(str(link))
    await phone.get_by_role("button", name="Mail me a code").click()
    await phone.locator("#code").fill(await mailed_code(office))
    await phone.get_by_role("button", name="Sign version 1").click()
    await expect(phone.locator("main")).to_contain_text("You have signed this version")
    for seat in (ana, mo):
        await seat.see("Version 1, agreed by both sides.")
    await ana.picture("case-agreed")
    assert "Mia In for Acme Ltd" in await downloaded_plan(ana, f"plan-{office.customer}-version-1.pdf")

    meetings = ana.page.locator("section[data-live='meetings']")
    await ana.do("schedule_review", planned_for=in_days(0, "23:59"))
    await ana.do("hold_review", held_at=now(), attendees=both, decided="Go on like this.")
    await expect(meetings).to_contain_text("Go on like this.")
    await ana.do("declare_saved", why="They are content again.", cause="support_overload", helped=["The joint plan"])
    for seat in (ana, mo):
        await seat.see("Saved on ")
    await mo.go("/portfolio/value")
    await mo.see("1 saved, 0 lost, 0 ended by us.")
    await mo.see("100%")


async def downloaded_plan(seat: Seat, name: str) -> str:
    """Let somebody download the plan as a file of that name; returns what can be read in it."""
    await seat.do("document", "plan", format="pdf")
    ready = seat.page.get_by_role("link", name="Download the joint plan (PDF)")
    await expect(ready).to_be_visible()
    await seat.picture("case-document")
    async with seat.page.expect_download() as coming:
        await ready.click()
    downloaded = await coming.value
    assert downloaded.suggested_filename == name
    return read("pdf", (await downloaded.path()).read_bytes())


async def mailed_code(office: Office) -> str:
    """Wait for the mail with the code; returns it."""

    async def mailed() -> Any:
        return [mail for mail in office.system.catcher.mails if office.mail in str(mail["To"])]

    mail = (await until(mailed, "the code is in the mail"))[-1]
    found = re.search(r"^ +([0-9]{6})\s*$", mail.get_body(("plain",)).get_content(), re.MULTILINE)
    assert found is not None
    return found[1]


async def test_without_a_mouse_a_conversation_is_scheduled(office: Office) -> None:
    ana = await office.seat(office.csm)
    await ana.do("add_stakeholder", person_id="mia", role="main")
    await expect(ana.page.locator("section[data-live='players'] tbody")).to_contain_text("Mia In")
    await ana.page.locator("#main").focus()
    focused = "document.activeElement"

    async def tab_to(condition: str) -> None:
        for _ in range(60):
            await ana.page.keyboard.press("Tab")
            if await ana.page.evaluate(f"{focused}.matches({condition!r})"):
                return
        raise AssertionError(f"nobody comes to {condition} by the Tab key")

    await tab_to("#act-schedule_conversation > summary")
    await ana.page.keyboard.press("Enter")
    await tab_to("[name='planned_for']")
    day = datetime.now(UTC) + timedelta(days=1)
    await ana.page.keyboard.type(day.strftime("%d%m%Y"))
    await ana.page.keyboard.press("Tab")
    await ana.page.keyboard.type("1000")
    await tab_to("[name='invited']")
    await ana.page.keyboard.press("Space")
    await tab_to("button:not([name])")
    await ana.page.keyboard.press("Enter")
    await expect(ana.page.locator("section[data-live='meetings']")).to_contain_text("planned")


async def test_typed_text_survives_a_restart_of_the_console_and_the_page_goes_on_by_itself(office: Office) -> None:
    ana, mo = await office.seat(office.csm), await office.seat(office.manager)
    act = await ana.unfold("record_sentiment")
    await fill(act, "why", "They do not answer any more")
    kept = "SELECT 1 FROM console.drafts WHERE person_id = $1"
    await until(lambda: office.system.query(kept, office.csm), "the draft is kept")
    console = office.system.services["console"]
    await console.stop()
    await fill(act, "why", "They do not answer any more, since May")
    console.start()
    await console.ready()
    await mo.page.reload()
    await mo.do("add_stakeholder", person_id="mia", role="main")
    await expect(ana.page.locator("section[data-live='players'] tbody")).to_contain_text("Mia In")
    await expect(act.locator("[name='why']")).to_have_value("They do not answer any more, since May")
    await fill(act, "value", "2")
    await act.locator("button:not([name])").click()
    await until(
        lambda: office.system.query(
            "SELECT 1 FROM console.asked WHERE person_id = $1 AND state = 'done'", office.csm
        ),
        "it is done",
    )  # fmt: skip
    await expect(act.locator("[name='why']")).to_have_value("")


async def test_two_who_edit_the_same_see_both_and_nothing_is_overwritten_unseen(office: Office) -> None:
    ana, mo = await office.seat(office.csm), await office.seat(office.manager)
    talk = await ana.unfold("schedule_conversation")
    await fill(talk, "channel", "phone")
    await mo.do("add_stakeholder", person_id="mia", role="main")
    await talk.get_by_label("Mia In (main)").check()  # named while the form was open
    await expect(talk.locator("[name='channel']")).to_have_value("phone")
    frame = {"starts_on": on_day(1), "ends_on": on_day(60), "cadence": "weekly", "first_review_on": on_day(8)}
    hers = await ana.unfold("draft_plan")
    await fill(hers, "purpose", "Her purpose")
    await mo.do("draft_plan", purpose="His purpose", **frame)
    await ana.see("ours alone, until it is proposed")  # his draft came in; what she types stays
    await expect(hers.locator("[name='purpose']")).to_have_value("Her purpose")
    await hers.locator("button:not([name])").click()
    hers = ana.act("draft_plan")
    await expect(hers).to_contain_text("Somebody else has changed this meanwhile")
    await expect(hers.locator(".theirs").first).to_contain_text("His purpose")
    await expect(hers.locator("[name='purpose']")).to_have_value("Her purpose")
    await ana.picture("case-conflict")
    await hers.get_by_role("button", name="Save mine all the same").click()
    await expect(mo.page.locator("section[data-live='plan'] .panel").first).to_contain_text("Her purpose")


async def test_how_one_is_told_is_chosen_refused_with_its_reason_and_shown_as_it_is(office: Office) -> None:
    ana = await office.seat(office.csm)
    await ana.go("/me/preferences")
    await ana.see("You have chosen nothing yet")
    form = await ana.unfold("choose")
    await form.locator("[name='channels-high'][value='slack']").check()
    await ana.do("choose", quiet_begins="19:00", quiet_ends="07:30")
    await expect(ana.act("choose").get_by_role("alert")).to_contain_text("slack needs an address of yours")
    await ana.act("choose").locator("[name='channels-high'][value='slack']").uncheck()
    await ana.act("choose").locator("[name='channels-high'][value='console']").check()
    await ana.do("choose")
    ways = ana.page.locator("section[data-live='ways']")
    await expect(ways).to_contain_text("19:00 to 07:30")
    await expect(ways.locator("tbody tr").nth(1)).to_contain_text("Mail, Here, in the console")
    await ana.do("be_away", first_day=on_day(3), last_day=on_day(5), substitute=office.manager)
    await expect(ana.page.locator("section[data-live='away']")).to_contain_text("Mo Nager is told instead of you")


async def test_word_on_health_stands_beside_the_computed_score(office: Office) -> None:
    ana = await office.seat(office.csm)
    await ana.go(f"/customers/{office.customer}")
    await ana.do("override_health", band="green", reason="Their new director is on our side")
    said = ana.page.locator("section[data-live='said']")
    await expect(said).to_contain_text("Ana Lima says green")
    await expect(said).to_contain_text("Their new director is on our side")
    await ana.do("clear_override")
    await expect(said).to_contain_text("Nobody says anything else")


async def test_read_model_that_is_made_anew_is_the_same(office: Office) -> None:
    """From Kafka, by the command, as an administrator does it; while the console runs, it is refused."""
    system, console = office.system, office.system.services["console"]
    with pytest.raises(Problem, match="still runs"):
        await rebuild(system.kafka, system.admin)
    others = [one for one in system.services.values() if one is not console]
    for one in others:  # or what they still tell meanwhile would be new in the second model
        await one.stop()
    ((stopped,),) = await system.query("SELECT clock_timestamp()")

    async def has_all() -> bool:
        sql = "SELECT bool_and(behind = 0 AND as_of > $1) FROM console.freshness"
        return bool((await system.query(sql, stopped))[0][0])

    await until(has_all, "the console has taken all that there is")
    before = await read_model(system)
    assert [table for table in ("cases", "happenings", "customers", "tasks") if not before[table]] == []
    await console.stop()
    await rebuild(system.kafka, system.admin)
    empty = await read_model(system)
    assert {len(rows) for rows in empty.values()} == {0}
    console.start()
    await console.ready()

    async def is_the_same() -> bool:
        return await read_model(system) == before

    await until(is_the_same, "the read model is what it was")
    for one in others:
        one.start()
    for one in others:
        await one.ready()


async def read_model(system: Deployment) -> dict[str, list[str]]:
    """Return every row that the console has projected, but for the scores, which go on changing."""
    return {
        table: [row["one"] for row in await system.query(f"SELECT one::text FROM console.{table} AS one ORDER BY 1")]
        for table in TABLES
        if table != "scores"
    }
