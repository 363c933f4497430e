"""Some facts ask for a hand: whoever takes it in hand, or does it, ends it; what nobody takes goes on, once."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.notifications.handlers.choosing import take_in_hand
from shared import database
from shared.contracts.endings.facts import ReviewRequested, TeamApproved
from shared.contracts.feeds import FeedResumed, FeedStopped
from shared.contracts.notification_commands import AcknowledgeNotice, ChooseNotifications
from shared.contracts.plans.facts import (
    CommitmentDone,
    CommitmentUndeliverable,
    ConversationDue,
    ConversationScheduled,
    PlanProposed,
    PlanRefused,
    PlanSucceeded,
)
from shared.database import Pool
from tests.contracts.examples import MINIMAL
from tests.deployment import Catcher
from tests.services.notifications.office import Office, case
from tests.services.notifications.test_nobody import office_by
from tests.stories import person

pytestmark = pytest.mark.schema("notifications")
TRANSITION = next(one.content["transition"] for one in MINIMAL if one.kind is ReviewRequested)


@pytest.fixture
async def desk(office: Office) -> Office:
    office.now = datetime(2026, 3, 10, 11, tzinfo=UTC)
    await office.know(person("ana", manager="mo"), person("mo"), person("bo"), acme="ana")
    return office


def of_legal() -> dict[str, Any]:
    return {"transition_id": "t", "case_id": "c", "transition": TRANSITION, "about": "legal"}


def to(mails: Catcher) -> list[str]:
    return [mail["To"].partition(" <")[0].removeprefix("Person ") for mail in mails.mails]


async def due(office: Office) -> str:
    await office.take(office.fact(ConversationDue, case=case()))
    await office.deliver()
    return str(await office.pool.fetchval("SELECT ask_id FROM asks"))


async def test_what_nobody_takes_in_hand_goes_to_the_manager_once(desk: Office, mails: Catcher) -> None:
    await due(desk)
    desk.later(hours=47, minutes=59)
    await desk.deliver()
    assert to(mails) == ["ana"]
    desk.later(minutes=1)
    await desk.deliver()
    desk.later(days=30)
    await desk.deliver()
    assert to(mails) == ["ana", "mo"]
    body = mails.mails[-1].get_body(("plain",))
    assert body is not None
    assert "Nobody has taken it in hand in time" in body.get_content()
    kinds = [one["type"] for one in await desk.publish()]
    assert kinds.count("NoticeEscalated") == 1


async def test_what_is_taken_in_hand_goes_no_further(desk: Office, mails: Catcher) -> None:
    ask = await due(desk)
    assert [one["ask_id"] for one in await desk.publish()] == [ask]  # by which the console lets them take it
    assert await desk.ask(AcknowledgeNotice, "bo", ask_id=ask) == ("CommandRejected", "not_allowed")
    assert await desk.ask(AcknowledgeNotice, "ana", ask_id=ask) == ("CommandAccepted", ask)
    assert await desk.ask(AcknowledgeNotice, "ana", ask_id=ask) == ("CommandAccepted", ask)
    desk.later(days=30)
    await desk.deliver()
    assert to(mails) == ["ana"]
    told = [one for one in await desk.publish() if one["type"] == "NoticeAcknowledged"]
    assert [one["person_id"] for one in told] == ["ana"]


@pytest.mark.parametrize("together", [False, True], ids=["one by one", "in one batch"])
async def test_what_is_done_is_asked_of_nobody_any_more(desk: Office, mails: Catcher, *, together: bool) -> None:
    """By whoever it was, and without a word to us; the console hears of it, where somebody was asked before."""
    asked, done = desk.fact(ConversationDue, case=case()), desk.fact(ConversationScheduled, case=case())
    if together:
        await desk.take_many(asked, done)
    else:
        await desk.take(asked)
        await desk.take(done)
    desk.later(days=30)
    await desk.deliver()
    assert to(mails) == [], "nobody had heard of it yet"
    told = await desk.publish()
    assert "NoticeEscalated" not in [one["type"] for one in told]
    settled = [(one["fact_id"], one["done_by"]) for one in told if one["type"] == "NoticeSettled"]
    assert settled == ([] if together else [(asked.event_id, done.event_id)])


@pytest.mark.parametrize("how", ["done", "taken in hand"])
async def test_what_waits_for_the_morning_is_asked_of_nobody_once_it_is_done_or_taken_and_news_are_told(
    desk: Office, mails: Catcher, how: str
) -> None:
    """The manager does not read that nobody has taken it in hand, nor the second reviewer that the team is asked."""
    legal: dict[str, Any] = {"roles": ["reviewer"], "teams": ["legal"]}
    await desk.know(person("rea", **legal), person("rex", **legal))
    for who in ("mo", "rex"):
        await desk.ask(ChooseNotifications, who, person_id=who, quiet={"begins": "08:30", "ends": "08:00"})
    conversation = await due(desk)
    desk.later(hours=48)
    await desk.take(desk.fact(ReviewRequested, **of_legal(), due_on="2026-03-13"), desk.fact(PlanRefused, case=case()))
    await desk.deliver()
    assert sorted(to(mails)) == ["ana", "ana", "rea"]
    assert sorted(await desk.states("deliveries")) == ["due", "due", "due", "sent", "sent", "sent"]
    if how == "done":
        await desk.take(
            desk.fact(ConversationScheduled, case=case()),
            desk.fact(PlanProposed, case=case()),
            desk.fact(TeamApproved, **of_legal()),
        )
    else:
        asks = await desk.pool.fetch("SELECT ask_id, rule FROM asks WHERE ask_id <> $1", conversation)
        for ask, who in ((conversation, "mo"), *((one["ask_id"], "mo") for one in asks)):
            async with database.transaction(desk.pool, "notifications", desk.now) as tx:
                await take_in_hand(tx, ask, who, causation_id="link")
    mails.mails.clear()
    desk.later(days=1)
    await desk.deliver()
    assert "rex" not in to(mails)
    (body,) = (mail.get_body(("plain",)) for mail in mails.mails if mail["To"].startswith("Person mo"))
    assert body is not None
    assert "refused the plan" in body.get_content()
    assert "Nobody has taken it in hand" not in body.get_content()
    rows = await desk.pool.fetch("SELECT recipient, why FROM deliveries WHERE state = 'moved' ORDER BY recipient")
    why = "done meanwhile" if how == "done" else how
    assert [tuple(row) for row in rows] == [("mo", why), ("rex", why)]


async def test_what_was_done_before_it_was_asked_for_and_what_is_done_of_something_else_do_not_count(
    desk: Office, mails: Catcher
) -> None:
    """What is done once may be asked for anew; another promise, or another case, is not this one."""
    late: dict[str, Any] = {"case": case(), "step": "recorded"}
    await desk.take_many(
        desk.fact(CommitmentDone, case=case(), about="c-1"),
        desk.fact(CommitmentUndeliverable, **late, about="c-1"),
        desk.fact(CommitmentDone, case=case(), about="c-2"),
        desk.fact(PlanSucceeded, case={**case(), "case_id": "former"}, helped=[], days=3),
    )
    assert await desk.pool.fetchval("SELECT count(*) FROM asks WHERE acknowledged_at IS NULL") == 1
    await desk.take_many(desk.fact(PlanSucceeded, case=case(), helped=[], days=3))  # the whole case is over
    assert await desk.pool.fetchval("SELECT count(*) FROM asks WHERE acknowledged_at IS NULL") == 0
    desk.later(days=30)
    await desk.deliver()
    assert set(to(mails)) <= {"ana", "mo"}
    assert "NoticeEscalated" not in [one["type"] for one in await desk.publish()]


async def test_old_fact_asks_nobody_for_a_hand(desk: Office) -> None:
    fact = desk.fact(ConversationDue, case=case())
    desk.later(days=2)
    await desk.take(fact)
    assert await desk.pool.fetchval("SELECT count(*) FROM asks") == 0


async def test_review_of_a_team_that_is_silent_goes_to_its_managers(desk: Office, mails: Catcher) -> None:
    reviewers: list[Any] = [
        person("rea", roles=["reviewer"], teams=["legal"], manager="lea"),
        person("rex", roles=["reviewer"], teams=["legal"]),
        person("mim", roles=["csm"], teams=["legal"]),
        person("lea"),
    ]
    await desk.know(*reviewers)
    for _ in range(2):  # to ask for the same once more is not to do it
        await desk.take(desk.fact(ReviewRequested, **of_legal(), due_on="2026-03-13"))
    await desk.deliver()
    assert sorted(to(mails)) == ["rea", "rex"]
    desk.later(hours=24)
    await desk.deliver()
    assert sorted(to(mails)) == ["lea", "rea", "rex"]


FEEDS = """\
name: ours
version: 1
rules:
  - name: stopped
    on: FeedStopped
    to: [{who: managers}]
    template: feed_stopped
    urgency: high
    headline: "{feed} has stopped"
    next_step: Look.
    acknowledge:
      hours: 1
      then: [{who: admins}]
      done_by: [{on: [FeedResumed], same: [origin, feed]}]
"""


async def test_what_is_done_of_no_customer_is_settled_without_a_word(pool: Pool, smtp: tuple[Catcher, int]) -> None:
    desk = await office_by(FEEDS, pool, smtp[1])
    about = {"source": "health_scoring", "epoch": 1, "occurred_at": desk.now, "origin": "crm", "feed": "usage.v1"}
    caused = {"correlation_id": "c", "causation_id": "c"}
    stopped = FeedStopped.model_validate({**about, **caused, "seq": 1, "since": desk.now})
    await desk.take(stopped, FeedResumed.model_validate({**about, **caused, "seq": 2}))
    assert await pool.fetchval("SELECT count(*) FROM asks WHERE acknowledged_at IS NOT NULL") == 1
    assert await desk.publish() == []
