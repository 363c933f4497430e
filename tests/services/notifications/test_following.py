"""What waits follows the people: whoever leaves, or gives a customer away, is told no more of it, and others are."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from services.notifications.domain.directory import Needed
from services.notifications.store import copies
from shared import database
from shared.contracts.health import RiskDetected
from shared.contracts.notification_commands import (
    AcknowledgeNotice,
    BeAway,
    BeBack,
    ChooseNotifications,
    ResendMessage,
)
from shared.contracts.plans.facts import CaseOpened, ConversationDue, ConversationScheduled
from shared.database import Pool
from tests.deployment import Catcher, until
from tests.services.notifications.office import EVERYBODY, Office, case
from tests.services.notifications.test_loops import Slow, at_work
from tests.stories import person

pytestmark = pytest.mark.schema("notifications")
DAILY = [{"urgency": "high", "timing": "daily"}]


@pytest.fixture
async def desk(office: Office) -> Office:
    office.now = datetime(2026, 3, 10, 11, tzinfo=UTC)
    await office.know(
        person("ana", manager="mo"), person("mo"), person("bo"), person("ada", roles=["admin"]), acme="ana", beta="ana"
    )
    return office


def to(mails: Catcher) -> list[str]:
    return [mail["To"].partition(" <")[0].removeprefix("Person ") for mail in mails.mails]


async def blocked(pool: Pool) -> bool:
    waits = "SELECT true FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database() LIMIT 1"
    return bool(await pool.fetchval(waits))


async def leave(desk: Office, who: str, **more: Any) -> None:
    desk.later(seconds=1)
    await desk.know(person(who, active=False, **more))


async def test_what_is_addressed_while_somebody_leaves_goes_to_their_manager(desk: Office, mails: Catcher) -> None:
    await desk.take(desk.fact(CaseOpened, case=case()))
    async with database.transaction(desk.pool, "notifications", desk.now) as tx:
        await desk.addressing._address(tx, EVERYBODY)
        await leave(desk, "ana", manager="mo")
    assert await desk.states("deliveries") == ["due"], "for somebody who has left"
    await desk.deliver()
    assert to(mails) == ["mo"]
    assert await desk.states("deliveries") == ["moved", "sent"]
    assert await desk.pool.fetchval("SELECT why FROM deliveries WHERE state = 'moved'") == "the recipient has left"


async def test_what_is_packed_while_somebody_leaves_goes_to_their_manager(desk: Office, mails: Catcher) -> None:
    await desk.take(desk.fact(CaseOpened, case=case()))
    async with database.transaction(desk.pool, "notifications", desk.now) as tx:
        await desk.addressing._address(tx, EVERYBODY)
    async with database.transaction(desk.pool, "notifications", desk.now) as tx:
        await desk.addressing._pack(tx, EVERYBODY)
        leaving = asyncio.create_task(leave(desk, "ana", manager="mo"))
        await until(lambda: blocked(desk.pool), "whoever leaves waits for what is packed")
    await leaving
    await desk.deliver()
    assert to(mails) == ["mo"]
    assert await desk.states() == ["expired", "sent"]


async def test_message_that_was_read_before_its_recipient_left_is_not_sent(
    desk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.notifications.delivery.FRESH_SECONDS", 0.0)  # as if it had been read a while ago
    await desk.know(gamma="bo")
    await desk.take(desk.fact(CaseOpened, "gamma", case=case()))
    await desk.address()
    await desk.take(desk.fact(CaseOpened, case=case()))
    await desk.address()
    slow = Slow("mail")
    async with at_work(desk, slow, workers=1):

        async def asked() -> bool:
            return bool(slow.asked)

        await until(asked, "one is on its way, and the other one is next")
        assert await desk.pool.fetchval("SELECT count(*) FROM messages WHERE in_hand_by IS NOT NULL") == 2
        await leave(desk, "ana", manager="mo")
        slow.go.set()
        both = "SELECT count(*) = 2 FROM messages WHERE state = 'sent'"
        await until(lambda: desk.pool.fetchval(both), "the manager has it")
    assert [one.address for one in slow.asked] == ["bo@example.com", "mo@example.com"]


async def test_no_more_people_are_read_than_whoever_is_meant_leads_or_stands_in(desk: Office) -> None:
    await desk.know(
        *(person(f"other{number}") for number in range(50)), person("sub"), person("top", roles=["manager"])
    )
    away = {"first_day": "2026-03-10", "last_day": "2026-03-12", "substitute": "sub"}
    await desk.ask(BeAway, "mo", person_id="mo", **away)
    needed = Needed(frozenset({"ana"}), frozenset({"manager"}), frozenset())
    async with database.transaction(desk.pool, "notifications", desk.now) as tx:
        people, chosen = await copies.people(tx, needed)
    assert people.by_id.keys() == {"ana", "mo", "sub", "top"}
    assert [row["person_id"] for row in chosen] == ["mo"]


async def test_message_is_not_sent_again_to_somebody_who_has_left(desk: Office, mails: Catcher) -> None:
    await desk.take(desk.fact(CaseOpened, case=case()))
    await desk.deliver()
    await leave(desk, "ana")
    id_ = await desk.pool.fetchval("SELECT message_id FROM messages")
    assert await desk.ask(ResendMessage, "ada", message_id=id_) == ("CommandRejected", "left")


async def test_what_waits_in_the_digest_of_the_former_csm_reaches_the_new_one_alone(
    desk: Office, mails: Catcher
) -> None:
    await desk.ask(ChooseNotifications, "ana", person_id="ana", timings=DAILY)
    await desk.take(desk.fact(ConversationDue, case=case()), desk.fact(CaseOpened, "beta", case=case()))
    assert await desk.deliver() == 0, "it waits for tomorrow morning"
    desk.later(seconds=1)
    await desk.know(acme="bo")
    await desk.deliver()
    assert to(mails) == ["bo"]
    ask = await desk.pool.fetchval("SELECT ask_id FROM asks")
    assert await desk.ask(AcknowledgeNotice, "ana", ask_id=ask) == ("CommandRejected", "not_allowed")
    assert await desk.ask(AcknowledgeNotice, "bo", ask_id=ask) == ("CommandAccepted", ask)
    desk.later(days=1)
    await desk.deliver()
    assert to(mails) == ["bo", "ana"]
    assert "Company acme" not in mails.mails[-1].as_string()


async def test_digest_that_is_on_its_way_loses_what_is_the_new_csms_and_nothing_else(
    desk: Office, mails: Catcher
) -> None:
    """The mail server is down in the morning, and the customer changes hands meanwhile."""
    for about in ("acme", "beta"):
        more = {"episode_id": about, "severity": "watch", "reasons": case()["reasons"], "since": desk.now}
        await desk.take(desk.fact(RiskDetected, about, **more))
    await desk.address()
    desk.later(hours=20)
    mails.answer = "451 come back later"
    assert await desk.deliver() == 1
    await desk.know(acme="bo")
    mails.answer = "250 OK"
    await desk.deliver()
    assert [(mail["To"], mail["Subject"]) for mail in mails.mails] == [
        ("Person ana <ana@example.com>", "For your information: news of 1 customer")
    ]
    desk.later(days=1)
    await desk.deliver()
    assert to(mails) == ["ana", "bo"]


async def test_what_is_done_by_then_follows_nobody(desk: Office, mails: Catcher) -> None:
    mails.answer = "451 come back later"
    await desk.take(desk.fact(ConversationDue, case=case()))
    assert await desk.deliver() == 1
    await desk.take(desk.fact(ConversationScheduled, case=case()))
    await leave(desk, "ana", manager="mo")
    assert await desk.deliver() == 0
    assert await desk.states("deliveries") == ["moved"]


async def test_what_waits_goes_to_whoever_stands_in_when_an_absence_begins_and_back_when_it_ends(
    desk: Office, mails: Catcher
) -> None:
    """Away from Saturday, and news come on Friday night; back on Sunday, when the next ones wait for the morning."""
    night = {"begins": "20:00", "ends": "07:00"}
    for who in ("ana", "bo"):
        await desk.ask(ChooseNotifications, who, person_id=who, quiet=night)
    await desk.ask(BeAway, "ana", person_id="ana", first_day="2026-03-14", last_day="2026-03-16", substitute="bo")
    desk.now = datetime(2026, 3, 13, 21, tzinfo=UTC)
    await desk.take(desk.fact(CaseOpened, case=case()))
    await desk.address()
    assert await desk.pool.fetchval("SELECT recipient FROM deliveries") == "ana", "she is here"
    desk.now = datetime(2026, 3, 14, 7, tzinfo=UTC)
    await desk.deliver()
    assert to(mails) == ["bo"]
    assert await desk.pool.fetchval("SELECT stands_for FROM deliveries WHERE state = 'sent'") == "ana"
    desk.now = datetime(2026, 3, 14, 21, tzinfo=UTC)
    await desk.take(desk.fact(CaseOpened, "beta", case=case()))
    await desk.address()
    desk.later(hours=3)
    await desk.ask(BeBack, "ana", person_id="ana")
    await desk.address()
    desk.later(hours=7)
    await desk.deliver()
    assert to(mails) == ["bo", "ana"]
    assert sorted(await desk.states("deliveries")) == ["moved", "moved", "sent", "sent"]
