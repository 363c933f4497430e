"""The page behind signed links: a look changes nothing, one click does, and nobody's link can be made up."""

import json
import re
from datetime import UTC, datetime, timedelta

import httpx
import jwt
import pytest

from services.notifications.domain.choices import TIMINGS
from services.notifications.links import Links, NotOurs, Right, read_secrets
from services.notifications.page.application import create_site
from shared.contracts.notification_commands import AcknowledgeNotice, RevokeLinks
from shared.contracts.plans.facts import CaseOpened, ConversationDue, ConversationScheduled
from tests.deployment import Catcher
from tests.services.notifications.office import SECRET, Office, case
from tests.stories import person

pytestmark = pytest.mark.schema("notifications")


def client(office: Office) -> httpx.AsyncClient:
    site = create_site(office.pool, office.clock, office.links, secure=True)
    return httpx.AsyncClient(transport=httpx.ASGITransport(site), base_url="https://amicable.example")


async def mail_of(office: Office, mails: Catcher, kind: type[CaseOpened | ConversationDue] = CaseOpened) -> str:
    await office.know(person("ana", manager="mo"), person("mo"), acme="ana")
    await office.take(office.fact(kind, case=case()))
    await office.deliver()
    mail = mails.mails[-1]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    return str(mail["List-Unsubscribe"]).strip(" <>")


async def timings(office: Office) -> str | None:
    found: str | None = await office.pool.fetchval("SELECT choices ->> 'timings' FROM choices WHERE person_id = 'ana'")
    return found


async def test_one_click_puts_everything_but_what_is_critical_into_one_mail_a_day(
    office: Office, mails: Catcher
) -> None:
    link = await mail_of(office, mails)
    async with client(office) as http:
        looked = await http.get(link)
        assert looked.status_code == 200
        assert "Hear less?" in looked.text
        assert await timings(office) is None, "programs that scan mails follow links"
        clicked = await http.post(link, content="List-Unsubscribe=One-Click")
        assert (clicked.status_code, clicked.headers["cache-control"]) == (200, "no-store")
    await office.take(office.fact(CaseOpened, case=case()))
    assert await office.deliver() == 0
    assert '"critical": "at_once"' in (await timings(office) or "")
    office.later(days=1)
    assert await office.deliver() == 1


async def test_click_in_a_digest_leaves_out_what_is_not_urgent_and_says_so(office: Office, mails: Catcher) -> None:
    """After a click in a mail too: what is urgent comes once a day then, and never not at all."""
    link = await mail_of(office, mails)
    async with client(office) as http:
        await http.post(link)
        await office.take(office.fact(CaseOpened, case=case()))
        office.later(days=1)
        await office.deliver()
        await office.take(office.fact(ConversationDue, case=case()))
        office.later(days=1)
        await office.deliver()
        digest = str(mails.mails[-1]["List-Unsubscribe"]).strip(" <>")
        assert office.links.read(digest.rpartition("/")[2]).of in {"digest", "at_once"}
        less = office.links.to(Right("fewer", "ana", "digest"))
        assert "unless it is urgent" in (await http.get(less)).text
        assert "What is urgent comes as before" in (await http.post(less)).text
        assert "It is so already" in (await http.get(less)).text
    chosen = json.loads(await timings(office) or "{}")
    assert chosen == {"low": "never", "normal": "never", "high": "daily", "critical": "at_once"}
    await office.take(office.fact(CaseOpened, case=case()))
    office.later(days=1)
    assert await office.deliver() == 1


def take_link(mails: Catcher) -> str:
    body = mails.mails[-1].get_body(("plain",))
    assert body is not None
    link = re.search(r"I take it in hand:\s+(https://\S+)", body.get_content())
    assert link is not None
    return link[1]


async def test_link_takes_in_hand_what_was_asked_for(office: Office, mails: Catcher) -> None:
    await mail_of(office, mails, ConversationDue)
    link = take_link(mails)
    async with client(office) as http:
        assert "It is not passed on to anybody else then" in (await http.get(link)).text
        for _ in range(2):
            assert "It is yours" in (await http.post(link)).text
        assert "It is yours" in (await http.get(link)).text
    assert await office.pool.fetchval("SELECT acknowledged_by FROM asks") == "ana"
    office.later(days=3)
    assert await office.deliver() == 0


async def test_whoever_comes_second_reads_who_has_it(office: Office, mails: Catcher) -> None:
    """After it was passed on, nobody is promised that it is not."""
    await mail_of(office, mails, ConversationDue)
    anas = take_link(mails)
    office.later(hours=48)
    await office.deliver()
    mos = take_link(mails)
    async with client(office) as http:
        assert "so it was passed on" in (await http.get(anas)).text
        assert "It is yours" in (await http.post(mos)).text
        for answer in (await http.get(anas), await http.post(anas)):
            assert "Person mo has taken it in hand" in answer.text
            assert "<button>" not in answer.text
    ask = await office.pool.fetchval("SELECT ask_id FROM asks WHERE acknowledged_by = 'mo'")
    assert await office.ask(AcknowledgeNotice, "ana", ask_id=ask) == ("CommandRejected", "taken")


