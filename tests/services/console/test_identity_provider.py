"""Logging in by an identity provider, which is a real one: npm's oidc-provider, in a process of its own."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import expect

from amicable.runtime import ports
from services.console.oidc import NotProved, Provider
from shared.database import Pool
from shared.page.serving import PageServer
from tests.browser.at_home import chromium
from tests.deployment import PATIENCE
from tests.identity.provider import IdentityProvider
from tests.identity.visitor import Visitor
from tests.services.console.workshop import ORIGIN, Browser, Workshop, one

pytestmark = pytest.mark.schema("console")

SECRET = "s3cret: 100 % +/="
STATE, NONCE, VERIFIER = ("stated" * 8, "once" * 8, "verified" * 8)
BACK = f"{ORIGIN}/login/callback"
ACCOUNTS = {
    "opaque-4711": {"preferred_username": "ana", "email": "ana@example.com", "email_verified": True},
    "typed": {"email": "ana@example.com", "email_verified": False},
}


def client(client_id: str, *returns_to: str) -> dict[str, Any]:
    """Return what the provider knows of a client."""
    return {"client_id": client_id, "client_secret": SECRET, "redirect_uris": [*returns_to]}


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    running = IdentityProvider([client("console", BACK), client("payroll", BACK)], ACCOUNTS)
    running.start()
    yield running
    running.stop()


@pytest.fixture
async def visitor() -> AsyncIterator[Visitor]:
    async with Visitor() as opened:
        yield opened


def behind(pool: Pool, provider: IdentityProvider, **more: Any) -> Workshop:
    """Return a console that trusts the provider."""
    settings = {
        "demo_login": "off",
        "page_origin": ORIGIN,
        "oidc_issuer": provider.issuer,
        "oidc_client_id": "console",
        "oidc_client_secret": SECRET,
        "oidc_claim": "sub",
    }
    return Workshop(pool, **{**settings, **more})


async def at_the_provider(browser: Browser, visitor: Visitor, login: str, query: str = "") -> str:
    """Begin to log in, say at the provider who one is, and return the address that it leads back to."""
    begun = await browser.get(f"/login/oidc{query}")
    back = await visitor.log_in(begun.headers["location"], login, back_to=BACK)
    return back.removeprefix(ORIGIN)


@pytest.mark.parametrize(
    ("claim", "login"), [("sub", "ana"), ("preferred_username", "opaque-4711"), ("email", "opaque-4711")]
)
async def test_provider_says_who_it_is(
    pool: Pool, provider: IdentityProvider, visitor: Visitor, claim: str, login: str
) -> None:
    """Such a provider puts no mail address and no name into the ID token: they are asked for."""
    bench = behind(pool, provider, oidc_claim=claim)
    await bench.tell(one("ana", "csm", name="Ana Ruiz", email="Ana@example.com"))
    browser = bench.browser()
    answer = await browser.get(await at_the_provider(browser, visitor, login, "?to=/portfolio"))
    assert answer.headers["location"] == "/portfolio"
    assert "Ana Ruiz" in await browser.read("/me")


async def test_answer_of_the_provider_counts_once_and_for_the_browser_that_asked(
    pool: Pool, provider: IdentityProvider, visitor: Visitor
) -> None:
    """Or somebody could be logged in as somebody else without knowing it."""
    bench = behind(pool, provider)
    await bench.tell(one("ana", "csm"))
    browser, other = bench.browser(), bench.browser()
    back = await at_the_provider(browser, visitor, "ana")
    state = parse_qs(urlsplit(back).query)["state"][0]
    assert (await browser.get(back.replace(state, state[::-1]))).status_code == 403
    assert (await other.get(back)).status_code == 403
    assert (await browser.get(back)).status_code == 303
    assert (await browser.get(back)).status_code == 403


@pytest.mark.parametrize("kept", ["nonce", "verifier"])
async def test_answer_to_another_login_is_refused(
    pool: Pool, provider: IdentityProvider, visitor: Visitor, kept: str
) -> None:
    """The nonce is in the ID token; the verifier is what the provider wants to see before it gives one (PKCE)."""
    bench = behind(pool, provider)
    await bench.tell(one("ana", "csm"))
    browser = bench.browser()
    back = await at_the_provider(browser, visitor, "ana")
    await pool.execute(f"UPDATE logins SET {kept} = repeat('another', 7)")
    assert (await browser.get(back)).status_code == 403


async def test_who_does_not_know_our_secret_gets_no_token(
    pool: Pool, provider: IdentityProvider, visitor: Visitor
) -> None:
    bench = behind(pool, provider, oidc_client_secret="guessed")
    await bench.tell(one("ana", "csm"))
    browser = bench.browser()
    answer = await browser.get(await at_the_provider(browser, visitor, "ana"))
    assert (answer.status_code, "the provider answered 401" in answer.text) == (403, True)


async def test_whoever_is_unknown_or_inactive_is_told_as_whom_and_may_be_somebody_else(
    pool: Pool, provider: IdentityProvider, visitor: Visitor
) -> None:
    bench = behind(pool, provider)
    await bench.tell(one("ina", "csm", active=False), one("ana", "csm"))
    browser = bench.browser()
    for login in ("nobody", "ina"):
        answer = await browser.get(await at_the_provider(browser, visitor, login, "?anew=yes"))
        assert (answer.status_code, await pool.fetchval("SELECT count(*) FROM sessions")) == (403, 0)
        assert f"nobody active here has the id that the provider says: {login}." in answer.text
        assert 'href="/login/oidc?to=&amp;anew=yes"' in answer.text
    answer = await browser.get(await at_the_provider(browser, visitor, "ana", "?to=&anew=yes"))
    assert (answer.status_code, visitor.asked.count("login")) == (303, 3)


async def test_mail_address_that_is_not_verified_says_nothing(
    pool: Pool, provider: IdentityProvider, visitor: Visitor
) -> None:
    """The provider takes whatever address somebody types."""
    bench = behind(pool, provider, oidc_claim="email")
    await bench.tell(one("ana", "csm", email="ana@example.com"))
    browser = bench.browser()
    answer = await browser.get(await at_the_provider(browser, visitor, "typed"))
    assert answer.status_code == 403


async def test_whoever_calls_it_off_at_the_provider_is_told_so(
    pool: Pool, provider: IdentityProvider, visitor: Visitor
) -> None:
    browser = behind(pool, provider).browser()
    begun = await browser.get("/login/oidc")
    back = await visitor.call_off(begun.headers["location"], back_to=BACK)
    answer = await browser.get(back.removeprefix(ORIGIN))
    assert (answer.status_code, "the provider answered access_denied" in answer.text) == (403, True)


async def test_login_works_after_the_provider_has_changed_its_keys(
    pool: Pool, provider: IdentityProvider, visitor: Visitor
) -> None:
    bench = behind(pool, provider)
    await bench.tell(one("ana", "csm"))
    for _ in range(2):
        browser = bench.browser()
        assert (await browser.get(await at_the_provider(browser, visitor, "ana"))).status_code == 303
        provider.stop()
        provider.start()


async def test_code_that_was_made_for_another_program_lets_nobody_in(
    pool: Pool, provider: IdentityProvider, visitor: Visitor
) -> None:
    bench = behind(pool, provider)
    await bench.tell(one("ana", "csm"))
    code = await code_for(payroll(provider), visitor)
    browser = bench.browser()
    state = parse_qs(urlsplit((await browser.get("/login/oidc")).headers["location"]).query)["state"][0]
    answer = await browser.get(f"/login/callback?state={state}&code={code}")
    assert (answer.status_code, "the provider answered 400" in answer.text) == (403, True)


async def test_token_that_was_made_for_another_program_is_not_believed(
    provider: IdentityProvider, visitor: Visitor
) -> None:
    """It is of the same provider, signed with the same key, and of this very login."""
    told = await payroll(provider)._exchange(await code_for(payroll(provider), visitor), VERIFIER)
    assert (await payroll(provider)._in_token(told, NONCE))["sub"] == "ana"
    with pytest.raises(NotProved):
        await Provider(provider.issuer, "console", SECRET, BACK)._in_token(told, NONCE)


def payroll(provider: IdentityProvider) -> Provider:
    """Return another program that trusts the same provider."""
    return Provider(provider.issuer, "payroll", SECRET, BACK)


async def code_for(program: Provider, visitor: Visitor) -> str:
    """Return the code with which Ana comes back to a program."""
    begun = await program.way_in(state=STATE, nonce=NONCE, verifier=VERIFIER)
    back = await visitor.log_in(begun, "ana", back_to=BACK)
    return parse_qs(urlsplit(back).query)["code"][0]


async def test_one_logs_in_and_out_in_a_real_browser(pool: Pool) -> None:
    """On its own pages the provider asks who one is, and whether this program may know it."""
    port = ports.choose()
    origin = f"http://127.0.0.1:{port}"
    provider = IdentityProvider([client("console", f"{origin}/login/callback")], {})
    provider.start()
    bench = behind(pool, provider, page_origin=origin)
    await bench.tell(one("ana", "csm", name="Ana Ruiz"))
    server = PageServer(bench.app, "127.0.0.1", port)
    serving = asyncio.create_task(server.run())
    wanted, strayed = list[str](), list[str]()
    try:
        async with chromium(strayed) as browser:
            page = await browser.new_page()
            page.set_default_timeout(PATIENCE * 1000)
            await page.goto(f"{origin}/portfolio")
            for asked in (("Sign-in", "Continue"), ("Sign-in",)):  # again after logging out; what was granted stays so
                await page.get_by_role("link", name="Log in with your company's account").click()
                await page.get_by_placeholder("Enter any login").fill("ana")
                await page.get_by_placeholder("and password").fill("any")
                for button in asked:
                    await page.get_by_role("button", name=button).click()
                await expect(page.get_by_role("link", name="Ana Ruiz")).to_be_visible()
                wanted.append(page.url.removeprefix(origin))
                await page.get_by_role("button", name="Log out").click()
            await expect(page.get_by_role("heading", name="Log in to Amicable")).to_be_visible()
            await page.goto(f"{origin}/portfolio")
            await expect(page.get_by_role("heading", name="Log in to Amicable")).to_be_visible()
            strayed.clear()  # the provider's own pages ask for fonts, which they do not get
        assert wanted == ["/portfolio", "/"]
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        provider.stop()
