"""Never a leak: internal facts reach people of ours alone; subjects say nothing; details can stay behind the link."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.notifications.links import Right
from services.notifications.rules.reading import shipped_rules
from services.notifications.writing import ANYWHERE, Writer
from shared.contracts.endings.facts import TransitionWithdrawn
from shared.contracts.health import HealthOverridden
from shared.contracts.plans.facts import CaseOpened, ConversationDue, PlanRefused
from shared.database import Pool
from tests.contracts.examples import MINIMAL
from tests.deployment import Catcher
from tests.services.notifications.office import CONTACTS, Office, case
from tests.stories import person

pytestmark = pytest.mark.schema("notifications")
TRANSITION = next(one.content["transition"] for one in MINIMAL if one.kind is TransitionWithdrawn)


async def test_contact_of_the_customer_hears_of_no_internal_fact(office: Office, mails: Catcher) -> None:
    """Even one who is named by a person's id, or has the address of one of ours."""
    await office.know(
        person("ana"),
        acme={"csm": "ana", "executive_sponsor": "carla", "contacts": CONTACTS},
    )
    more = {"transition_id": "t", "case_id": "c", "transition": TRANSITION, "reason": "saved"}
    await office.take(
        office.fact(CaseOpened, case=case()),
        office.fact(PlanRefused, case=case(csm="carla")),
        office.fact(TransitionWithdrawn, **more),
    )
    await office.deliver()
    assert {mail["To"] for mail in mails.mails} == {"Person ana <ana@example.com>"}


async def test_address_of_ours_outside_of_our_domains_gets_nothing(pool: Pool, smtp: tuple[Catcher, int]) -> None:
    writer = Writer(shipped_rules(), domains=frozenset({"ours.example"}))
    office = Office(pool, smtp[1], writer=writer)
    await office.know(person("ana"), person("bo", email="bo@Ours.example"), acme="ana", beta="bo")
    await office.take(office.fact(CaseOpened, case=case()), office.fact(CaseOpened, "beta", case=case()))
    await office.deliver()
    assert [mail["To"] for mail in smtp[0].mails] == ["Person bo <bo@Ours.example>"]
    answers = await pool.fetch("SELECT last_answer FROM messages WHERE state = 'failed'")
    assert [row["last_answer"] for row in answers] == ["the recipient's mail domain is not one of ours"]


async def test_subjects_name_the_customer_and_nothing_else(office: Office, mails: Catcher) -> None:
    await office.know(person("ana"), acme="ana")
    more = {"transition_id": "t", "case_id": "c", "transition": TRANSITION, "reason": "a secret"}
    await office.take(office.fact(TransitionWithdrawn, **more))
    await office.deliver()
    assert [mail["Subject"] for mail in mails.mails] == ["Action needed: Company acme"]


async def test_details_stay_behind_the_link_where_that_is_set(pool: Pool, smtp: tuple[Catcher, int]) -> None:
    writer = Writer(shipped_rules(), console="https://console.example", brief=True, domains=ANYWHERE)
    office = Office(pool, smtp[1], writer=writer)
    await office.know(person("ana"), acme="ana")
    told = case(reasons=[{"code": "c", "text": "They are unkind"}])
    await office.take(office.fact(CaseOpened, case=told), office.fact(PlanRefused, case=told))
    await office.deliver()
    for mail in smtp[0].mails:
        text = mail.as_string()
        assert "unkind" not in text
        assert "refused" not in text.lower()
        assert "https://console.example/customers/acme" in text


async def test_nobody_is_told_what_they_did_themselves(office: Office, mails: Catcher) -> None:
    await office.know(person("ana", manager="mo"), person("mo"), acme="ana")
    await office.take(office.fact(PlanRefused, case=case(), by="ana"))
    await office.deliver()
    assert [mail["To"] for mail in mails.mails] == ["Person mo <mo@example.com>"]


async def test_customer_without_a_sponsor_and_ending_without_teams_are_no_news_for_all_managers(
    office: Office, mails: Catcher
) -> None:
    await office.know(person("ana", manager="mo"), person("mo"), person("max", roles=["manager"]), acme="ana")
    more = {"transition_id": "t", "case_id": "c", "transition": {**TRANSITION, "reviews": []}, "reason": "saved"}
    await office.take(office.fact(TransitionWithdrawn, **more))
    await office.deliver()
    assert {mail["To"] for mail in mails.mails} == {"Person ana <ana@example.com>", "Person mo <mo@example.com>"}


async def test_what_nobody_is_there_for_goes_to_the_managers(office: Office, mails: Catcher) -> None:
    await office.know(person("ana", active=False), person("max", roles=["manager"]), acme="ana")
    await office.take(office.fact(CaseOpened, case=case()))
    await office.deliver()
    assert [mail["To"] for mail in mails.mails] == ["Person max <max@example.com>"]


async def test_links_that_act_for_a_person_stand_in_mails_alone(pool: Pool, smtp: tuple[Catcher, int]) -> None:
    """A chat room and a receiver of webhooks are not one person, and facts are kept where others read."""
    office = Office(pool, smtp[1])
    await office.know(person("ana"), acme="ana")
    await office.take(office.fact(ConversationDue, case=case()))
    await office.address()
    (message,) = await office.ready()
    writer = Writer(shipped_rules(), office.links, domains=ANYWHERE)
    assert office.links.to(Right("take", "ana", "x"))[:30] in writer.write(message, office.now).text
    for channel in ("slack", "webhook", "console"):
        parcel = writer.write(replace(message, channel=channel, address="https://hooks.example"), office.now)
        assert "/n/" not in f"{parcel.text}{parcel.html}{parcel.headers}"


async def test_webhook_says_no_details_where_they_stay_behind_the_link(pool: Pool, smtp: tuple[Catcher, int]) -> None:
    office = Office(pool, smtp[1])
    await office.know(person("ana"), acme="ana")
    told = case(reasons=[{"code": "c", "text": "They are unkind"}])
    await office.take(office.fact(CaseOpened, case=told))
    await office.address()
    (message,) = await office.ready()
    hook = replace(message, channel="webhook", address="https://hooks.example")
    assert "unkind" in str(Writer(shipped_rules()).write(hook, office.now).fact)
    brief = Writer(shipped_rules(), brief=True).write(hook, office.now)
    assert brief.fact.keys() == {"event_id", "correlation_id", "customer_id", "occurred_at", "link"}
    assert "unkind" not in str(brief)
    assert "case" not in str(brief).lower()
    shown = Writer(shipped_rules(), brief=True).write(replace(message, channel="console"), office.now)
    assert shown.fact["type"] == "CaseOpened", "the console is ours, and keeps a row of each kind"


async def test_whoever_overrides_the_health_is_not_told_of_it(office: Office, mails: Catcher) -> None:
    await office.know(person("ana", manager="mo"), person("mo"), acme="ana")
    for number, by in enumerate(("mo", "ana")):
        said = {"override_id": f"o{number}", "band": "green", "by": by, "expires_at": office.now + timedelta(days=9)}
        await office.take(office.fact(HealthOverridden, override=said, reason="I know them", computed="red"))
    await office.address()
    assert await office.pool.fetchval("SELECT count(*) FROM deliveries") == 1
