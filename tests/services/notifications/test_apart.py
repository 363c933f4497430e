"""What cannot be done stands aside where people see it, and stops nothing else."""

from datetime import UTC, datetime

import pytest
from asyncpg import DivisionByZeroError

from services.notifications.store import listing
from services.notifications.store.apart import one_apart
from services.notifications.store.listing import Wanted
from shared import database
from shared.contracts.notification_commands import ResendMessage
from shared.contracts.plans.facts import CaseOpened, ConversationDue
from shared.database import Pool
from tests.deployment import Catcher
from tests.services.notifications.office import Office, case
from tests.stories import person

pytestmark = pytest.mark.schema("notifications")


@pytest.fixture
async def desk(office: Office) -> Office:
    office.now = datetime(2026, 3, 10, 11, tzinfo=UTC)
    ours = [person(one, manager="mo") for one in ("ana", "bo", "eve")]
    await office.know(*ours, person("mo"), person("ada", roles=["admin"]), acme="ana", beta="bo", gamma="eve")
    return office


async def aside(desk: Office) -> list[tuple[str, str | None, str | None]]:
    async with database.transaction(desk.pool, "notifications", desk.now) as tx:
        found, _ = await listing.notices(tx, Wanted(state="failed"), 10)
    return [(one.notice_id, one.customer_id, one.last_answer) for one in found]


async def test_one_that_fails_is_found_among_many_and_leaves_nothing_behind(pool: Pool) -> None:
    done: list[int] = []

    async with database.transaction(pool, "notifications", datetime.now(UTC)) as tx:

        async def divide(some: object) -> None:
            for one in list(some):  # type: ignore[call-overload]
                await tx.execute("INSERT INTO asks VALUES ($1, 0, NULL, 'f', $1, $1, '[]', now())", str(one))
                await tx.value("SELECT 1 / $1::int", one)
                done.append(one)

        ((one, error),) = await one_apart(tx, [3, 2, 0, 1, 7], divide)
        kept = await tx.fetch("SELECT ask_id FROM asks ORDER BY ask_id")
    assert (one, type(error)) == (0, DivisionByZeroError)
    assert [row["ask_id"] for row in kept] == ["1", "2", "3", "7"]


async def test_telling_that_cannot_be_addressed_stands_aside_and_is_told_when_it_is_tried_again(
    desk: Office, mails: Catcher
) -> None:
    await desk.pool.execute("INSERT INTO choices VALUES ('bo', 1, now(), '{}')")  # which nobody can read
    await desk.take(*(desk.fact(CaseOpened, about, case=case()) for about in ("acme", "beta", "gamma")))
    assert await desk.deliver() == 2
    ((name, about, why),) = await aside(desk)
    assert (about, why) == ("beta", "it could not be addressed (ValueError)")
    assert "1 set aside" in desk.addressing.check().says
    await desk.pool.execute("DELETE FROM choices")
    assert await desk.ask(ResendMessage, "ana", message_id=name) == ("CommandRejected", "not_allowed")
    assert await desk.ask(ResendMessage, "ada", message_id=name) == ("CommandAccepted", name)
    assert await desk.ask(ResendMessage, "ada", message_id=name) == ("CommandRejected", "no_message")
    assert await desk.deliver() == 1
    assert sorted(mail["Subject"].rpartition(" ")[2] for mail in mails.mails) == ["acme", "beta", "gamma"]


async def test_what_stands_aside_and_asks_for_a_hand_goes_to_the_next_in_line(desk: Office, mails: Catcher) -> None:
    await desk.pool.execute("INSERT INTO choices VALUES ('bo', 1, now(), '{}')")
    await desk.take(desk.fact(ConversationDue, "beta", case=case()))
    await desk.deliver()
    assert [mail["To"] for mail in mails.mails] == ["Person mo <mo@example.com>"]


async def test_what_cannot_be_packed_stands_aside_alone(desk: Office, mails: Catcher) -> None:
    await desk.take(*(desk.fact(CaseOpened, about, case=case()) for about in ("acme", "beta")))
    async with database.transaction(desk.pool, "notifications", desk.now) as tx:
        await desk.addressing._address(tx, desk.buckets)
    await desk.pool.execute(  # another message has its name
        """
        INSERT INTO messages (message_id, bucket, recipient, channel, kind, urgency, made_at, state)
        SELECT notice_id, 0, 'x', 'mail', 'single', 'low', now(), 'expired' FROM deliveries WHERE recipient = 'bo'
        """
    )
    await desk.deliver()
    assert [mail["To"] for mail in mails.mails] == ["Person ana <ana@example.com>"]
    ((name, about, why),) = await aside(desk)
    assert (about, why) == ("beta", "it could not be addressed (UniqueViolationError)")
    failed = [one for one in await desk.publish() if one["type"] == "NoticeFailed"]
    assert [(one["customer_id"], one["reason"]) for one in failed] == [(about, why)]
    await desk.pool.execute("DELETE FROM messages WHERE state = 'expired'")
    assert await desk.ask(ResendMessage, "ada", message_id=name) == ("CommandAccepted", name)
    assert await desk.deliver() == 1


async def test_ask_that_cannot_be_passed_on_is_tried_later_and_stops_no_other(desk: Office, mails: Catcher) -> None:
    await desk.take(*(desk.fact(ConversationDue, about, case=case()) for about in ("acme", "beta")))
    await desk.deliver()
    await desk.pool.execute("UPDATE asks SET customer_id = '' WHERE customer_id = 'acme'")  # which no fact may have
    desk.later(hours=48)
    assert await desk.deliver() == 1
    assert mails.mails[-1]["Subject"] == "Action needed: Company beta"
    await desk.pool.execute("UPDATE asks SET customer_id = 'acme' WHERE customer_id = ''")
    desk.later(hours=1)
    assert await desk.deliver() == 1
