"""Keys for programs: shown once, kept as hashes, bounded in time and in what they may; never together with cookies."""

import json
import re
from typing import Any
from uuid import uuid4

import httpx
import pytest
from structlog.testing import capture_logs

from services.console.page.bearing import PREFIX
from shared.database import Pool
from tests.services.console.test_acting import opened, refused, sent
from tests.services.console.workshop import FROM_HERE, Browser, Workshop

pytestmark = pytest.mark.schema("console")

FORM = "/api/v1/cases/c-acme/forms/schedule_conversation"
TYPED = {"planned_for": "2026-03-05T10:00", "channel": "video"}


async def made(browser: Browser, **form: str) -> str:
    """Make a key on the page; returns it."""
    answer = await browser.post("/me/keys", **{"name": "report", "days": "30", **form})
    assert answer.status_code == 201, answer.text
    (key,) = re.findall(rf"{PREFIX}[A-Za-z0-9_-]{{43}}", answer.text)
    return str(key)


class Program:
    """A program that has a key."""

    def __init__(self, bench: Workshop, key: str, address: str = "127.0.0.1") -> None:
        self._http = bench.browser(address).http
        self._headers = {"authorization": f"Bearer {key}"}

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """Read."""
        return await self._http.get(f"/api/v1/{path}", headers={**self._headers, **headers})

    async def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """Act."""
        return await self.say(path, json.dumps(body).encode(), **headers)

    async def say(self, path: str, body: bytes, **headers: str) -> httpx.Response:
        """Act, by whatever bytes."""
        return await self._http.post(path, content=body, headers={**self._headers, **headers})


async def test_key_is_shown_once_and_kept_nowhere(pool: Pool) -> None:
    bench, ana = await opened(pool)
    with capture_logs() as lines:
        key = await made(ana)
        assert (await Program(bench, key).get("today")).status_code == 200
    assert key not in (await ana.get("/me/keys")).text
    kept = json.dumps([dict(row) for row in await bench.rows("api_keys")], default=str)
    assert key.removeprefix(PREFIX) not in kept + json.dumps(lines, default=str)
    told = [(line["event"], line["person_id"]) for line in lines if line["event"].startswith("key ")]
    assert told == [("key made", "ana"), ("key used", "ana")]


async def test_program_reads_what_its_person_sees(pool: Pool) -> None:
    bench, ana = await opened(pool)
    program = Program(bench, await made(ana))
    today = (await program.get("today")).json()
    assert [one["customer_id"] for one in today["customers"]] == ["acme"]
    portfolio = (await program.get("portfolio?search=acme")).json()
    assert (portfolio["total"], portfolio["customers"][0]["step"]) == (1, "at_risk")
    assert isinstance(portfolio["customers"][0]["amount"], str)
    customer = (await program.get("customers/acme")).json()
    assert customer["cases"] == [{"case_id": "c-acme", "state": "at_risk", "revision": 3}]
    other = Program(bench, await made(await bench.browser_of("ben")))
    assert (await other.get("customers/acme")).status_code == 404


@pytest.mark.parametrize("how", ["revoked", "expired", "of somebody who left", "never made"])
async def test_key_that_is_no_good_opens_nothing(pool: Pool, how: str) -> None:
    bench, ana = await opened(pool)
    key = await made(ana)
    if how == "revoked":
        (row,) = await bench.rows("api_keys")
        assert (await ana.post(f"/me/keys/{row['key_id']}/revoke")).status_code == 303
    elif how == "expired":
        await pool.execute("UPDATE api_keys SET expires_at = clock_timestamp()")
    elif how == "of somebody who left":
        await pool.execute("UPDATE people SET active = false WHERE person_id = 'ana'")
    else:
        key = PREFIX + "x" * 43
    answer = await Program(bench, key).get("today")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


async def test_nobody_revokes_anothers_key(pool: Pool) -> None:
    bench, ana = await opened(pool)
    program = Program(bench, await made(ana))
    (row,) = await bench.rows("api_keys")
    ben = await bench.browser_of("ben")
    assert (await ben.post(f"/me/keys/{row['key_id']}/revoke")).status_code == 404
    assert (await program.get("today")).status_code == 200


async def test_key_to_read_acts_on_nothing(pool: Pool) -> None:
    bench, ana = await opened(pool)
    answer = await Program(bench, await made(ana)).post(FORM, TYPED)
    assert answer.status_code == 403
    assert await sent(bench) == []


