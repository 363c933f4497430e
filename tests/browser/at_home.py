"""A browser of which it is noted what its pages ask of any other machine; none of that leaves this one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Request, WebSocket, async_playwright

from tests.browser.chromium import executable

HERE = frozenset({"127.0.0.1", "localhost", "::1", None})  # None: what is in the page itself, as data: and blob:
NOWHERE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"


@asynccontextmanager
async def chromium(strayed: list[str] | None = None) -> AsyncIterator[Browser]:
    """Run a browser. AssertionError at its end where a page has asked another machine; strayed: where to note that.

    What the page's own policy stops is noted as well: nobody should have asked.
    """
    noted = [] if strayed is None else strayed

    def note(asked: Request | WebSocket) -> None:
        if urlsplit(asked.url).hostname not in HERE:
            noted.append(asked.url)

    def watch(context: BrowserContext) -> None:
        context.on("request", note)
        context.on("page", lambda page: page.on("websocket", note))

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(executable()), args=[NOWHERE])
        browser.on("context", watch)
        yield browser
        await browser.close()
    assert noted == [], "pages asked other machines"
