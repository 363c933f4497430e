"""What open pages are told: in order, after a pause from where they were, and to whom it concerns. Over real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from services.console.store import live
from services.console.store.reading import as_reader
from shared.database import Pool
from shared.page.serving import PageServer
from tests.deployment import PATIENCE, until
from tests.services.console.test_acting import BEGUN, TYPED, accepted, ask, opened, sent
from tests.services.console.workshop import NOW, Browser, Workshop, case

pytestmark = pytest.mark.schema("console")
Told = tuple[str, str, str]  # id, event, data


@asynccontextmanager
async def served(bench: Workshop) -> AsyncIterator[str]:
    """Serve the pages, with their post, as the service does."""
    server = PageServer(bench.app, "127.0.0.1", 0)
    tasks = [asyncio.create_task(server.run()), asyncio.create_task(bench.post.run())]
    try:

        async def is_up() -> bool:
            return server.check().ok

        await until(is_up, "the pages are up")
        yield f"http://127.0.0.1:{server.port}"
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def listening(url: str, browser: Browser, on: str, **headers: str) -> AsyncIterator[AsyncIterator[Told]]:
    """Open a page's stream; yields what is told. Whoever waits for what is never told waits no longer than patience."""
    cookies = "; ".join(f"{one.name}={one.value}" for one in browser.http.cookies.jar)
    async with (
        asyncio.timeout(PATIENCE),
        httpx.AsyncClient(trust_env=False, timeout=30, headers={"cookie": cookies, **headers}) as http,
        http.stream("GET", f"{url}/live", params={"on": on}) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield _told(answer)


async def _told(answer: httpx.Response) -> AsyncIterator[Told]:
    found: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if line:
            name, _, value = line.partition(": ")
            found[name] = value
        elif "data" in found:
            yield found["id"], found["event"], json.loads(found["data"])
            found = {}


async def changes(bench: Workshop, revision: int) -> None:
    """Tell of a change of the case, now."""
    topic, body = case("CaseUpdated", "acme", "c-acme", **{**BEGUN, "revision": revision})
    fresh = {**json.loads(body), "occurred_at": NOW.isoformat()}
    await bench.tell((topic, json.dumps(fresh).encode()))


async def test_an_open_page_hears_of_answers_and_of_changes_of_what_it_shows(pool: Pool) -> None:
    bench, ana = await opened(pool)
    async with served(bench) as url, listening(url, ana, "cases/c-acme") as told:
        await ask(ana, **TYPED)
        (asked,) = await sent(bench)
        await bench.tell(accepted(asked["event_id"]))
        assert (await anext(told))[1:] == ("command", "cases/c-acme:schedule_conversation:")
        await changes(bench, 7)
        assert (await anext(told))[1:] == ("changed", "cases/c-acme")


async def test_a_page_that_was_away_is_told_what_it_missed_from_where_it_was(pool: Pool) -> None:
    bench, ana = await opened(pool)
    async with served(bench) as url:
        async with listening(url, ana, "cases/c-acme") as told:
            await changes(bench, 7)
            at, _, _ = await anext(told)
        await changes(bench, 8)
        await changes(bench, 9)
        async with listening(url, ana, "cases/c-acme", **{"last-event-id": at}) as told:
            found = [(await anext(told))[0], (await anext(told))[0]]
    assert [live.position_of(one) for one in (at, *found)] == sorted(
        filter(None, (live.position_of(one) for one in (at, *found)))
    )
    assert len({at, *found}) == 3


async def test_nobody_is_told_of_what_they_may_not_see(pool: Pool) -> None:
    bench, _ = await opened(pool)
    async with as_reader(pool, NOW, "ana") as tx:
        start = await live.now(tx)
    await changes(bench, 7)
    seen = {}
    for person in ("ana", "mo", "ben"):
        async with as_reader(pool, NOW, person) as tx:
            seen[person] = len(await live.since(tx, start, ["cases/c-acme"]))
    assert seen == {"ana": 1, "mo": 1, "ben": 0}


async def test_what_is_committed_late_is_told_all_the_same(pool: Pool) -> None:
    """A row with a lower number that commits after one with a higher number is not overlooked."""
    await opened(pool)
    start = await live.newest(pool)

    async def tell(connection: object, subject: str) -> None:
        await connection.execute("SELECT set_config('console.projects', 'on', true)")  # type: ignore[attr-defined]
        await connection.execute(  # type: ignore[attr-defined]
            "INSERT INTO live (kind, subject, customer_id) VALUES ('changed', $1, 'acme')", subject
        )

    async with pool.acquire() as slow, pool.acquire() as quick:
        late = slow.transaction()
        await late.start()
        await tell(slow, "late")
        async with quick.transaction():
            await tell(quick, "soon")
        news, position = await live.latest(pool, start)
        assert news == []  # it waits for the one that may come before it
        await late.commit()
    news, _ = await live.latest(pool, position)
    assert [one.subject for one in news] == ["late", "soon"]


async def test_the_stream_ends_with_the_session(pool: Pool) -> None:
    bench, ana = await opened(pool)
    async with served(bench) as url, listening(url, ana, "cases/c-acme") as told:
        elsewhere = await ana.get("/live?reader=mo")  # of a page that was made for somebody else
        before = await ana.http.head("/live")
        await ana.post("/logout")
        await changes(bench, 7)
        assert [one async for one in told] == []
    after = [await ana.get("/live"), await ana.http.head("/live", headers={"x-part": "1"})]
    assert [one.status_code for one in (elsewhere, before, *after)] == [401, 204, 401, 401]
