"""Mails are caught, kept, and shown without harm."""

from collections.abc import AsyncIterator
from email.message import EmailMessage
from typing import Any

import aiosmtplib
import httpx
import pytest

from amicable.runtime.home import Home
from amicable.runtime.mail_store import MailStore
from amicable.runtime.parts import mail_part
from amicable.runtime.running import Running

HOSTILE = "<script>alert(1)</script>"


def a_mail(subject: str = "A customer needs you", html: str | None = None) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Amicable <care@amicable.example>"
    mail["To"] = "Zoë Muñoz <zoe@example.org>, second@example.org"
    mail["Subject"] = subject
    mail["Message-ID"] = "<case-1@amicable.example>"
    mail.set_content("Hello Zoë,\n\nplease call them.\n")
    if html is not None:
        mail.add_alternative(html, subtype="html")
    return mail


@pytest.fixture
async def catcher(home: Home) -> AsyncIterator[Running]:
    async with mail_part(home, smtp_port=None, http_port=None).start({}) as running:
        yield running


@pytest.fixture
async def browser(catcher: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=catcher.address, trust_env=False) as client:
        yield client


async def send(catcher: Running, mail: EmailMessage) -> None:
    host, port = catcher.others["smtp"].split(":")
    await aiosmtplib.send(mail, hostname=host, port=int(port), start_tls=False)


async def listed(browser: httpx.AsyncClient, **query: int) -> dict[str, Any]:
    answer: dict[str, Any] = (await browser.get("/api/v1/messages", params=query)).raise_for_status().json()
    return answer


async def test_mail_is_caught_and_listed(catcher: Running, browser: httpx.AsyncClient) -> None:
    await send(catcher, a_mail())
    answer = await listed(browser)
    assert (answer["total"], answer["count"], answer["start"]) == (1, 1, 0)
    mail = answer["messages"][0]
    assert mail["From"] == {"Name": "Amicable", "Address": "care@amicable.example"}
    assert mail["To"] == [
        {"Name": "Zoë Muñoz", "Address": "zoe@example.org"},
        {"Name": "", "Address": "second@example.org"},
    ]
    assert mail["Subject"] == "A customer needs you"
    assert mail["MessageID"] == "case-1@amicable.example"
    assert mail["Snippet"] == "Hello Zoë, please call them."
    assert "Text" not in mail


async def test_whole_mail_has_its_bodies(catcher: Running, browser: httpx.AsyncClient) -> None:
    await send(catcher, a_mail(html="<p>Please call them.</p>"))
    mail_id = (await listed(browser))["messages"][0]["ID"]
    mail = (await browser.get(f"/api/v1/message/{mail_id}")).raise_for_status().json()
    assert mail["Text"].splitlines() == ["Hello Zoë,", "", "please call them."]
    assert mail["HTML"].strip() == "<p>Please call them.</p>"


async def test_newest_mail_comes_first_and_the_list_is_paged(catcher: Running, browser: httpx.AsyncClient) -> None:
    for number in range(3):
        await send(catcher, a_mail(f"Mail {number}"))
    assert [mail["Subject"] for mail in (await listed(browser))["messages"]] == ["Mail 2", "Mail 1", "Mail 0"]
    second = await listed(browser, start=1, limit=1)
    assert [mail["Subject"] for mail in second["messages"]] == ["Mail 1"]
    assert (second["total"], second["count"], second["start"]) == (3, 1, 1)


async def test_chosen_mails_or_all_of_them_are_deleted(catcher: Running, browser: httpx.AsyncClient) -> None:
    for number in range(3):
        await send(catcher, a_mail(f"Mail {number}"))
    first = (await listed(browser))["messages"][0]["ID"]
    await browser.request("DELETE", "/api/v1/messages", json={"IDs": [first]})
    assert [mail["Subject"] for mail in (await listed(browser))["messages"]] == ["Mail 1", "Mail 0"]
    await browser.delete("/api/v1/messages")
    assert (await listed(browser))["total"] == 0


async def test_mails_survive_a_restart(home: Home) -> None:
    part = mail_part(home, smtp_port=None, http_port=None)
    async with part.start({}) as first:
        await send(first, a_mail())
    async with part.start({}) as second, httpx.AsyncClient(base_url=second.address, trust_env=False) as browser:
        assert (await listed(browser))["total"] == 1


async def test_page_shows_a_mail_and_runs_nothing_of_it(catcher: Running, browser: httpx.AsyncClient) -> None:
    await send(catcher, a_mail(subject=HOSTILE, html=HOSTILE))
    mail_id = (await listed(browser))["messages"][0]["ID"]
    for path in ("/", f"/mail/{mail_id}"):
        page = await browser.get(path)
        assert HOSTILE not in page.text
        assert "&lt;script&gt;" in page.text
        assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self';")
    framed = await browser.get(f"/mail/{mail_id}/html")
    assert HOSTILE in framed.text
    assert framed.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none';")


async def test_page_under_another_name_is_refused(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/api/v1/messages", headers={"Host": "elsewhere.example"})
    assert answer.status_code == httpx.codes.MISDIRECTED_REQUEST


@pytest.mark.parametrize("path", ["/api/v1/message/1", "/mail/..%2f..%2fsecrets", "/mail/../secrets.json", "/other"])
async def test_what_is_not_there_is_not_found(browser: httpx.AsyncClient, path: str) -> None:
    assert (await browser.get(path)).status_code == httpx.codes.NOT_FOUND


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"no headers at all",
        b"From: <<<>>>, @\r\nTo: ;;:\r\nDate: never\r\nSubject: =?utf-8?q?=ff?=\r\n\r\nbody",
        b"Content-Type: text/plain; charset=nonsense\r\n\r\n\xff",
        b"Content-Type: multipart/mixed\r\n\r\nno boundary",
        b"Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n<p>cut",
    ],
)
def test_mail_that_is_not_well_formed_is_shown_all_the_same(home: Home, content: bytes) -> None:
    store = MailStore(home.mail)
    mail_id = store.keep(content)
    details = store.details(mail_id)
    assert details
    assert details["Size"] == len(content)
    assert store.summary(mail_id)
