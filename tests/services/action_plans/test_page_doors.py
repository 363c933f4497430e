"""Who gets in, and how often: links that open nothing, rates, what other sites send, what browsers are told."""

import asyncio
import hashlib
import secrets
from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.page import door
from shared.page.rates import MOST_KEYS, Rate
from tests.services.action_plans.guest import FROM_HERE, Guest, invited, site
from tests.services.action_plans.test_page import offered

Pool = Any


async def shut(guest: Guest) -> str:
    """Look, and return what is said of a link that opens nothing."""
    answer = await guest.look()
    assert answer.status_code == 404
    return answer.text


async def test_expired_revoked_and_guessed_links_look_the_same(pool: Pool) -> None:
    bench, _ = await offered(pool)
    app = site(bench)
    expired, revoked, gone = [
        await invited(bench, contact=one, app=app, days=days) for one, days in (("carla", 1), ("carla", 9), ("eddy", 9))
    ]
    guessed = Guest(bench, app, secrets.token_urlsafe(32), "none")
    short = Guest(bench, app, "x", "none")
    for guest in (expired, revoked, gone):
        assert (await guest.look()).status_code == 200
    bench.now += timedelta(days=1)
    await bench.done("RevokeShareLink", link_id=revoked.link_id)
    await bench.tell_customer(contacts=[{"contact_id": "carla", "name": "Carla", "role": "main"}])
    said = {await shut(guest) for guest in (expired, revoked, gone, guessed, short)}
    assert len(said) == 1
    assert "acme" not in said.pop().lower()


@pytest.mark.parametrize("what", ["comment", "change", "code", "sign", "refuse"])
async def test_revoked_link_does_nothing_at_once(pool: Pool, what: str) -> None:
    bench, _ = await offered(pool)
    guest = await invited(bench)
    await guest.look()
    await bench.done("RevokeShareLink", link_id=guest.link_id)
    before = await bench.types()
    answer = await guest.send(what, text="Hello", why="No", code="123456")
    assert answer.status_code == 404
    assert await bench.types() == before
    assert await bench.published("releases.v1") == []


async def test_links_of_a_dismissed_case_open_nothing(pool: Pool) -> None:
    bench, _ = await offered(pool)
    guest = await invited(bench)
    await bench.done("DismissCase", reason="It was a mistake.")
    await shut(guest)


async def test_contact_who_is_none_any_more_gets_in_no_more(pool: Pool) -> None:
    bench, _ = await offered(pool)
    guest = await invited(bench)
    await bench.pool.execute("UPDATE customers SET contacts = '[]'")
    await shut(guest)


async def test_token_is_kept_as_its_hash_alone(pool: Pool) -> None:
    bench, _ = await offered(pool)
    guest = await invited(bench)
    kept = await bench.pool.fetchval("SELECT token_hash FROM links")
    assert kept == hashlib.sha256(guest.token.encode()).hexdigest()
    assert guest.token not in str(await bench.published())


async def test_address_that_guesses_links_is_sent_away(pool: Pool) -> None:
    bench, _ = await offered(pool)
    app = site(bench)
    good = await invited(bench, app=app)
    guesser = Guest(bench, app, "x", "none", address="198.51.100.7")
    for _ in range(20):
        guesser.token = secrets.token_urlsafe(32)
        assert (await guesser.look()).status_code == 404
    guesser.token = good.token
    answer = await guesser.look()
    assert answer.status_code == 429
    assert answer.headers["retry-after"]
    assert (await good.look()).status_code == 200, "others go on"


async def test_link_that_is_read_too_often_waits(pool: Pool) -> None:
    bench, _ = await offered(pool)
    app = site(bench)
    guest = await invited(bench, app=app)
    found = [(await guest.look()).status_code for _ in range(61)]
    assert found == [200] * 60 + [429]


async def test_addresses_of_one_network_count_as_one(pool: Pool) -> None:
    bench, _ = await offered(pool)
    app = site(bench)
    good = await invited(bench, app=app)
    for number in range(20):
        await Guest(bench, app, secrets.token_urlsafe(32), "none", address=f"2001:db8::{number:x}").look()
    assert (await Guest(bench, app, good.token, "", address="2001:db8::ffff").look()).status_code == 429
    assert (await Guest(bench, app, good.token, "", address="2001:db9::1").look()).status_code == 200


async def test_codes_are_bounded_for_each_address(pool: Pool) -> None:
    """Whatever links they are typed for."""
    bench, _ = await offered(pool)
    app = site(bench)
    carla, eddy = [await invited(bench, contact=contact, app=app) for contact in ("carla", "eddy")]
    await carla.look()
    await eddy.look()
    for guest, times in ((carla, 12), (eddy, 8)):
        fields = guest.hidden()
        found = [(await guest.send("sign", code="nothing", **fields)).status_code for _ in range(times)]
        assert found == [422] * times
    assert (await eddy.send("sign", code="nothing")).status_code == 429
    elsewhere = Guest(bench, app, eddy.token, eddy.link_id, address="192.0.2.99")
    await elsewhere.look()
    assert (await elsewhere.send("sign", code="nothing")).status_code == 422


