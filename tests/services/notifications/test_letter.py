"""A notice as the mail that it becomes: neutral, the same in text and HTML, harmless whatever a name holds."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from markupsafe import escape

from services.notifications import delivery
from services.notifications.channels.mail import compose
from services.notifications.domain import Notice, Recipient
from shared.service import Parts

NOW = datetime(2026, 7, 1, 22, 31, tzinfo=UTC)
PARTS = Parts(None, lambda: NOW, None, None)  # type: ignore[arg-type]  # the clock is all that is used
NOTICE = Notice(
    notice_id="n-1",
    customer_id="acme",
    customer_name="Acme",
    fact_id="f",
    fact_type="CaseOpened",
    happened_at=datetime(2026, 7, 1, 22, 30, tzinfo=UTC),
    says={"reasons": ["Usage fell to 12%", "The last survey (NPS) was 2 of 10"]},
    recipient=Recipient("ana", "Ana Ruiz", "ana@example.com", "Europe/Madrid"),
    attempt=1,
)


def mail(notice: Notice) -> EmailMessage:
    composed = compose(delivery._written(notice, PARTS), "amicable@example.com")
    read: Any = message_from_bytes(composed.as_bytes(), policy=default)
    assert isinstance(read, EmailMessage)
    return read


def texts(notice: Notice) -> tuple[str, str]:
    plain, html = mail(notice).get_body(("plain",)), mail(notice).get_body(("html",))
    assert plain is not None
    assert html is not None
    return " ".join(plain.get_content().split()), html.get_content()


def test_subject_names_the_customer_and_nothing_else() -> None:
    assert mail(NOTICE)["Subject"] == "Action needed: Acme"


def test_text_and_html_say_the_same() -> None:
    for text in texts(NOTICE):
        for said in ("Ana Ruiz", "Acme", "Usage fell to 12%", "The last survey (NPS) was 2 of 10"):
            assert said in text


def test_time_is_the_recipients() -> None:
    for text in texts(NOTICE):
        assert "Thursday, 2 July 2026, 00:30 (Europe/Madrid)" in text


def test_message_id_is_the_notices() -> None:
    first, again = (mail(NOTICE) for _ in range(2))
    assert first["Message-ID"] == again["Message-ID"] == "<n-1@example.com>"


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x onerror=1>', "A & B", "{{ 7 * 7 }}"])
def test_markup_in_a_name_stays_text(name: str) -> None:
    plain, html = texts(replace(NOTICE, customer_name=name, says={"reasons": [name]}))
    assert html.count(escape(name)) >= 3
    assert name in plain
    assert escape(name) == name or name not in html


@pytest.mark.parametrize("name", ["Acme\r\nBcc: eve@example.com", "Acme\nX-Evil: 1", "Acme\u2028X-Evil: 1"])
def test_line_break_in_a_name_makes_no_header(name: str) -> None:
    written = mail(replace(NOTICE, customer_name=name))
    assert written["Subject"] == f"Action needed: {' '.join(name.split())}"
    assert written["Bcc"] is written["X-Evil"] is None


FEED = replace(
    NOTICE,
    customer_id=None,
    customer_name=None,
    fact_type="FeedStopped",
    says={"origin": "crm", "feed": "usage.v1", "since": "2026-07-01T20:00:00+00:00"},
)


def test_mail_about_a_feed_says_which_and_since_when_in_the_recipients_time() -> None:
    assert mail(FEED)["Subject"] == "Action needed: nothing comes from crm"
    for text in texts(FEED):
        for said in ("crm", "usage.v1", "Wednesday, 1 July 2026, 22:00 (Europe/Madrid)", "administrator"):
            assert said in text
