"""A person at a real browser in front of the console."""

import os
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from tests.deployment import PATIENCE

PICTURES = os.environ.get("AMICABLE_TEST_PICTURES")  # a folder to put pictures of what was seen into
PHONE = ViewportSize(width=390, height=844)
expect.set_options(timeout=PATIENCE * 1000)


class Seat:
    """Somebody logged in, in a session of their own."""

    def __init__(self, page: Page, url: str) -> None:
        """Made by `sit`."""
        self.page, self.url = page, url

    @classmethod
    async def sit(cls, browser: Browser, url: str, person: str, **look: Any) -> "Seat":
        """Log in."""
        context = await browser.new_context(locale="en-GB", **look)
        context.set_default_timeout(PATIENCE * 1000)
        page = await context.new_page()
        await page.goto(f"{url}/login")
        await page.click(f"button[value='{person}']")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        return cls(page, url)

    async def go(self, path: str) -> None:
        """Open a page."""
        await self.page.goto(f"{self.url}{path}")

    def act(self, name: str, item: str = "") -> Locator:
        """Return a form, folded or not; the first of its kind where no item is named."""
        return self.page.locator(f"details[id='act-{name}-{item}']" if item else f"details[id^='act-{name}']").first

    async def unfold(self, name: str, item: str = "") -> Locator:
        """Open a form; returns it."""
        act = self.act(name, item)
        await expect(act.locator("form:not([data-state='saving'])")).to_be_attached()
        if await act.get_attribute("open") is None:
            await act.locator("summary").click()
        return act

    async def do(self, name: str, item: str = "", **fields: str | bool | list[str]) -> None:
        """Fill in a form and send it."""
        act = await self.unfold(name, item)
        for field, value in fields.items():
            await fill(act, field, value)
        await act.locator("button:not([name])").click()

    async def see(self, text: str) -> None:
        """Wait until the page says something."""
        await expect(self.page.locator("main")).to_contain_text(text)

    async def picture(self, name: str) -> None:
        """Take a picture, where pictures are wanted."""
        if PICTURES:
            await self.page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


async def fill(act: Locator, field: str, value: str | bool | list[str]) -> None:
    """Fill in one field."""
    if isinstance(value, list):
        for one in value:
            await act.get_by_label(one).check()
        return
    where = act.locator(f"[name='{field}']").first
    if isinstance(value, bool):
        await where.set_checked(value)
    elif await where.evaluate("one => one.tagName") == "SELECT":
        await where.select_option(value)
    else:
        await where.fill(value)
