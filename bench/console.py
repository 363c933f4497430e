"""What the console is measured at: every page with 10,000 customers, as a CSM, a manager and an executive ask."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import async_playwright
from pydantic import SecretStr

from amicable import migrate
from amicable.runtime.home import Home
from amicable.runtime.postgres import running_postgres
from bench.console_company import CSMS, SEGMENTS, company
from bench.finding import Finding
from services.console import handlers
from services.console.config import Settings
from services.console.page.application import create_pages
from services.console.store import projection
from shared import database
from shared.database import Pool
from shared.firehose import Taken
from shared.page.serving import PageServer
from tests.browser.chromium import executable

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SCORE_DAYS = 90
MOST_ANSWER = 150.0  # milliseconds, of 95 in 100, in the service
MOST_PAINT = 200.0  # milliseconds, until something is seen
ASKED = 60  # times, each page
PEOPLE = {"csm-0": "a CSM", "manager-0": "a manager of ten", "boss": "an executive"}
AT_ONCE = 500
_FIRST_PAINT = """new Promise(tell => new PerformanceObserver(seen => {
    const first = seen.getEntriesByName("first-contentful-paint")[0];
    if (first) tell(first.startTime);
}).observe({type: "paint", buffered: true}))"""  # it may be noted after the page was loaded


async def console(folder: Path, customers: int = 10_000) -> list[Finding]:
    """Fill the read model through the projection, then ask for every page, and see it painted."""
    async with _filled(folder, customers) as (pool, projecting):
        settings = Settings(
            database_url=SecretStr("postgresql://unused@unused/unused"),
            kafka="unused:1",
            http_port=0,
            page_port=0,
            demo_login="loopback",
        )
        pages = create_pages(pool, lambda: NOW, settings)
        found = [projecting]
        for person, called in PEOPLE.items():
            found += await _asked(pages, person, called)
        return [*found, *await _painted(pages)]


@asynccontextmanager
async def _filled(folder: Path, customers: int) -> AsyncIterator[tuple[Pool, Finding]]:
    async with running_postgres(Home(folder), wanted_port=None) as running:
        await migrate.migrate(running.address, dict.fromkeys(migrate.ROLES, "bench"))
        dsn = migrate.with_database(running.address, migrate.DATABASE, user="console", password="bench")  # noqa: S106
        async with database.create_pool(dsn, schema="console", connections=10) as pool:
            messages = company(customers, NOW)
            began = time.perf_counter()
            for start in range(0, len(messages), AT_ONCE):
                some = messages[start : start + AT_ONCE]
                async with database.transaction(pool, "console", NOW) as tx:
                    await handlers.project([Taken(message, 0) for message in some], tx)
            rate = len(messages) / (time.perf_counter() - began)
            await _past(pool)
            await _analyse(migrate.with_database(running.address, migrate.DATABASE))
            yield pool, Finding(f"{len(messages):,} messages projected", rate, "messages/s")


async def _past(pool: Pool) -> None:
    """Give every customer a score of each day of the last months."""
    async with database.transaction(pool, "console", NOW) as tx:
        await projection.begin(tx)
        await tx.execute(
            """
            INSERT INTO score_days (customer_id, day, revision, score, band)
            SELECT customer_id, $1::date - back, 0, least(100, greatest(0, score + back / 3.0)), band
            FROM scores, generate_series(1, $2::int) AS back ON CONFLICT DO NOTHING
            """,
            NOW,
            SCORE_DAYS,
        )


async def _analyse(admin: str) -> None:
    """Have Postgres know its tables, as its own housekeeping does in time."""
    connection = await database.connect(admin)
    await connection.execute("ANALYZE")
    await connection.close()


async def _asked(pages: Any, person: str, called: str) -> list[Finding]:
    """Ask for every page many times, with filters and customers at random."""
    chance = random.Random(7)  # noqa: S311  # the same every time
    transport = httpx.ASGITransport(app=pages)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        await http.post("/login/demo", data={"person": person}, headers={"sec-fetch-site": "same-origin"})
        return [
            Finding(f"{called}: {name}, 95 of 100", await _slowest(http, name, chance), "ms", MOST_ANSWER)
            for name in ("today", "portfolio", "portfolio, a search", "value", "customer", "case", "preferences")
        ]


async def _slowest(http: httpx.AsyncClient, name: str, chance: random.Random) -> float:
    took = []
    for _ in range(ASKED):
        path = _address(name, chance)
        began = time.perf_counter()
        answer = await http.get(path)
        took.append((time.perf_counter() - began) * 1000)
        if answer.status_code != httpx.codes.OK:
            raise RuntimeError(f"{path} was answered by {answer.status_code}")
    return sorted(took)[int(0.95 * len(took))]


def _address(name: str, chance: random.Random) -> str:
    number = chance.randrange(10) * CSMS  # of the first CSM, whom all of them see
    sort = chance.choice(("name", "score", "revenue", "renewal", "trend"))
    return {
        "today": "/",
        "portfolio": f"/portfolio?sort={sort}&page={chance.randrange(1, 3)}",
        "portfolio, a search": f"/portfolio?search=company {number}&segment={chance.choice(SEGMENTS)}",
        "value": "/portfolio/value",
        "customer": f"/customers/customer-{number:05d}",
        "case": f"/cases/case-{number:05d}",
        "preferences": "/me/preferences",
    }[name]


async def _painted(pages: Any) -> list[Finding]:
    """See pages in a real browser: until something is painted, half of the times."""
    server = PageServer(pages, "127.0.0.1", 0)
    serving = asyncio.create_task(server.run())
    while not server.check().ok:  # noqa: ASYNC110  # it has no event for it
        await asyncio.sleep(0.01)
    try:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=str(executable()), args=["--no-sandbox"])
            page = await browser.new_page(base_url=f"http://127.0.0.1:{server.port}")
            await page.goto("/login")
            await page.click("button[value='boss']")
            found = [
                Finding(f"an executive: {path} is painted", await _paint(page, path), "ms", MOST_PAINT)
                for path in ("/", "/portfolio", "/customers/customer-00000")
            ]
            await browser.close()
            return found
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


async def _paint(page: Any, path: str) -> float:
    took = []
    for _ in range(11):
        await page.goto(path)
        took.append(float(await page.evaluate(_FIRST_PAINT)))
    return sorted(took)[len(took) // 2]
