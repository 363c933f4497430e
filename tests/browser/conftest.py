"""The console's pages on a port of their own, furnished, and a real browser that may go nowhere else."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page

from shared.database import Pool
from shared.page.serving import PageServer
from tests.browser.at_home import chromium
from tests.browser.furnished import furnish
from tests.deployment import until
from tests.services.console.workshop import Workshop


@pytest.fixture
async def bench(pool: Pool) -> Workshop:
    """A console in which something is going on."""
    furnished = Workshop(pool)
    await furnish(furnished)
    return furnished


@pytest.fixture
async def console(bench: Workshop) -> AsyncIterator[str]:
    """The address of its pages, and news for the open ones."""
    server = PageServer(bench.app, "127.0.0.1", 0)
    serving = [asyncio.create_task(server.run()), asyncio.create_task(bench.post.run())]

    async def listens() -> bool:
        return server.check().ok

    try:
        await until(listens, "the pages are served")
        yield f"http://127.0.0.1:{server.port}"
    finally:
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


@pytest.fixture
async def strayed() -> list[str]:
    """What a page asked of any other machine."""
    return []


@pytest.fixture
async def browser(strayed: list[str]) -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    async with chromium(strayed) as running:
        yield running


@pytest.fixture
async def page(browser: Browser, console: str) -> AsyncIterator[Page]:
    """A tab in which Claire, a manager, is logged in."""
    context = await browser.new_context(base_url=console, locale="en-GB")
    tab = await context.new_page()
    await tab.goto("/login")
    await tab.click("button[value='claire']")
    yield tab
    await context.close()
