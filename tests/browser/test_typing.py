"""Nothing that is typed is lost: not to a conflict, not to a server that is busy, and not when the session ends."""

import json
import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.seat import fill
from tests.contracts.examples import BY_TYPE
from tests.deployment import until
from tests.services.console.test_acting import refused, sent
from tests.services.console.workshop import Workshop, case

pytestmark = pytest.mark.schema("console")
HIDDEN = """(hidden) => {
    Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});
    document.dispatchEvent(new Event('visibilitychange'));
}"""
FRAME = {"starts_on": "2026-03-10", "ends_on": "2026-05-10", "cadence": "weekly", "first_review_on": "2026-03-17"}


@pytest.fixture
async def form(page: Page) -> Any:
    """The frame of a plan, open in a browser whose clock stands still unless a test moves it."""
    await page.clock.install()
    await page.goto("/cases/c-acme")
    await page.clock.pause_at(await page.evaluate("Date.now() + 1000"))
    act = page.locator("#act-draft_plan")
    await act.locator("summary").click()
    return act


async def changes(bench: Workshop, revision: int, purpose: str) -> None:
    """Let somebody else write what the plan is for."""
    terms = {**BY_TYPE["CaseUpdated"].content["case"]["plan"]["agreed"]["terms"], "purpose": purpose}
    told: dict[str, Any] = {"csm": "ana", "state": "conversation", "ending": None, "failure": None}
    await bench.tell(case("CaseUpdated", "acme", "c-acme", **told, revision=revision, plan={"draft": terms}))


async def kept(bench: Workshop) -> dict[str, str]:
    """Return whose purposes are kept."""
    rows = await bench.rows("drafts")
    return {row["person_id"]: json.loads(row["fields"])["purpose"][0].replace("\r\n", "\n") for row in rows}


async def is_kept(bench: Workshop, text: str) -> None:
    """Wait until what Claire typed is kept."""

    async def done() -> bool:
        return await kept(bench) == {"claire": text}

    await until(done, "what was typed is kept")


async def test_who_types_in_a_conflict_goes_on_typing_and_sees_what_changes_also_after_a_day_away(
    page: Page, bench: Workshop, form: Any
) -> None:
    for field, value in {**FRAME, "purpose": "Mine"}.items():
        await fill(form, field, value)
    await form.locator("button:not([name])").click()
    await expect(form).to_contain_text("Saving")
    (asked,) = await sent(bench)
    await changes(bench, 30, "Theirs")
    await bench.tell(refused(asked["event_id"], "conflict", "Changed.", "expected_revision is 30"))
    await page.clock.run_for(1000)
    await expect(form.locator(".theirs").first).to_contain_text("Theirs")
    await form.locator("[name='purpose']").click()
    await page.keyboard.press("End")
    await page.keyboard.type(", and")
    await changes(bench, 31, "Theirs again")
    await until_it_runs(page, "document.querySelector('#act-draft_plan .theirs').textContent.includes('Theirs again')")
    await page.keyboard.type(" more")
    await expect(form.locator("[name='purpose']")).to_have_value("Mine, and more")
    await expect(form.locator("[name='purpose']")).to_be_focused()
    await expect(form.locator("[name='revision']")).to_have_value(re.compile("^31-"))
    await page.evaluate(HIDDEN, True)
    await is_kept(bench, "Mine, and more")

    await page.goto("/cases/c-acme")
    await page.evaluate(HIDDEN, True)
    await changes(bench, 32, "Theirs at last")
    async with bench.pool.acquire() as connection, connection.transaction():  # what is told is kept for a day
        await connection.execute("SELECT set_config('console.projects', 'on', true)")
        await connection.execute("DELETE FROM live")
    await page.clock.fast_forward("25:00:00")
    await page.evaluate(HIDDEN, False)
    await until_it_runs(page, "document.querySelector('section[data-live=plan]').textContent.includes('at last')")
    await page.goto("/")
    await page.evaluate(HIDDEN, True)
    await page.clock.fast_forward("02:00:00")
    await page.evaluate(HIDDEN, False)
    await expect(page.get_by_role("link", name="Load it again")).to_be_visible()


async def until_it_runs(page: Page, condition: str) -> None:
    """Let the page's clock run until something is so."""

    async def so() -> bool:
        await page.clock.run_for(200)
        return bool(await page.evaluate(condition))

    await until(so, condition)


async def test_typed_text_outlives_a_busy_server_a_session_and_is_nobody_elses(
    page: Page, bench: Workshop, form: Any
) -> None:
    purpose = form.locator("[name='purpose']")

    async def types(text: str) -> None:
        await purpose.fill(text)
        await page.clock.run_for(1000)

    await page.route("**/draft", lambda route: route.fulfill(status=503), times=1)
    async with page.expect_response("**/draft") as busy:
        await types("Kept later")
    assert (await busy.value).status == 503
    await page.clock.run_for(4000)
    await is_kept(bench, "Kept later")

    much = "50% & a=b+c; " + "д" * 12_000 + "\nthe end"
    await purpose.fill(much)
    await page.evaluate(HIDDEN, True)
    await is_kept(bench, much)
    await page.evaluate(HIDDEN, False)
    await purpose.fill("x" * 300_000)
    await form.locator("button:not([name])").click()
    await expect(form.locator("[data-said]")).to_contain_text("too long")

    await bench.pool.execute("UPDATE sessions SET expires_at = clock_timestamp()")
    await changes(bench, 30, "Theirs")  # or nobody looks for a quarter of a minute
    out = page.locator("#toasts").get_by_text("no longer logged in")
    await until_it_runs(page, "document.querySelector('#toasts').textContent.includes('no longer logged in')")
    await types("Still here")
    await form.locator("button:not([name])").click()
    await expect(form.locator("[data-said]")).to_contain_text("Log in in another tab")
    async with page.expect_event("dialog") as asked:
        await page.evaluate("setTimeout(() => location.reload(), 1) && undefined")
        await page.clock.run_for(10)
    dialog = await asked.value
    await dialog.dismiss()
    assert dialog.type == "beforeunload"
    async with page.expect_popup() as opened:
        await page.get_by_role("link", name="Log in in another tab").click()
    other = await opened.value
    await other.click("button[value='ana']")
    async with page.expect_response(lambda answer: "/live" in answer.url) as still:
        await page.clock.run_for(6000)
    assert (await still.value).status == 401
    assert await kept(bench) == {"claire": much}
    await other.goto("/login")
    await other.click("button[value='claire']")
    await expect(other.locator("h1")).to_be_visible()
    await page.clock.run_for(6000)
    await is_kept(bench, "Still here")
    await expect(out).to_have_count(0)