async def test_key_to_act_asks_once_in_its_persons_name_and_is_told_what_became_of_it(pool: Pool) -> None:
    bench, ana = await opened(pool)
    program = Program(bench, await made(ana, act="yes"))
    command_id = str(uuid4())
    answers = [await program.post(FORM, {**TYPED, "command_id": command_id}) for _ in range(2)]
    assert [one.status_code for one in answers] == [202, 202]
    (asked,) = await sent(bench)
    assert asked["event_id"] == command_id
    assert (await program.get(f"commands/{command_id}")).json()["state"] == "saving"
    await bench.tell(refused(command_id, "in_the_past", "A meeting is planned for later.", "it is ahead"))
    told = (await program.get(f"commands/{command_id}")).json()
    assert (told["state"], told["problem"]["title"]) == ("refused", "A meeting is planned for later.")
    other = Program(bench, await made(await bench.browser_of("mo")))
    assert (await other.get(f"commands/{command_id}")).status_code == 404


async def test_what_cannot_be_taken_is_said_by_field_and_not_sent(pool: Pool) -> None:
    bench, ana = await opened(pool)
    program = Program(bench, await made(ana, act="yes"))
    answer = await program.post(FORM, {"planned_for": "soon"})
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {"planned_for", "channel"}
    wrong: list[Any] = [[], {"channel": 1}, {"channel": [1]}]
    for body in wrong:
        assert (await program.post(FORM, body)).status_code == 400
    assert (await program.say(FORM, b"[" * 50_000)).status_code == 400
    assert await sent(bench) == []


async def test_key_and_cookies_never_work_together(pool: Pool) -> None:
    bench, ana = await opened(pool)
    key = await made(ana, act="yes")
    bearer = {"authorization": f"Bearer {key}"}
    program = Program(bench, key)
    cookie = "; ".join(f"{name}={value}" for name, value in ana.http.cookies.items())
    assert (await program.get("today", cookie=cookie)).status_code == 400
    assert (await program.post(FORM, TYPED, cookie=cookie, **FROM_HERE)).status_code == 400
    assert (await ana.get("/", **bearer)).status_code == 400  # a browser's session, with a key besides
    assert (await bench.browser().get("/", **bearer)).status_code == 400  # a key, where browsers come
    assert (await ana.get("/api/v1/today")).status_code == 400  # a session, where programs come
    assert await sent(bench) == []


async def test_other_sites_are_still_refused_whatever_they_say_of_a_key(pool: Pool) -> None:
    """Only below /api, with a key and without cookies, nobody asks where it comes from."""
    bench, ana = await opened(pool)
    key = await made(ana, act="yes")
    stranger = {"sec-fetch-site": "cross-site", "authorization": f"Bearer {key}"}
    page = await ana.http.post("/me/keys", data={"name": "x", "days": "7"}, headers=stranger)
    with_cookie = await ana.http.post(FORM, content=json.dumps(TYPED), headers=stranger)
    keyless = await bench.browser().http.post(FORM, content=json.dumps(TYPED), headers={"sec-fetch-site": "cross-site"})
    login = await bench.browser().http.post("/login/demo", data={"person": "ana"}, headers=stranger)
    assert {page.status_code, with_cookie.status_code, keyless.status_code, login.status_code} == {403}
    assert await sent(bench) == []


async def test_key_is_used_so_often_and_no_more(pool: Pool) -> None:
    bench, ana = await opened(pool)
    program = Program(bench, await made(ana))
    statuses = [(await program.get("commands/none")).status_code for _ in range(301)]
    assert (set(statuses[:300]), statuses[300]) == ({404}, 429)
    guesses = [(await Program(bench, PREFIX + "x" * 43, "192.0.2.7").get("today")).status_code for _ in range(21)]
    assert (set(guesses[:20]), guesses[20]) == ({401}, 429)
    assert (
        await Program(bench, await made(await bench.browser_of("ben")), "192.0.2.8").get("today")
    ).status_code == 200


@pytest.mark.parametrize("form", [{"days": "3650"}, {"days": "-1"}, {"name": " "}, {"name": "x" * 101}])
async def test_key_without_a_bounded_life_or_a_name_is_not_made(pool: Pool, form: dict[str, str]) -> None:
    bench, ana = await opened(pool)
    answer = await ana.post("/me/keys", **{"name": "report", "days": "30", **form})
    assert answer.status_code == 422
    assert await bench.rows("api_keys") == []


async def test_page_says_when_a_key_was_used_last(pool: Pool) -> None:
    bench, ana = await opened(pool)
    key = await made(ana)
    assert "never" in await ana.read("/me/keys")
    await Program(bench, key).get("today")
    assert "never" not in await ana.read("/me/keys")