async def test_whoever_comes_when_it_is_done_reads_that_it_is(office: Office, mails: Catcher) -> None:
    await mail_of(office, mails, ConversationDue)
    link = take_link(mails)
    await office.take(office.fact(ConversationScheduled, case=case()))
    async with client(office) as http:
        for answer in (await http.get(link), await http.post(link)):
            assert "It is done" in answer.text
            assert "<button>" not in answer.text
    ask = await office.pool.fetchval("SELECT ask_id FROM asks WHERE acknowledged_by IS NULL")
    assert await office.ask(AcknowledgeNotice, "ana", ask_id=ask) == ("CommandRejected", "done")


def forged() -> list[str]:
    good = {"sub": "ana", "act": "fewer", "of": "at_once", "exp": datetime.now(UTC) + timedelta(days=1)}
    return [
        "nothing",
        jwt.encode(good, "another secret that is long enough too", algorithm="HS256"),
        jwt.encode(good, key="", algorithm="none"),
        jwt.encode({**good, "exp": datetime.now(UTC) - timedelta(days=1)}, SECRET, algorithm="HS256"),
        jwt.encode({**good, "act": "everything"}, SECRET, algorithm="HS256"),
        jwt.encode({**good, "of": 3}, SECRET, algorithm="HS256"),
        jwt.encode({"act": "fewer", "of": "at_once"}, SECRET, algorithm="HS256"),
    ]


@pytest.mark.parametrize("token", forged(), ids=range(7))
async def test_link_that_was_not_made_here_opens_nothing(office: Office, token: str) -> None:
    with pytest.raises(NotOurs):
        Links("https://amicable.example", [SECRET]).read(token)
    async with client(office) as http:
        for answer in (await http.get(f"/n/{token}"), await http.post(f"/n/{token}")):
            assert answer.status_code == 404
            assert "Nothing here" in answer.text


async def test_whoever_has_left_can_do_nothing(office: Office, mails: Catcher) -> None:
    link = await mail_of(office, mails)
    office.later(seconds=1)
    await office.know(person("ana", active=False))
    async with client(office) as http:
        assert (await http.post(link)).status_code == 404
    assert await timings(office) is None


async def test_links_that_were_taken_back_do_nothing_and_later_ones_do(office: Office, mails: Catcher) -> None:
    link = await mail_of(office, mails)
    other = office.links.to(Right("fewer", "mo", "at_once"))
    assert await office.ask(RevokeLinks, "mo", person_id="ana") == ("CommandRejected", "not_allowed")
    assert await office.ask(RevokeLinks, "ana", person_id="ana") == ("CommandAccepted", "ana")
    later = office.links.to(Right("fewer", "ana", "at_once"), datetime.now(UTC) + timedelta(seconds=2))
    async with client(office) as http:
        for answer in (await http.get(link), await http.post(link)):
            assert (answer.status_code, "Nothing here" in answer.text) == (404, True)
        assert json.loads(await timings(office) or "{}") == TIMINGS
        assert (await http.post(other)).status_code == 200, "those of others are as good as before"
        assert (await http.post(later)).status_code == 200


def test_links_outlive_an_exchange_of_the_secret_until_the_old_one_is_gone() -> None:
    old, new = "the old secret is long enough for a key", "the new secret is long enough for a key"
    right = Right("fewer", "ana", "at_once")
    before = Links("https://amicable.example", [old]).to(right).rpartition("/")[2]
    during = Links("https://amicable.example", read_secrets(f"{new}, {old}"))
    after = Links("https://amicable.example", [new])
    assert during.read(before).person_id == "ana"
    assert after.read(during.to(right).rpartition("/")[2]).person_id == "ana", "the new one signs"
    with pytest.raises(NotOurs):
        after.read(before)


@pytest.mark.parametrize("text", ["", "short", f"{'x' * 40},short", ",".join(["x" * 40] * 3), f"{'x' * 40},"])
def test_secret_that_is_none_is_said_and_not_shown(text: str) -> None:
    with pytest.raises(ValueError, match="at least 32 characters") as raised:
        read_secrets(text)
    assert "xxx" not in str(raised.value)


async def test_more_than_a_form_is_not_read(office: Office) -> None:
    async with client(office) as http:
        assert (await http.post("/n/x", content="x" * 70_000)).status_code == 413


async def test_page_says_how_browsers_must_treat_it(office: Office) -> None:
    async with client(office) as http:
        headers = (await http.get(office.links.to(Right("fewer", "ana", "at_once")))).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
