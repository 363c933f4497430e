"""Who gets in, how long, and where to."""

from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import ValidationError

from services.console.config import Settings
from services.console.page.login import page_of
from shared.database import Pool
from tests.services.console.workshop import FROM_HERE, Workshop, one

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