def test_rate_counts_from_the_first_time_on() -> None:
    now = 0.0
    rate = Rate(2, 60, clock=lambda: now)
    assert [rate.take("a"), rate.take("a"), rate.take("a"), rate.take("b")] == [True, True, False, True]
    now = 60.0
    assert rate.take("a")


def test_rate_takes_bounded_memory() -> None:
    rate = Rate(1, 60)
    for number in range(MOST_KEYS + 1000):
        rate.take(str(number))
    assert len(rate) == MOST_KEYS
    assert rate.is_spent(str(MOST_KEYS + 999))


async def test_browsers_are_told_to_keep_it_to_themselves(pool: Pool) -> None:
    bench, _ = await offered(pool)
    guest = await invited(bench, app=site(bench, secure=True))
    bad = await guest.http.get("/p/nothing")
    for answer in (await guest.look(), bad, await guest.http.get("/page.css"), await guest.http.post("/p/x/sign")):
        policy = answer.headers["content-security-policy"]
        for part in ("default-src 'none'", "style-src 'self'", "form-action 'self'", "frame-ancestors 'none'"):
            assert part in policy
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "noindex" in answer.headers["x-robots-tag"]
        assert answer.headers["strict-transport-security"]
    assert (await guest.look()).headers["cache-control"] == "no-store"
    assert bad.headers["cache-control"] == "no-store"
    assert "set-cookie" not in (await guest.look()).headers
    assert "style=" not in guest.text
    assert "<script" not in guest.text
    assert "http" not in guest.text.replace("http-equiv", "")


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "http://page.test.evil.example"},
    ],
)
async def test_form_of_another_site_does_nothing(pool: Pool, headers: dict[str, str]) -> None:
    bench, _ = await offered(pool)
    guest = await invited(bench)
    await guest.look()
    sent = guest.hidden() | {"text": "Hello"}
    answer = await guest.http.post(f"/p/{guest.token}/comment", data=sent, headers=headers)
    assert answer.status_code == 403
    assert (await bench.case()).comments == ()


@pytest.mark.parametrize("broken", ["key", "entry", "content_hash", "encoding", "many", "json"])
async def test_body_that_no_form_of_the_page_has_sent_does_nothing(pool: Pool, broken: str) -> None:
    bench, _ = await offered(pool)
    guest = await invited(bench)
    await guest.look()
    fields = guest.hidden() | {"text": "Hello", "why": "No"}
    what = "refuse" if broken == "content_hash" else "comment"
    body = str(httpx.QueryParams({**fields, broken: "0" * 8} if broken in fields else fields))
    body += {"encoding": "&x=%ff", "many": "&x=1" * 20, "json": ""}.get(broken, "")
    content = b'{"text": "Hello"}' if broken == "json" else body.encode()
    answer = await guest.http.post(f"/p/{guest.token}/{what}", content=content, headers=FROM_HERE)
    assert answer.status_code == 400
    assert (await bench.case()).comments == ()


async def test_body_larger_than_any_form_is_refused(pool: Pool) -> None:
    bench, _ = await offered(pool)
    guest = await invited(bench)

    async def stream() -> Any:
        for _ in range(100):
            yield b"x" * 1000

    for content in (b"x" * 100_000, stream()):
        answer = await guest.http.post(f"/p/{guest.token}/comment", content=content, headers=FROM_HERE)
        assert answer.status_code == 413


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/p/", "/p", "/page.css/..", "/livez", "/readyz"])
async def test_there_is_nothing_else(pool: Pool, path: str) -> None:
    bench, _ = await offered(pool)
    guest = Guest(bench, site(bench), "", "")
    assert (await guest.http.get(path)).status_code == 404


@pytest.mark.parametrize("said", ["signed", "refused", "code", "other_version", "nonsense"])
async def test_page_says_nothing_that_is_not_so(pool: Pool, said: str) -> None:
    """Its address can be made up."""
    bench, _ = await offered(pool)
    guest = await invited(bench)
    await guest.look(f"?said={said}")
    assert 'class="notice' not in guest.text


async def test_database_that_does_not_answer_is_said_politely(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    bench, _ = await offered(pool)
    guest = await invited(bench)
    monkeypatch.setattr(door, "PATIENCE_SECONDS", 0.2)
    async with pool.acquire() as other, other.transaction():
        await other.execute("LOCK TABLE links")
        answer = await guest.look()
    monkeypatch.undo()
    assert answer.status_code == 503
    assert "busy" in guest.words
    assert (await guest.look()).status_code == 200


async def test_many_readers_leave_connections_for_the_service(pool: Pool) -> None:
    bench, _ = await offered(pool)
    app = site(bench)
    guest = await invited(bench, app=app)
    answers = await asyncio.gather(*(guest.look() for _ in range(30)))
    assert {answer.status_code for answer in answers} == {200}
