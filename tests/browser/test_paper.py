"""What is printed: all that a page says and nothing to press, light, and nothing of it cut off."""

import io
from typing import Any

import pytest
from playwright.async_api import Page
from pypdf import PdfReader

from tests.browser.test_pages import violations

pytestmark = pytest.mark.schema("console")
A4 = 688  # CSS pixels between its margins
PAGES = {
    "today": ("/", "What happened in the last week"),
    "portfolio": ("/portfolio", "Dawn AG"),
    "customer": ("/customers/acme", "Everything that happened"),
    "case": ("/cases/c-acme", "Last resort"),
    "transition": ("/transitions/t-dawn", "Would you like to talk it through?"),
    "notifications": ("/notifications", "What you were sent."),
    "keys": ("/me/keys", "/api/v1/today"),
    "value": ("/portfolio/value", "How bands moved"),
}
TO_PRESS = "nav, button, input, select, textarea, form, .act, .toasts, .skip"
SHOWN = """(to) => [...document.querySelectorAll(to)].filter(one => one.checkVisibility()).map(one => one.outerHTML)"""
CUT = """() => [...document.querySelectorAll('body *')].filter(one => !one.closest('.hidden, svg') &&
    getComputedStyle(one).overflow !== 'visible' &&
    (one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight)).map(one => one.outerHTML)"""
FOLDED = """() => [...document.querySelectorAll('main details:not(.act) > :not(summary)')]
    .filter(one => !one.checkVisibility({contentVisibilityAuto: true}) && !one.closest('figure'))
    .map(one => one.outerHTML)"""


async def seen(page: Page) -> dict[str, list[Any]]:
    """Return what must not be on paper."""
    wider = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    paper = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    return {
        "to press": await page.evaluate(SHOWN, TO_PRESS),
        "cut off": await page.evaluate(CUT),
        "folded": await page.evaluate(FOLDED),
        "wider than the paper": [wider] if wider > 0 else [],
        "dark": [paper] if paper != "rgb(255, 255, 255)" else [],
        "hard to read": [one for one in await violations(page) if one["rule"] == "color-contrast"],
    }


async def test_every_page_is_printed_whole_light_and_without_what_one_presses(page: Page) -> None:
    await page.set_viewport_size({"width": A4, "height": 1000})
    await page.emulate_media(media="print", color_scheme="dark")
    for name, (path, says) in PAGES.items():
        await page.goto(path)
        assert {what: found for what, found in (await seen(page)).items() if found} == {}, name
        printed = await page.pdf(format="A4", prefer_css_page_size=True)
        text = " ".join(one.extract_text() for one in PdfReader(io.BytesIO(printed)).pages)
        assert says in " ".join(text.split()), name
        assert "Log out" not in text
