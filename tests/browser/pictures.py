"""Takes pictures of every page of a console that runs with its demo login, for people to look at.

`python -m tests.browser.pictures URL FOLDER PERSON`: light and dark, wide, as narrow as a phone and on paper, in full
length; pages that have forms a second time, with every form unfolded.
"""

import asyncio
import sys
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from tests.browser.chromium import executable

LOOKS = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 900}},
    "narrow": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}},
    "paper": {"color_scheme": "light", "viewport": {"width": 794, "height": 1123}},
}
FIRST = {  # pages that are found by following the first link of that kind
    "customer": "main a[href^='/customers/']",
    "case": "main a[href^='/cases/']",
    "transition": "main a[href^='/transitions/']",
    "system": "nav a[href='/system']",
}


async def take(url: str, folder: Path, person: str) -> list[Path]:
    """Take the pictures as this person sees the pages; returns the files."""
    taken = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(executable()))
        for look in LOOKS:
            page = await _page(browser, look)
            await page.goto(f"{url}/login")
            taken.append(await _picture(page, folder, f"login-{look}"))
            await page.click(f"button[value='{person}']")
            await page.emulate_media(media="print" if look == "paper" else "screen")  # nothing is pressed on paper
            for name, path in (await _pages(page, url)).items():
                await page.goto(f"{url}{path}")
                taken.append(await _picture(page, folder, f"{name}-{look}"))
                if await page.locator("details.act").count() and look != "paper":
                    await page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
                    taken.append(await _picture(page, folder, f"{name}-forms-{look}"))
            await page.context.close()
        await browser.close()
    return taken


async def _page(browser: Browser, look: str) -> Page:
    context = await browser.new_context(**LOOKS[look], locale="en-GB")  # type: ignore[arg-type]
    return await context.new_page()


async def _pages(page: Page, url: str) -> dict[str, str]:
    """Return the address of every page that this person can come to."""
    found = {
        "today": "/",
        "portfolio": "/portfolio",
        "value": "/portfolio/value",
        "notifications": "/notifications",
        "me": "/me",
        "preferences": "/me/preferences",
        "keys": "/me/keys",
    }
    starts = ["/", "/portfolio?step=ending", "/portfolio?step=reviewing", "/portfolio"]
    for start in starts:
        await page.goto(f"{url}{start}")
        for name, selector in FIRST.items():
            link = page.locator(selector)
            if name not in found and await link.count():
                found[name] = str(await link.first.get_attribute("href"))
                starts.append(found[name])  # what is found nowhere else is found there
    return found


async def _picture(page: Page, folder: Path, name: str) -> Path:
    file = folder / f"{name}.png"
    await page.screenshot(path=file, full_page=True)
    return file


if __name__ == "__main__":
    for one in asyncio.run(take(sys.argv[1].rstrip("/"), Path(sys.argv[2]), sys.argv[3])):
        print(one)  # noqa: T201
