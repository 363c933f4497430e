"""Never a leak: internal facts reach people of ours alone; subjects say nothing; details can stay behind the link."""

import pytest

from services.notifications.rules.reading import shipped_rules
from services.notifications.writing import Writer
from shared.contracts.endings.facts import TransitionWithdrawn
from shared.contracts.plans.facts import CaseOpened, PlanRefused
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
    writer = Writer(shipped_rules(), console="https://console.example", brief=True)
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
