"""What people choose, by command: each for themselves; and what follows from it for what they are told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.notifications.handlers import chosen_before
from shared.contracts.choices import NotificationsChosen
from shared.contracts.health import RiskDetected
from shared.contracts.notification_commands import (
    BeAway,
    BeBack,
    ChooseNotifications,
    MuteCustomer,
    QuietHours,
    ResendMessage,
    TryChannel,
    UnmuteCustomer,
)
from shared.contracts.plans.facts import CaseOpened, PlanRefused
from tests.deployment import Catcher
from tests.services.notifications.office import Office, case
from tests.stories import person

pytestmark = pytest.mark.schema("notifications")
NOON = datetime(2026, 3, 10, 11, tzinfo=UTC)  # in Madrid
QUIET = {"begins": "20:00", "ends": "07:30"}


@pytest.fixture
async def desk(office: Office) -> Office:
    office.now = NOON
    await office.know(
        person("ana", manager="mo"), person("mo"), person("bo"), person("ada", roles=["admin"]), acme="ana", beta="ana"
    )
    return office


async def tell(office: Office, about: str = "acme") -> None:
    await office.take(office.fact(CaseOpened, about, case=case()))


def to(mails: Catcher) -> list[str]:
    return [mail["To"].partition(" <")[0].removeprefix("Person ") for mail in mails.mails]


async def test_quiet_hours_hold_a_mail_back_until_they_are_over(desk: Office, mails: Catcher) -> None:
    assert await desk.ask(ChooseNotifications, "ana", person_id="ana", quiet=QUIET) == ("CommandAccepted", "ana")
    desk.later(hours=10)
    await tell(desk)
    assert await desk.deliver() == 0
    desk.later(hours=9, minutes=29)
    assert await desk.deliver() == 0
    desk.later(minutes=1)
    assert await desk.deliver() == 1
    assert to(mails) == ["ana"]


async def test_nobody_chooses_for_another_but_an_admin(desk: Office) -> None:
    assert await desk.ask(ChooseNotifications, "bo", person_id="ana") == ("CommandRejected", "not_allowed")
    assert await desk.ask(ChooseNotifications, "ada", person_id="ana") == ("CommandAccepted", "ana")


async def test_channel_and_country_that_are_not_there_are_refused(desk: Office) -> None:
    wrong = [{"urgency": "high", "channels": ["pigeon"]}]
    assert await desk.ask(ChooseNotifications, "ana", person_id="ana", channels=wrong) == (
        "CommandRejected",
        "no_channel",
    )
    assert await desk.ask(ChooseNotifications, "ana", person_id="ana", country="XX") == (
        "CommandRejected",
        "no_country",
    )


async def test_channel_without_an_address_is_refused(desk: Office) -> None:
    """Else all that is said there would fail for good."""
    desk.channels = frozenset({"mail", "slack"})
    desk.__post_init__()
    slack = [{"urgency": "high", "channels": ["slack"]}]
    own = [{"channel": "slack", "address": "https://hooks.example/1"}]
    about = {"person_id": "ana", "channels": slack}
    assert await desk.ask(ChooseNotifications, "ana", **about) == ("CommandRejected", "no_address")
    assert await desk.ask(ChooseNotifications, "ana", **about, addresses=own) == ("CommandAccepted", "ana")


async def test_address_that_nothing_is_sent_to_and_a_second_one_of_a_channel_are_refused(desk: Office) -> None:
    desk.channels = frozenset({"mail", "slack"})
    desk.wrong = lambda channel, address: "the host is not named" if "evil" in address else None
    desk.__post_init__()
    good, evil = ({"channel": "slack", "address": f"https://{host}.example/1"} for host in ("hooks", "evil"))
    for addresses, code in (([evil], "wrong_address"), ([good, good], "two_addresses")):
        answer = await desk.ask(ChooseNotifications, "ana", person_id="ana", addresses=addresses)
        assert answer == ("CommandRejected", code)
    pigeon = [{"channel": "pigeon", "address": "x"}]
    answer = await desk.ask(ChooseNotifications, "ana", person_id="ana", addresses=pigeon)
    assert answer == ("CommandRejected", "no_channel")


async def test_channel_is_chosen_by_urgency(desk: Office) -> None:
    both = [{"urgency": "high", "channels": ["mail", "console"]}]
    await desk.ask(ChooseNotifications, "ana", person_id="ana", channels=both)
    await tell(desk)
    await desk.address()
    rows = await desk.pool.fetch("SELECT channel FROM deliveries ORDER BY channel")
    assert [row["channel"] for row in rows] == ["console", "mail"]


async def test_low_ones_come_in_one_digest_that_reads_like_a_briefing(desk: Office, mails: Catcher) -> None:
    for about in ("acme", "beta"):
        reasons = [{"code": "usage", "text": "Usage fell"}]
        more = {"episode_id": about, "severity": "watch", "reasons": reasons, "since": desk.now}
        await desk.take(desk.fact(RiskDetected, about, **more))
    assert await desk.deliver() == 0
    desk.later(hours=20)
    assert await desk.deliver() == 1
    (mail,) = mails.mails
    assert mail["Subject"] == "For your information: news of 2 customers"
    body = mail.get_body(("plain",))
    assert body is not None
    for said in ("News of 2 customers today", "Company acme shows signs of risk: Usage fell", "Look at the reasons"):
        assert said in body.get_content()
    told = await desk.publish()
    assert [one["person_id"] for one in told] == ["ana", "ana"]
    assert len({one["message_id"] for one in told}) == 1


async def test_muted_customer_is_not_spoken_of_until_its_day(desk: Office, mails: Catcher) -> None:
    until = desk.now + timedelta(days=1)
    await desk.ask(MuteCustomer, "ana", person_id="ana", customer="acme", until=until)
    await tell(desk)
    await tell(desk, "beta")
    await desk.deliver()
    assert [mail["Subject"] for mail in mails.mails] == ["Action needed: Company beta"]
    assert await desk.states("deliveries") == ["quiet", "sent"]
    desk.later(days=1)
    await tell(desk)
    await desk.deliver()
    assert len(mails.mails) == 2


async def test_unmuted_customer_is_spoken_of_again(desk: Office, mails: Catcher) -> None:
    await desk.ask(MuteCustomer, "ana", person_id="ana", customer="acme", until=desk.now + timedelta(days=1))
    await desk.ask(UnmuteCustomer, "ana", person_id="ana", customer="acme")
    await tell(desk)
    assert await desk.deliver() == 1


async def test_substitute_gets_it_and_reads_for_whom(desk: Office, mails: Catcher) -> None:
    days = {"first_day": "2026-03-10", "last_day": "2026-03-12"}
    await desk.ask(BeAway, "ana", person_id="ana", substitute="bo", **days)
    await tell(desk)
    await desk.deliver()
    assert to(mails) == ["bo"]
    assert await desk.pool.fetchval("SELECT stands_for FROM deliveries") == "ana"


async def test_whoever_stands_in_is_not_told_what_they_did_themselves(desk: Office, mails: Catcher) -> None:
    days = {"first_day": "2026-03-10", "last_day": "2026-03-12"}
    await desk.ask(BeAway, "ana", person_id="ana", substitute="bo", **days)
    await desk.take(desk.fact(PlanRefused, case=case(), by="bo"))
    await desk.deliver()
    assert to(mails) == ["mo"]


async def test_manager_stands_in_where_nobody_is_named_or_the_substitute_is_away(desk: Office, mails: Catcher) -> None:
    days = {"first_day": "2026-03-10", "last_day": "2026-03-12"}
    await desk.ask(BeAway, "ana", person_id="ana", substitute="bo", **days)
    await desk.ask(BeAway, "bo", person_id="bo", substitute="ana", **days)
    await tell(desk)
    await desk.deliver()
    await desk.ask(BeAway, "ana", person_id="ana", **days)
    await tell(desk, "beta")
    await desk.deliver()
    assert to(mails) == ["ana", "mo"], "who stand in for each other get it themselves"


async def test_whoever_is_back_gets_it_again(desk: Office, mails: Catcher) -> None:
    days = {"first_day": "2026-03-10", "last_day": "2026-03-12"}
    await desk.ask(BeAway, "ana", person_id="ana", substitute="bo", **days)
    await desk.ask(BeBack, "ana", person_id="ana")
    await tell(desk)
    await desk.deliver()
    assert to(mails) == ["ana"]


async def test_substitute_is_somebody_else_of_ours(desk: Office) -> None:
    days = {"first_day": "2026-03-10", "last_day": "2026-03-12"}
    for who, code in (("ana", "same_person"), ("nobody", "unknown_person")):
        answer = await desk.ask(BeAway, "ana", person_id="ana", substitute=who, **days)
        assert answer == ("CommandRejected", code)


async def test_what_was_chosen_outlives_a_choice_of_something_else(desk: Office, mails: Catcher) -> None:
    await desk.ask(MuteCustomer, "ana", person_id="ana", customer="acme", until=desk.now + timedelta(days=1))
    await desk.ask(ChooseNotifications, "ana", person_id="ana", quiet=QUIET)
    await tell(desk)
    assert await desk.deliver() == 0


async def test_failed_message_is_sent_again_under_its_own_id_when_an_admin_asks(desk: Office, mails: Catcher) -> None:
    await tell(desk)
    mails.answer = "550 no"
    await desk.deliver()
    id_ = await desk.pool.fetchval("SELECT message_id FROM messages")
    mails.answer = "250 OK"
    assert await desk.ask(ResendMessage, "ana", message_id=id_) == ("CommandRejected", "not_allowed")
    assert await desk.ask(ResendMessage, "ada", message_id="nothing") == ("CommandRejected", "no_message")
    assert await desk.ask(ResendMessage, "ada", message_id=id_) == ("CommandAccepted", id_)
    assert await desk.ask(ResendMessage, "ada", message_id=id_) == ("CommandRejected", "not_over")
    assert await desk.deliver() == 1
    assert mails.mails[0]["Message-ID"] == f"<{id_}@example.com>"
    assert await desk.states() == ["sent"]


async def test_what_had_failed_is_told_as_sent_when_it_arrives_in_the_end(desk: Office, mails: Catcher) -> None:
    await tell(desk)
    mails.answer = "550 no"
    await desk.deliver()
    assert [one["type"] for one in await desk.publish()] == ["NoticeFailed"]
    mails.answer = "250 OK"
    id_ = await desk.pool.fetchval("SELECT message_id FROM messages")
    for _ in range(2):  # the second time it had arrived, and that is told already
        await desk.ask(ResendMessage, "ada", message_id=id_)
        assert await desk.deliver() == 1
        assert [one["type"] for one in await desk.publish()] == ["NoticeFailed", "NoticeSent"]


async def test_trial_that_could_not_arrive_is_refused(desk: Office) -> None:
    desk.channels = frozenset({"mail", "console", "slack"})
    desk.__post_init__()
    for channel, code in (("console", "no_trial"), ("slack", "no_address"), ("fax", "no_channel")):
        answer = await desk.ask(TryChannel, "ana", person_id="ana", channel=channel)
        assert answer == ("CommandRejected", code)


async def test_trial_reaches_the_person_and_asks_for_nothing(desk: Office, mails: Catcher) -> None:
    assert (await desk.ask(TryChannel, "ana", person_id="ana", channel="mail"))[0] == "CommandAccepted"
    assert await desk.deliver() == 1
    assert mails.mails[0]["Subject"] == "For your information: Amicable reaches you on mail"


async def test_every_choice_is_told_whole_for_the_persons_page(desk: Office) -> None:
    desk.channels = frozenset({"mail", "slack"})
    desk.__post_init__()
    slack = {"channel": "slack", "address": "https://hooks.slack.example/x"}
    high = {"urgency": "high", "channels": ["mail", "slack"]}
    await desk.ask(ChooseNotifications, "ana", person_id="ana", quiet=QUIET, channels=[high], addresses=[slack])
    await desk.ask(MuteCustomer, "ana", person_id="ana", customer="acme", until=NOON + timedelta(days=1))
    await desk.ask(BeAway, "ana", person_id="ana", first_day="2026-04-01", last_day="2026-04-03", substitute="bo")
    rows = await desk.pool.fetch("SELECT key, body FROM outbox WHERE topic = 'choices.v1' ORDER BY id")
    told = [NotificationsChosen.model_validate_json(row["body"]) for row in rows]
    assert [(row["key"], one.seq) for row, one in zip(rows, told, strict=True)] == [("ana", 1), ("ana", 2), ("ana", 3)]
    last = told[-1]
    assert last.quiet == QuietHours.model_validate(QUIET)
    assert {one.urgency: one.channels for one in last.channels}["high"] == ("mail", "slack")
    assert [one.address for one in last.addresses] == [slack["address"]]
    assert [one.customer for one in last.muted] == ["acme"]
    assert last.absence is not None
    assert last.absence.substitute == "bo"


async def test_what_was_chosen_before_its_topic_was_there_is_told_once(desk: Office) -> None:
    """Whoever chose later, or at the same time, has been told of."""
    parts: Any = desk
    for person_id in ("ada", "ana", "bo", "mo"):
        await desk.ask(ChooseNotifications, person_id, person_id=person_id, quiet=QUIET)
    await desk.pool.execute("DELETE FROM sequences WHERE topic = 'choices.v1' AND customer_id <> 'mo'")
    await desk.pool.execute("DELETE FROM outbox WHERE topic = 'choices.v1'")
    await desk.pool.execute("UPDATE choices SET choices = '{}' WHERE person_id = 'bo'")  # cannot be read
    odd = """choices || '{"country": "Germany"}'"""  # nor can this be told
    await desk.pool.execute(f"UPDATE choices SET choices = {odd} WHERE person_id = 'ada'")
    for _ in range(2):
        await chosen_before.tell(parts)
    (row,) = await desk.pool.fetch("SELECT key, body FROM outbox WHERE topic = 'choices.v1'")
    told = NotificationsChosen.model_validate_json(row["body"])
    assert (row["key"], told.seq, told.quiet) == ("ana", 1, QuietHours.model_validate(QUIET))
