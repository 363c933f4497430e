"""What is written into any field stays text, in every channel: judged by what parsers make of what is sent."""

import json
import re
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cache
from typing import Any

import icalendar
import pytest

from services.notifications.channels import apprise, slack, teams, webhook
from services.notifications.channels.mail import compose, flattened
from services.notifications.domain.parcel import Parcel
from services.notifications.domain.recipient import Recipient
from services.notifications.letters import letter, saying
from services.notifications.letters.letter import Letter
from tests.contracts.examples import BY_TYPE
from tests.services.notifications.channels.parcels import parcel
from tests.services.notifications.letters.letters_of import AROUND, FOR_CONTACTS, RELEASED, template
from tests.services.notifications.letters.reading import Page, read

HARMLESS = "harmless"
PAYLOADS = [
    # headers
    "a\r\nBcc: eve@evil.example", "a\nBcc: eve@evil.example", "a\rBcc: eve@evil.example", "a\r\n\r\n<html>body",
    "a\u2028Bcc: eve@evil.example", "a\u2029Bcc: eve@evil.example", "a\x85Bcc: eve@evil.example",
    "a\x0bBcc: eve@evil.example", "a\x0cBcc: eve@evil.example", "a\x1cBcc: eve@evil.example", "a\x00b",
    "=?utf-8?q?a=0D=0ABcc=3A_eve=40evil=2Eexample?=", "=?utf-8?b?PHNjcmlwdD4=?=",
    "a\r\n.\r\nMAIL FROM:<eve@evil.example>", "a%0d%0aBcc:%20eve@evil.example",
    "--===============0==--\r\nContent-Type: text/html",
    # HTML
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><svg onload=alert(1)>',
    "'><a href='javascript:alert(1)'>x", "</style><style>*{background:url(//evil.example)}",
    "</td></tr></table><h1>x", "<!--", "-->", "<![CDATA[<b>x</b>]]>", "&lt;script&gt;", "&#60;script&#62;",
    "<a href=https://evil.example>x</a>", "<base href=//evil.example>", "<form action=//evil.example><input>",
    "<iframe srcdoc=x>", "<meta http-equiv=refresh content=0;url=//evil.example>", "\u2067<b>\u2069",
    "+ADw-script+AD4-", "<plaintext>", "</textarea><title>x",
    # chat
    "<!channel>", "<!here|here>", "<!everyone>", "<@U012AB3CD>", "<#C012|general>", "<!subteam^S1>", "@channel",
    "@here", "@all", "@everyone", "<https://evil.example|Open the case>", "[Open](https://evil.example)",
    "![x](https://evil.example/x.png)", "*bold* _it_ ~no~ `code` ```\nblock\n```", "# heading\n* item\n> quote",
    "<at>Ana</at>", "<users/all>", ":rotating_light:",
    # templates
    "{{7*7}}", "{{ ''.__class__.__mro__ }}", "{% raw %}x{% endraw %}", "${7*7}", "#{7*7}", "<%= 7*7 %>",
    "{{DATE(2026-01-01)}}", "%(name)s %s %n", "{0} {customer}", "$(id) `id`", "{# x #}", "{{customer}}",
    # calendars
    "a\r\nATTENDEE:mailto:eve@evil.example", "a\\nSUMMARY:x", "a;b,c:d\\",
    "a\r\nEND:VEVENT\r\nBEGIN:VALARM\r\nACTION:AUDIO", "a\r\n BEGIN:VEVENT", "X" * 80 + "\r\n folded",
    '";ALTREP="https://evil.example',
    # what hides itself, and what is long
    "\u202egnp.exe", "\u2066\u202e\u2069", "\ufeffa\u200b", "\U000e0041\U000e0042", "\ud800", "a\u0300" * 500,
    "😀" * 3_000, "A" * 100_000, "a b " * 50_000, "a" + "\n" * 5_000 + "b", "a\t" * 5_000,
]  # fmt: skip
NAMES = [f"{number:02} {one[:24]!r}" for number, one in enumerate(PAYLOADS)]
KINDS = [
    "RiskDetected", "PlanRefused", "CommentMade", "CommitmentLate", "ReviewRequested", "ObjectionRaised",
    "TransitionAnnounced", "MilestoneLate", "TransitionRefused", "TalkArranged", "FeedStopped", "ConditionOverridden",
]  # fmt: skip
KEPT = frozenset(
    {"type", "customer_id", "occurred_at", "about", "due_on", "planned_for", "severity", "side", "level", "channel"}
)
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]")


def filled(content: Any, text: str) -> Any:
    """Return the content with this text in the place of every other."""
    if isinstance(content, dict):
        return {
            name: one if name in KEPT or name.endswith("_id") else filled(one, text) for name, one in content.items()
        }
    if isinstance(content, list):
        return [filled(one, text) for one in content]
    return text if isinstance(content, str) else content


def reader(text: str) -> Recipient:
    return Recipient("ana", text, "ana@example.com", "Europe/Madrid")


def around(text: str) -> dict[str, Any]:
    return {**AROUND, "customer": text, "names": {"amara-okafor": text}, "stands_for": text}


@cache
def letters(text: str) -> dict[str, Letter]:
    """Write letters of each kind with this text in each field that people or other systems fill."""
    written = {}
    for kind in KINDS:
        content = dict(BY_TYPE[kind].content)
        for part, of in (("case", BY_TYPE["CaseUpdated"]), ("transition", BY_TYPE["TransitionAnnounced"])):
            if part in content:
                content[part] = of.content[part]
        says = {**saying.says(filled(content, text)), **around(text), "when": content["occurred_at"]}
        written[kind] = letter.write(template(kind), says, reader(text))
    for name, fields in RELEASED.items():
        written[name] = letter.write(name, {**filled({**FOR_CONTACTS, **fields}, text)}, reader(text))
    item = {"customer": text, "urgency": "high", "headline": text, "next_step": text, "stands_for": text,
            "link": AROUND["link"]}  # fmt: skip
    written["digest"] = letter.digest([item, item], reader(text), fewer=AROUND["fewer"])
    return written


