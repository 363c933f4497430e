"""Every page in a real browser: it opens, asks nobody else, can be used by keyboard, and reads well to everybody."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

pytestmark = pytest.mark.schema("console")
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
PAGES = {
    "today": "/",
    "portfolio": "/portfolio",
    "a choice": "/portfolio?band=red&search=zzz",
    "value": "/portfolio/value",
    "customer": "/customers/acme",
    "another customer": "/customers/calm",
    "case": "/cases/c-acme",
    "failed case": "/cases/c-borg",
    "transition": "/transitions/t-borg",
    "notifications": "/notifications",
    "announced transition": "/transitions/t-dawn",
    "oneself": "/me",
    "preferences": "/me/preferences",
    "keys": "/me/keys",
    "alternatives": "/catalogue/alternatives",
    "nothing": "/customers/none",
    "login": "/login",
}
OF_OTHERS = {"olaf": {"what was announced": "/transitions/t-gone"}, "adam": {"system": "/system"}}
PASTED = """() => {
    document.querySelectorAll('textarea').forEach(one => { one.value = 'https://a.example/' + 'x'.repeat(400) })
    return document.documentElement.scrollWidth - document.documentElement.clientWidth
}"""
LOOKS = {"light": (1280, "light"), "dark": (1280, "dark"), "narrow": (390, "light")}


async def violations(page: Page) -> list[dict[str, Any]]:
    """Return what axe finds against WCAG 2.2 A and AA, and its best practices."""
    await page.evaluate(AXE)  # by the debugger: the page's own policy lets no other script in
    found = await page.evaluate("async () => (await axe.run()).violations")
    return [{"rule": one["id"], "where": [node["html"][:200] for node in one["nodes"]]} for one in found]


async def look_at(page: Page, pages: dict[str, str]) -> None:
    """Open pages, with every form on them unfolded, and require that they are sound."""
    for name, path in pages.items():
        answer = await page.goto(path)
        assert answer is not None
        assert answer.status == (404 if name == "nothing" else 200), name
        await page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        assert await violations(page) == [], name
        wider = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, f"{name} is wider than its window by {wider} px"
        wider = await page.evaluate(PASTED)
        assert wider <= 0, f"{name} gets wider by {wider} px from a long address in a text"


@pytest.mark.parametrize("look", LOOKS)
async def test_every_page_opens_reads_well_to_everybody_and_asks_nobody_else(
    page: Page, strayed: list[str], look: str
) -> None:
    width, scheme = LOOKS[look]
    await page.set_viewport_size({"width": width, "height": 800})
    await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    await look_at(page, PAGES)
    if look == "narrow":
        await page.goto("/portfolio")
        beside = await page.evaluate("(() => { const it = document.querySelector('.scroll'); "
                                     "return it.scrollWidth - it.clientWidth })()")  # fmt: skip
        assert beside <= 0, "what matters of a customer is seen without moving the table"
    for person, pages in OF_OTHERS.items():
        await page.goto("/login")
        await page.click(f"button[value='{person}']")
        await look_at(page, pages)
    elsewhere = [*strayed]
    strayed.clear()  # or the browser says it again at its end
    assert elsewhere == []
    assert [one for one in said if "404" not in one] == []


@pytest.mark.parametrize("path", ["/", "/portfolio", "/customers/acme"])
async def test_keyboard_reaches_everything_in_order_and_shows_where_it_is(page: Page, path: str) -> None:
    await page.goto(path)
    there = await page.locator("a:visible, button:visible, input:visible, select:visible, summary:visible").count()
    seen = 0
    for _ in range(there + 10):
        await page.keyboard.press("Tab")
        focused = await page.evaluate(
            """() => { const it = document.activeElement; if (it === document.body) return null;
                const style = getComputedStyle(it), box = it.getBoundingClientRect();
                return {what: it.outerHTML.slice(0, 120), ring: style.outlineStyle !== 'none' && style.outlineWidth,
                        wide: box.width, high: box.height}; }"""
        )
        if focused is None:
            break
        seen += 1
        assert focused["ring"], focused
        assert focused["wide"] > 0, focused
        assert focused["high"] > 0, focused
    assert seen >= there


async def test_first_press_of_tab_leads_past_the_navigation(page: Page) -> None:
    await page.goto("/")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "main"


async def test_choice_shows_at_once_stays_in_the_address_and_can_be_saved(page: Page) -> None:
    await page.goto("/portfolio")
    await page.fill("#search", "borg")
    await expect(page.locator("#found tbody tr")).to_have_count(1)
    await expect(page).to_have_url(re.compile("search=borg"))
    await expect(page.locator("main")).to_contain_text("1 customer of this choice")
    await expect(page.get_by_role("link", name="As a file")).to_have_attribute("href", "/portfolio.csv?search=borg")
    await page.fill("input[name='name']", "Only Borg")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.locator("nav[aria-label='Saved views']")).to_be_visible()
    await page.goto("/portfolio")
    await page.click("nav[aria-label='Saved views'] >> text=Only Borg")
    await expect(page.locator("#found tbody tr")).to_have_count(1)


async def test_portfolio_works_without_a_script(page: Page) -> None:
    await page.route("**/htmx.js*", lambda route: route.abort())
    await page.goto("/portfolio")
    await page.select_option("#segment", "enterprise")
    await page.click("text=Show")
    await expect(page.locator("#found tbody tr")).to_have_count(1)


async def test_file_holds_the_choice_and_no_formula(page: Page) -> None:
    answer = await page.request.get("/portfolio.csv?segment=enterprise")
    rows = list(csv.DictReader(io.StringIO(await answer.text())))
    assert [row["name"] for row in rows] == ["Borg & Sons <b>"]


async def test_names_are_shown_as_they_are_written(page: Page) -> None:
    await page.goto("/customers/borg")
    assert await page.inner_text("h1") == "Borg & Sons <b>"


async def test_numbers_are_written_as_the_reader_is_used_to(page: Page) -> None:
    german = await page.request.get("/customers/acme", headers={"accept-language": "de-DE,de;q=0.9"})
    assert "1.200 €" in (await german.text()).replace("\N{NO-BREAK SPACE}", " ")
    english = await page.request.get("/customers/acme", headers={"accept-language": "en-GB"})
    assert "€1,200" in await english.text()
    odd = await page.request.get("/customers/acme", headers={"accept-language": json.dumps({"x": "ö"})})
    assert odd.status == 200
