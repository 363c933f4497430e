"""The page over real HTTP, on the service's own port: up when it says so, gone when the service goes."""

import asyncio
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from amicable.runtime import ports
from shared.page.serving import PageServer
from tests.deployment import until
from tests.services.action_plans.guest import COMPANY, Guest, invited, site
from tests.services.action_plans.test_page import offered

Pool = Any


@asynccontextmanager
async def served(server: PageServer) -> AsyncIterator[asyncio.Task[None]]:
    """Run the server as a service runs its background work."""
    task = asyncio.create_task(server.run())
    try:

        async def is_up() -> bool:
            return server.check().ok or task.done()

        await until(is_up, "the page is up")
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_plan_is_read_answered_and_signed_over_http(pool: Pool) -> None:
    bench, _ = await offered(pool)
    app = site(bench)
    invitation = await invited(bench, app=app)
    server = PageServer(app, "127.0.0.1", 0)
    async with served(server):
        guest = Guest(bench, app, invitation.token, invitation.link_id)
        guest.http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", trust_env=False)
        async with guest.http:
            first = await guest.look()
            assert f"and {COMPANY}" in guest.words
            assert "server" not in first.headers
            style = re.search(r'href="(/page.css[^"]*)"', guest.text)
            assert style is not None
            assert (await guest.http.get(style[1])).headers["content-type"].startswith("text/css")
            await guest.send("comment", text="Read.")
            await guest.send("code")
            await guest.send("sign", code=await guest.code())
    assert "You have signed this version" in guest.words
    assert [one.text for one in (await bench.case()).comments] == ["Read."]


async def test_page_says_whether_it_is_up(pool: Pool) -> None:
    bench, _ = await offered(pool)
    server = PageServer(site(bench), "127.0.0.1", 0)
    assert not server.check().ok
    async with served(server):
        assert server.check().ok
        assert str(server.port) in server.check().says
    assert not server.check().ok
    with pytest.raises(httpx.ConnectError):
        await httpx.AsyncClient(trust_env=False).get(f"http://127.0.0.1:{server.port}/")


async def test_page_leaves_the_signals_to_the_service(pool: Pool) -> None:
    """Else SIGTERM would end the page, and the service would go on half alive."""
    bench, _ = await offered(pool)
    before = signal.getsignal(signal.SIGTERM)
    async with served(PageServer(site(bench), "127.0.0.1", 0)):
        assert signal.getsignal(signal.SIGTERM) is before


async def test_taken_port_ends_the_work_and_says_so(pool: Pool, capsys: pytest.CaptureFixture[str]) -> None:
    """`amicable dev` reads it in the log, and tries another port."""
    bench, _ = await offered(pool)
    port = ports.choose()
    async with served(PageServer(site(bench), "127.0.0.1", port)):
        with pytest.raises(OSError, match="in use"):
            await PageServer(site(bench), "127.0.0.1", port).run()
    assert "address already in use" in capsys.readouterr().out


@pytest.mark.parametrize("proxies", ["", "127.0.0.1"])
async def test_only_a_proxy_that_is_named_says_where_somebody_comes_from(pool: Pool, proxies: str) -> None:
    """Else everybody could pretend to be somebody else. Behind it, one guesser does not lock out the others."""
    bench, _ = await offered(pool)
    server = PageServer(site(bench), "127.0.0.1", 0, proxies=proxies)
    async with served(server), httpx.AsyncClient(trust_env=False) as http:
        url = f"http://127.0.0.1:{server.port}/p/guess"
        one, other = {"x-forwarded-for": "203.0.113.9"}, {"x-forwarded-for": "203.0.113.10"}
        found = [(await http.get(url, headers=one)).status_code for _ in range(21)]
        assert found == [404] * 20 + [429]
        assert (await http.get(url, headers=other)).status_code == (404 if proxies else 429)


async def test_logs_hold_no_token_and_no_code(pool: Pool, capsys: pytest.CaptureFixture[str]) -> None:
    bench, _ = await offered(pool)
    guest = await invited(bench)
    await guest.look()
    await guest.send("code")
    code = await guest.code()
    await guest.send("sign", code="000000")
    await guest.send("sign", code=code)
    said = capsys.readouterr()
    assert guest.token not in said.out + said.err
    assert code not in said.out + said.err
