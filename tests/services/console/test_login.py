"""Who gets in, how long, and where to."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import ValidationError

from services.console.config import Settings
from services.console.page.login import page_of
from shared.database import Pool
from tests.deployment import until
from tests.services.console.workshop import FROM_HERE, ORIGIN, Browser, Workshop, one

pytestmark = pytest.mark.schema("console")
PAGES = ("/", "/portfolio", "/portfolio.csv", "/portfolio/value", "/customers/a", "/cases/c", "/transitions/t", "/me")


async def test_no_page_is_shown_to_whoever_is_not_logged_in(pool: Pool) -> None:
    browser = Workshop(pool).browser()
    for page in (*PAGES, "/notifications"):
        answer = await browser.get(page)
        assert (answer.status_code, answer.headers["location"][:6]) == (303, "/login"), page


async def test_one_comes_to_the_page_that_one_wanted(pool: Pool) -> None:
    bench = Workshop(pool)
    await bench.tell(one("ana", "csm"))
    browser = bench.browser()
    sent = (await browser.get("/portfolio?band=red&search=a b")).headers["location"]
    to = parse_qs(urlsplit(sent).query)["to"][0]
    answer = await browser.post("/login/demo", person="ana", to=to)
    assert answer.headers["location"] == "/portfolio?band=red&search=a%20b"


@pytest.mark.parametrize(
    "to",
    [
        "//evil.example",
        "///evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/\r\nx: y",
        "",
        "/login",
    ],
)
def test_login_leads_to_no_other_site(to: str) -> None:
    assert page_of(to) == "/"


async def test_session_is_kept_as_its_hash_and_ends_with_logging_out(pool: Pool) -> None:
    bench = Workshop(pool)
    await bench.tell(one("ana", "csm"))
    browser = await bench.browser_of("ana")
    token = browser.http.cookies["amicable"]
    assert token not in str([dict(row) for row in await pool.fetch("SELECT * FROM sessions")])
    await browser.post("/logout")
    again = bench.browser()
    again.http.cookies.set("amicable", token)
    assert (await again.get("/")).status_code == 303


async def test_session_ends_by_itself_and_with_its_person(pool: Pool) -> None:
    bench = Workshop(pool)
    await bench.tell(one("ana", "csm"), one("ben", "csm"))
    ana, ben = await bench.browser_of("ana"), await bench.browser_of("ben")
    await pool.execute("UPDATE sessions SET expires_at = clock_timestamp() WHERE person_id = 'ana'")
    bench.later(minutes=1)
    await bench.tell(one("ben", "csm", active=False, event_id="zzz"))
    assert [(await browser.get("/")).status_code for browser in (ana, ben)] == [303, 303]


async def test_cookie_is_for_this_host_over_tls_alone(pool: Pool) -> None:
    bench = Workshop(pool, page_secure=True)
    await bench.tell(one("ana", "csm"))
    answer = await bench.browser().post("/login/demo", person="ana")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-amicable=")
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"))


async def test_nobody_is_chosen_where_it_is_not_set_or_under_another_name(pool: Pool) -> None:
    """A name of somebody else may be made to lead to this machine."""
    bench = Workshop(pool)
    await bench.tell(one("ana", "csm"))
    browser = bench.browser()
    answer = await browser.http.post(
        "/login/demo", data={"person": "ana"}, headers={**FROM_HERE, "host": "evil.example"}
    )
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    off = Workshop(pool, demo_login="off")
    answer = await off.browser().post("/login/demo", person="ana")
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


def test_demo_login_is_refused_where_others_reach_the_page() -> None:
    with pytest.raises(ValidationError, match="page_host"):
        Settings(
            database_url="postgresql://a@b/c",
            kafka="k:1",
            http_port=0,
            page_port=0,
            page_host="0.0.0.0",  # noqa: S104  # what is refused
            demo_login="loopback",
        )


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"},
     {"origin": "null"}, {}],
    ids=["cross-site", "same-site", "origin", "null", "unsaid"],
)  # fmt: skip
async def test_form_that_does_not_come_from_here_does_nothing(pool: Pool, headers: dict[str, str]) -> None:
    bench = Workshop(pool)
    await bench.tell(one("ana", "csm"))
    browser = await bench.browser_of("ana")
    answer = await browser.http.post("/portfolio/views", data={"name": "mine", "query": "band=red"}, headers=headers)
    assert answer.status_code == 403
    assert await pool.fetchval("SELECT count(*) FROM saved_views") == 0


async def test_nothing_from_elsewhere_and_nothing_inline_is_let_in(pool: Pool) -> None:
    bench = Workshop(pool)
    await bench.tell(one("ana", "csm"))
    answer = await (await bench.browser_of("ana")).get("/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "style=" not in answer.text
    assert "<script>" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


# A real identity provider, in a process of its own.


@pytest.fixture
async def issuer() -> AsyncIterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--host", "127.0.0.1", "--port", str(port),
        "--require-nonce", stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    found = f"http://127.0.0.1:{port}"

    async def answers() -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False) as http:
                return (await http.get(f"{found}/.well-known/openid-configuration")).status_code == 200
        except httpx.HTTPError:
            return False

    try:
        await until(answers, "the identity provider answers")
        yield found
    finally:
        process.terminate()
        await process.wait()


def behind(pool: Pool, issuer: str, **more: Any) -> Workshop:
    """Return a console that trusts the provider."""
    settings = {
        "demo_login": "off",
        "page_origin": ORIGIN,
        "oidc_issuer": issuer,
        "oidc_client_id": "console",
        "oidc_client_secret": "s3cret",
        "oidc_claim": "sub",
    }
    return Workshop(pool, **{**settings, **more})


async def at_the_provider(browser: Browser, sub: str, *, to: str = "") -> str:
    """Begin to log in, say at the provider who one is, and return the address that it leads back to."""
    begun = await browser.get(f"/login/oidc?to={to}")
    async with httpx.AsyncClient(trust_env=False) as http:
        said = await http.post(begun.headers["location"], data={"sub": sub})
    back = said.headers["location"]
    assert back.startswith(f"{ORIGIN}/login/callback?")
    return str(back).removeprefix(ORIGIN)


async def test_provider_says_who_it_is(pool: Pool, issuer: str) -> None:
    bench = behind(pool, issuer)
    await bench.tell(one("ana", "csm", name="Ana Ruiz"))
    browser = bench.browser()
    answer = await browser.get(await at_the_provider(browser, "ana", to="/portfolio"))
    assert answer.headers["location"] == "/portfolio"
    assert "Ana Ruiz" in await browser.read("/me")


async def test_answer_of_the_provider_counts_once_and_for_the_browser_that_asked(pool: Pool, issuer: str) -> None:
    """Or somebody could be logged in as somebody else without knowing it."""
    bench = behind(pool, issuer)
    await bench.tell(one("ana", "csm"))
    browser, other = bench.browser(), bench.browser()
    back = await at_the_provider(browser, "ana")
    assert (await other.get(back)).status_code == 403
    assert (await browser.get(back)).status_code == 303
    assert (await browser.get(back)).status_code == 403


async def test_whoever_is_unknown_or_inactive_is_not_let_in(pool: Pool, issuer: str) -> None:
    bench = behind(pool, issuer)
    await bench.tell(one("ina", "csm", active=False))
    for sub in ("ina", "nobody"):
        browser = bench.browser()
        answer = await browser.get(await at_the_provider(browser, sub))
        assert (answer.status_code, await pool.fetchval("SELECT count(*) FROM sessions")) == (403, 0)


async def test_mail_address_that_is_not_verified_says_nothing(pool: Pool, issuer: str) -> None:
    """The provider takes whatever address somebody types."""
    bench = behind(pool, issuer, oidc_claim="email")
    await bench.tell(one("ana", "csm", email="ana@example.com"))
    browser = bench.browser()
    answer = await browser.get(await at_the_provider(browser, "ana@example.com"))
    assert answer.status_code == 403


async def test_token_for_somebody_else_is_refused(pool: Pool, issuer: str) -> None:
    """The nonce is another one than this login was begun with."""
    bench = behind(pool, issuer)
    await bench.tell(one("ana", "csm"))
    browser = bench.browser()
    back = await at_the_provider(browser, "ana")
    await pool.execute("UPDATE logins SET nonce = 'another'")
    assert (await browser.get(back)).status_code == 403
