"""What was released to a customer's contact: to that address, within its life, once; and then it is forgotten."""

from datetime import timedelta

import pytest

from shared import outbox
from tests.deployment import Catcher
from tests.services.notifications.office import CONTACTS, Office, released

pytestmark = pytest.mark.schema("notifications")


async def is_forgotten(office: Office) -> bool:
    """Tell whether no table holds the code any more."""
    tables = await office.pool.fetch(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'notifications'"
    )
    found = [await office.pool.fetch(f"SELECT t::text FROM {table} t") for (table,) in tables]
    return "271828" not in str(found)


async def test_contact_gets_the_code_once_and_it_is_forgotten(office: Office, mails: Catcher) -> None:
    await office.know(acme={"csm": "ana", "contacts": CONTACTS})
    message = released(office.now)
    await office.take(message)
    await office.take(message)
    assert await office.deliver() == 1
    assert await office.deliver() == 0
    (mail,) = mails.mails
    assert mail["To"] == "Carla Main <carla@acme.example>"
    assert mail["From"] == "Northwind <amicable@example.com>"
    assert mail["Subject"] == "Your code for the plan with Northwind"
    for part in mail.walk():
        if part.get_content_maintype() == "text":
            text = part.get_content()
            assert "271828" in text
            assert "Europe/Berlin" in text
            assert "Amicable" not in text, "the customer knows the company, not its tools"
    assert await office.states() == ["sent"]
    assert await is_forgotten(office)
    (told,) = await office.publish()
    assert (told["type"], told["person_id"], told["fact_type"]) == ("NoticeSent", "carla", "MessageReleased")


async def test_message_waits_for_its_contact_and_not_longer_than_its_life(office: Office, mails: Catcher) -> None:
    await office.take(released(office.now))
    assert await office.deliver() == 0
    await office.know(acme={"csm": "ana", "contacts": CONTACTS})
    assert await office.deliver() == 1
    await office.take(released(office.now, contact_id="mute"))
    assert await office.deliver() == 0
    office.later(minutes=15)
    assert await office.deliver() == 0
    assert await office.states("tellings") == ["told", "expired"]
    assert await is_forgotten(office)
    assert len(mails.mails) == 1


async def test_message_that_comes_too_late_is_recorded_and_not_sent(office: Office, mails: Catcher) -> None:
    await office.know(acme={"csm": "ana", "contacts": CONTACTS})
    await office.take(released(office.now - timedelta(minutes=15)))
    assert await office.states("tellings") == ["expired"]
    assert await is_forgotten(office), "it was never kept"
    assert await office.deliver() == 0
    assert mails.mails == []


async def test_message_that_outlives_itself_between_reading_and_sending_is_not_sent(
    office: Office,
    mails: Catcher,
) -> None:
    await office.know(acme={"csm": "ana", "contacts": CONTACTS})
    await office.take(released(office.now))
    await office.address()
    (message,) = await office.ready()
    office.later(minutes=15)
    outcome = await office.post.deliver(message)
    assert outcome.answer == "it had outlived itself"
    assert mails.mails == []
    await office.deliver()
    assert await office.states() == ["expired"]
    assert await is_forgotten(office)


async def test_contact_of_another_customer_gets_nothing(office: Office, mails: Catcher) -> None:
    await office.know(acme={"csm": "ana", "contacts": []}, other={"csm": "ana", "contacts": CONTACTS})
    await office.take(released(office.now))
    assert await office.deliver() == 0
    assert mails.mails == []


async def test_quiet_replay_sends_nothing(office: Office, mails: Catcher) -> None:
    await office.know(acme={"csm": "ana", "contacts": CONTACTS})
    await office.take(released(office.now), **{outbox.QUIET: b"1"})
    assert await office.deliver() == 0
    assert await office.states("tellings") == ["expired"]
    assert mails.mails == []


async def test_code_is_forgotten_when_the_mail_server_refuses_it(office: Office, mails: Catcher) -> None:
    await office.know(acme={"csm": "ana", "contacts": CONTACTS})
    mails.answer = "550 no such person"
    await office.take(released(office.now))
    await office.deliver()
    assert await office.states() == ["failed"]
    assert await is_forgotten(office)


NOTICE = {
    "company": "Northwind",
    "customer": "Acme",
    "last_day": "2026-06-30",
    "support_until": "2026-06-30",
    "export_on": "2026-06-10",
    "export_format": "CSV",
    "access_ends_on": "2026-06-30",
}


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("ending_notice", "30 June 2026"),
        ("ending_changed", "30 June 2026"),
        ("ending_withdrawn", "goes on"),
        ("ending_called_off", "goes on"),
    ],
)
async def test_notice_of_an_ending_reaches_the_contact(
    office: Office,
    mails: Catcher,
    kind: str,
    says: str,
) -> None:
    await office.know(acme={"csm": "ana", "contacts": CONTACTS})
    fields = [{"name": name, "text": text} for name, text in NOTICE.items()]
    await office.take(released(office.now, template=kind, fields=fields))
    assert await office.deliver() == 1
    (mail,) = mails.mails
    assert mail["To"] == "Carla Main <carla@acme.example>"
    assert "Northwind" in mail["Subject"]
    for part in ("plain", "html"):
        body = mail.get_body((part,))
        assert body is not None
        assert says in body.get_content()