PAGES = {name: read(one.html) for name, one in letters(HARMLESS).items()}
EVENT: Any = icalendar.Calendar.from_ical(letters(HARMLESS)["TalkArranged"].attachments[0].content).walk("VEVENT")[0]


def handed(written: Letter, text: str) -> Parcel:
    return replace(
        parcel(), subject=written.subject, text=written.text, html=written.html, attachments=written.attachments,
        name=text, key=text, link=AROUND["link"], headers={"From": text, "List-Unsubscribe": f"<{AROUND['fewer']}>"},
    )  # fmt: skip


@pytest.mark.parametrize("payload", PAYLOADS, ids=NAMES)
def test_html_has_the_same_elements_and_links_whatever_is_in_it(payload: str) -> None:
    for name, written in letters(payload).items():
        page, usual = read(written.html), PAGES[name]
        assert page.tags == usual.tags, name
        assert page.links == usual.links, name
        assert page.attributes == usual.attributes, name
        assert not HIDDEN.search(page.text), name
        assert "49" not in page.text.replace(payload, ""), name
        assert len(written.html) < 102_000, name
        assert len(written.text) < 60_000, name


@pytest.mark.parametrize("payload", PAYLOADS, ids=NAMES)
def test_mail_has_the_same_headers_parts_and_recipient_whatever_is_in_it(payload: str) -> None:
    for name, written in letters(payload).items():
        usual, mail = (_sent(handed(one, text)) for one, text in ((letters_of(name), HARMLESS), (written, payload)))
        assert sorted(mail.keys()) == sorted(usual.keys()), name
        assert [one.get_content_type() for one in mail.walk()] == [one.get_content_type() for one in usual.walk()], name
        assert [one.addr_spec for one in mail["To"].addresses] == ["ana@example.com"], name
        assert [one.addr_spec for one in mail["From"].addresses] == ["amicable@example.com"], name
        assert not re.search(r"[\r\n]", mail["Subject"]), name
        assert not HIDDEN.search(mail["Subject"]), name
        assert len(mail["Subject"]) <= 200, name
        assert mail["Subject"] == mail["Subject"].strip(), name
        assert mail["List-Unsubscribe"] == f"<{AROUND['fewer']}>"
        assert re.fullmatch(r"<[A-Za-z0-9._-]+@example\.com>", mail["Message-ID"].strip())


def letters_of(name: str) -> Letter:
    return USUAL[name]


USUAL = letters(HARMLESS)


def _sent(one: Parcel) -> EmailMessage:
    read_: Any = message_from_bytes(flattened(compose(one, "amicable@example.com")), policy=default)
    assert isinstance(read_, EmailMessage)
    assert not [defect for part in read_.walk() for defect in part.defects]
    return read_


@pytest.mark.parametrize("payload", PAYLOADS, ids=NAMES)
def test_chat_gets_no_mention_no_link_and_no_markup_of_others(payload: str) -> None:
    for written in letters(payload).values():
        one = handed(written, payload)
        told = json.loads(json.dumps(slack.message(one)))
        assert [block["type"] for block in told["blocks"]] == ["header", "section", "actions"]
        assert told["blocks"][2]["elements"][0]["url"] == AROUND["link"]
        for text in (told["text"], *(block["text"]["text"] for block in told["blocks"][:2])):
            assert not re.search(r"[<>]|@\w|\]\(|&(?!amp;|lt;|gt;)", text)
            assert len(text) <= 3_000
        assert {block["text"]["type"] for block in told["blocks"][:2]} == {"plain_text"}
        (attachment,) = json.loads(json.dumps(teams.message(one)))["attachments"]
        card = attachment["content"]
        assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
        runs = [run for block in card["body"] for run in block["inlines"]]
        assert {run["type"] for run in runs} == {"TextRun"}
        assert not any("{{" in run["text"] or "${" in run["text"] for run in runs)
        assert [action["url"] for action in card["actions"]] == [AROUND["link"]]
        assert not re.search(r"[@<](?=[^\s\u200b])", apprise._unaddressed(one.text))


@pytest.mark.parametrize("payload", PAYLOADS, ids=NAMES)
def test_calendar_has_one_event_with_the_same_properties_whatever_is_in_it(payload: str) -> None:
    (attachment,) = letters(payload)["TalkArranged"].attachments
    assert all(len(line) <= 75 for line in attachment.content.split(b"\r\n"))
    calendar: Any = icalendar.Calendar.from_ical(attachment.content)
    (event,) = calendar.walk("VEVENT")
    assert len(calendar.walk()) == 2
    assert set(event) == set(EVENT)
    assert event["DTSTART"].dt == EVENT["DTSTART"].dt
    assert not re.search(r"[\r\n]", event["SUMMARY"])


@pytest.mark.parametrize("payload", [one for one in PAYLOADS if one != "\ud800"])
def test_machine_reads_what_was_written(payload: str) -> None:
    read_: Any = json.loads(webhook.body(parcel(text=payload, fact={"type": "CaseOpened", "why": payload})))
    assert (read_["text"], read_["fact"]["why"]) == (payload, payload)


def test_there_are_enough_of_them() -> None:
    assert len(PAYLOADS) >= 40
    assert isinstance(next(iter(PAGES.values())), Page)
