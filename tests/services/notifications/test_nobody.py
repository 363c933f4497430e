"""Nothing that asks for a hand vanishes: where nobody is known, is there, or did not do it themselves, others hear."""

from datetime import UTC, datetime

import pytest

from services.notifications.rules.reading import load
from services.notifications.store import listing
from services.notifications.store.listing import Wanted
from shared import database
from shared.contracts.notification_commands import AcknowledgeNotice
from shared.contracts.plans.facts import CaseOpened, ConversationMissed, PlanRefused
from shared.database import Pool
from tests.deployment import Catcher
from tests.services.notifications.office import Office, case
from tests.stories import person

pytestmark = pytest.mark.schema("notifications")
RULES = """\
name: ours
version: 1
rules:
  - name: refused
    on: PlanRefused
    to: [{who: csm}]
    template: plan_refused
    urgency: low
    headline: "{customer} has refused"
    next_step: Talk.
    acknowledge: {hours: 48, then: [{who: csm_manager}]}
"""
SECOND = """\
  - name: refused_too
    on: PlanRefused
    to: [{who: csm}]
    template: plan_refused
    urgency: critical
    headline: "{customer} has refused"
    next_step: Talk now.
"""


@pytest.fixture
async def desk(pool: Pool, smtp: tuple[Catcher, int]) -> Office:
    return await office_by(RULES, pool, smtp[1])


async def office_by(rules: str, pool: Pool, port: int) -> Office:
    desk = Office(pool, port, rules=load(rules, "ours.yaml"), now=datetime(2026, 3, 10, 11, tzinfo=UTC))
    await desk.know(person("ana", manager="mo"), person("mo"), person("max", roles=["manager"]), acme="ana")
    return desk


def to(mails: Catcher) -> list[str]:
    return [mail["To"].partition(" <")[0].removeprefix("Person ") for mail in mails.mails]


def text(mails: Catcher) -> str:
    body = mails.mails[-1].get_body(("plain",))
    assert body is not None
    return str(body.get_content())


async def test_ask_whose_only_audience_did_it_themselves_goes_to_the_next_in_line(desk: Office, mails: Catcher) -> None:
    await desk.take(desk.fact(PlanRefused, case=case(), by="ana"))
    await desk.address()
    desk.later(hours=20)  # it can wait for the morning
    await desk.deliver()
    assert to(mails) == ["mo"]
    assert "Nobody else can be asked for it" in text(mails)
    ask = await desk.pool.fetchval("SELECT ask_id FROM asks")
    assert await desk.ask(AcknowledgeNotice, "mo", ask_id=ask) == ("CommandAccepted", ask)
    desk.later(days=9)
    assert await desk.deliver() == 0


async def test_ask_of_somebody_who_leaves_without_anybody_to_follow_goes_to_the_managers(
    desk: Office, mails: Catcher
) -> None:
    await desk.know(person("eve"), beta="eve")
    await desk.take(desk.fact(PlanRefused, "beta", case=case()))
    await desk.address()
    desk.later(seconds=1)
    await desk.know(person("eve", active=False))
    await desk.address()
    desk.later(hours=20)
    await desk.deliver()
    assert to(mails) == ["max"]


async def test_telling_for_an_unknown_csm_is_seen_waiting_and_goes_to_the_managers_after_a_day(
    pool: Pool, smtp: tuple[Catcher, int]
) -> None:
    desk, mails = Office(pool, smtp[1], now=datetime(2026, 3, 10, 11, tzinfo=UTC)), smtp[0]
    await desk.know(person("max", roles=["manager"]), acme="ghost")
    await desk.take(desk.fact(CaseOpened, case=case()), desk.fact(ConversationMissed, "nowhere", case=case()))
    await desk.deliver()
    desk.later(hours=23)
    assert await desk.deliver() == 0
    async with database.transaction(pool, "notifications", desk.now) as tx:
        found, _ = await listing.notices(tx, Wanted(state="waiting"), 10)
    assert [(one.customer_id, one.last_answer) for one in found] == [
        ("nowhere", "the customer is not known yet"),
        ("acme", "ghost is not known yet"),
    ]
    desk.later(hours=1)
    await desk.deliver()
    assert to(mails) == ["max", "max"]
    assert "Whoever it is for is not known here" in text(mails)
    await desk.know(person("ghost"), nowhere="ghost")
    await desk.deliver()
    assert len(mails.mails) == 2, "who is told instead is told for good"


@pytest.mark.parametrize("at_once", [500, 1])
async def test_of_two_rules_for_one_fact_and_person_the_more_urgent_one_is_told(
    pool: Pool, smtp: tuple[Catcher, int], monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """And what the other one asks for is taken in hand by it; they may be addressed one after the other."""
    monkeypatch.setattr("services.notifications.addressing.TELLINGS_AT_ONCE", at_once)
    desk = await office_by(RULES + SECOND, pool, smtp[1])
    await desk.take(desk.fact(PlanRefused, case=case()))
    assert await desk.deliver() == 1, "the quieter one would wait for the morning"
    desk.later(hours=20)
    assert await desk.deliver() == 0, "the same is not told twice"
    ask = await pool.fetchval("SELECT ask_id FROM asks")
    assert await desk.ask(AcknowledgeNotice, "ana", ask_id=ask) == ("CommandAccepted", ask)
