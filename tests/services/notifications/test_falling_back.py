"""What a chat or webhook will never take goes by mail, once; a broken channel is told once, and can be mended."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from services.notifications.channels.channel import Gone, Permanent
from services.notifications.domain.parcel import Parcel
from services.notifications.letters.catalogue import INSTEAD
from shared.contracts.notification_commands import ChooseNotifications, ResendMessage, TryChannel
from shared.contracts.plans.facts import CaseOpened, PlanRefused
from shared.database import Pool
from tests.deployment import Catcher
from tests.services.notifications.office import Office, case
from tests.services.notifications.test_nobody import RULES, SECOND, office_by, text
from tests.stories import person

pytestmark = pytest.mark.schema("notifications")
ADDRESS = "https://hooks.slack.com/services/s3cr3t"


@dataclass
class Chat:
    """A chat that takes messages, or fails."""

    failure: Exception | None = None
    name: str = "slack"
    got: list[Parcel] = field(default_factory=list)

    def destination(self, parcel: Parcel) -> str:
        return "hooks.slack.com"

    def wrong(self, address: str) -> str | None:
        return None

    async def send(self, parcel: Parcel) -> None:
        if self.failure is not None:
            raise self.failure
        self.got.append(parcel)

    async def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
async def desk(office: Office) -> Office:
    office.channels = frozenset({"mail", "slack"})
    office.__post_init__()
    await office.know(person("ana"), person("ada", roles=["admin"]), acme="ana", beta="ana")
    await choose(office)
    return office


async def choose(office: Office, address: str = ADDRESS, *channels: str) -> None:
    chosen = [{"urgency": "high", "channels": channels or ["slack"]}]
    own = [{"channel": "slack", "address": address}]
    answer = await office.ask(ChooseNotifications, "ana", person_id="ana", channels=chosen, addresses=own)
    assert answer == ("CommandAccepted", "ana")


async def tell(office: Office, chat: Chat, about: str = "acme") -> None:
    """Tell of a case; whatever cannot go by chat has its turn by mail."""
    await office.take(office.fact(CaseOpened, about, case=case()))
    await office.deliver(office.post_of(chat))
    await office.deliver()


def subjects(mails: Catcher) -> list[str]:
    return [mail["Subject"] for mail in mails.mails]


BROKEN = "Action needed: Amicable does not reach you on Slack any more"


async def test_message_goes_by_mail_once_and_the_person_hears_once_that_the_channel_is_broken(
    desk: Office, mails: Catcher
) -> None:
    chat = Chat(Gone("the host does not know this address any more (404)"))
    await tell(desk, chat)
    assert sorted(subjects(mails)) == [BROKEN, "Action needed: Company acme"]
    said = next(mail for mail in mails.mails if mail["Subject"] == BROKEN).get_body(("plain",))
    assert said is not None
    assert "(404)" in said.get_content()
    assert "amicable notify" in said.get_content()
    assert "s3cr3t" not in said.get_content(), "the address is a secret"
    mails.mails.clear()
    await tell(desk, chat, "beta")
    assert subjects(mails) == ["Action needed: Company beta"], "by mail at once, and nothing more of the channel"
    assert await desk.pool.fetchval("SELECT count(*) FROM messages WHERE channel = 'slack'") == 1
    failed = [one for one in await desk.publish() if one["type"] == "NoticeFailed"]
    assert [one["channel"] for one in failed] == ["slack"]


async def test_what_goes_by_mail_anyhow_and_what_fails_again_is_mailed_no_second_time(
    desk: Office, mails: Catcher
) -> None:
    await choose(desk, ADDRESS, "slack", "mail")
    chat = Chat(Permanent("the host refused it (400)"))
    await tell(desk, chat)
    assert subjects(mails) == ["Action needed: Company acme"]
    id_ = await desk.pool.fetchval("SELECT message_id FROM messages WHERE channel = 'slack'")
    assert (await desk.ask(ResendMessage, "ada", message_id=id_))[0] == "CommandAccepted"
    await desk.deliver(desk.post_of(chat))
    await desk.deliver()
    assert subjects(mails) == ["Action needed: Company acme"]


async def test_message_that_is_refused_for_itself_goes_by_mail_and_breaks_no_channel(
    desk: Office, mails: Catcher
) -> None:
    chat = Chat(Permanent("the host refused it (400)"))
    await tell(desk, chat)
    assert subjects(mails) == ["Action needed: Company acme"]
    chat.failure = None
    await tell(desk, chat, "beta")
    assert [one.subject for one in chat.got] == ["Action needed: Company beta"]


async def test_another_address_or_a_trial_that_arrives_mends_the_channel_and_the_same_address_does_not(
    desk: Office, mails: Catcher
) -> None:
    chat = Chat(Gone("the host does not know this address any more (410)"))
    await tell(desk, chat)
    chat.failure = None
    await choose(desk)
    await tell(desk, chat)
    assert chat.got == [], "nothing says that it works again"
    await desk.ask(TryChannel, "ana", person_id="ana", channel="slack")
    await desk.deliver(desk.post_of(chat))
    await tell(desk, chat)
    assert len(chat.got) == 2
    chat.failure = Gone("the host does not know this address any more (410)")
    await tell(desk, chat, "beta")
    chat.failure = None
    await choose(desk, "https://hooks.slack.com/services/new")
    await tell(desk, chat, "beta")
    assert [one.address.rpartition("/")[2] for one in chat.got] == ["s3cr3t", "s3cr3t", "new"]
    assert subjects(mails).count(BROKEN) == 2, "once each time that it broke"


async def test_mail_instead_of_a_chat_keeps_to_quiet_hours_and_working_days(desk: Office, mails: Catcher) -> None:
    """It was sent on Friday evening, and the chat refuses it at night."""
    desk.now = datetime(2026, 3, 13, 18, 50, tzinfo=UTC)
    await desk.take(desk.fact(CaseOpened, case=case()))
    await desk.address()
    own: dict[str, Any] = {
        "channels": [{"urgency": "high", "channels": ["slack"]}],
        "addresses": [{"channel": "slack", "address": ADDRESS}],
        "quiet": {"begins": "20:00", "ends": "07:00"},
        "working_days": ["monday", "tuesday"],
    }
    assert (await desk.ask(ChooseNotifications, "ana", person_id="ana", **own))[0] == "CommandAccepted"
    desk.later(minutes=20)
    await desk.deliver(desk.post_of(Chat(Permanent("the host refused it (400)"))))
    desk.now = datetime(2026, 3, 16, 5, 59, tzinfo=UTC)
    assert await desk.deliver() == 0
    desk.later(minutes=1)
    assert await desk.deliver() == 1
    assert subjects(mails) == ["Action needed: Company acme"]


async def test_trial_that_fails_is_not_sent_by_mail_instead(desk: Office, mails: Catcher) -> None:
    await desk.ask(TryChannel, "ana", person_id="ana", channel="slack")
    await desk.deliver(desk.post_of(Chat(Gone("the host does not know this address any more (404)"))))
    await desk.deliver()
    assert subjects(mails) == [BROKEN]


async def test_mail_says_why_it_comes_to_somebody_whom_the_rule_does_not_mean(desk: Office, mails: Catcher) -> None:
    desk.later(seconds=1)
    await desk.know(person("ana", active=False), person("max", roles=["manager"]))
    own = [{"channel": "slack", "address": ADDRESS}]
    chosen = [{"urgency": "high", "channels": ["slack"]}]
    await desk.ask(ChooseNotifications, "max", person_id="max", channels=chosen, addresses=own)
    await tell(desk, Chat(Permanent("the host refused it (400)")))
    assert mails.mails[-1]["To"].startswith("Person max")
    assert INSTEAD["nobody"] in " ".join(text(mails).split())


async def test_mail_lets_the_reader_take_in_hand_what_the_chat_did(
    pool: Pool, smtp: tuple[Catcher, int], mails: Catcher
) -> None:
    office = await office_by(RULES + SECOND, pool, smtp[1])
    office.channels = frozenset({"mail", "slack"})
    office.__post_init__()
    own = [{"channel": "slack", "address": ADDRESS}]
    chosen = [{"urgency": "critical", "channels": ["slack"]}]
    await office.ask(ChooseNotifications, "ana", person_id="ana", channels=chosen, addresses=own)
    await office.take(office.fact(PlanRefused, case=case()))
    await office.deliver(office.post_of(Chat(Permanent("the host refused it (400)"))))
    await office.deliver()
    acts = {office.links.read(token).act for token in re.findall(r"/n/(\S+)", text(mails))}
    assert acts == {"fewer", "take"}
