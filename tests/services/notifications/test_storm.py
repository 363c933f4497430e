"""Never a storm: at most the cap, and nothing is lost."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.contracts.plans.facts import CaseOpened, ConversationMissed
from shared.database import Pool
from tests.deployment import Catcher
from tests.services.notifications.office import Office, case
from tests.services.notifications.test_nobody import office_by, text
from tests.stories import person

pytestmark = pytest.mark.schema("notifications")
FACTS = 10_000
CUSTOMERS = 500
MOST = 20
RULES = """\
name: ours
version: 1
rules:
  - name: missed
    on: ConversationMissed
    to: [{who: csm}]
    template: conversation_missed
    urgency: high
    headline: "{customer} was not talked with"
    next_step: Talk.
  - name: opened
    on: CaseOpened
    to: [{who: csm}]
    template: case_opened
    urgency: critical
    headline: "{customer} needs you"
    next_step: Talk now.
"""


async def test_ten_thousand_facts_in_a_minute_send_at_most_the_cap_and_lose_nothing(
    office: Office, mails: Catcher
) -> None:
    office.now = datetime(2026, 3, 10, 11, tzinfo=UTC)
    begins, told = office.now, case()
    await office.know(person("ana"), **{f"c{number}": "ana" for number in range(CUSTOMERS)})
    for start in range(0, FACTS, 1000):
        facts = [office.fact(ConversationMissed, f"c{at % CUSTOMERS}", case=told) for at in range(start, start + 1000)]
        await office.take_many(*facts)
        await office.deliver()
        office.later(seconds=6)
    assert len(mails.mails) == MOST
    assert await office.pool.fetchval("SELECT count(*) FROM deliveries") == FACTS
    assert set(await office.states("deliveries")) == {"sent", "due"}
    office.now = begins + timedelta(hours=1, minutes=1)
    await office.deliver()
    assert len(mails.mails) == MOST + 1
    summary = mails.mails[-1]
    assert summary["Subject"] == "Action needed: 200 customers need you"
    body = summary.get_body(("plain",))
    assert body is not None
    assert "messages came for you at once" in body.get_content()
    assert set(await office.states("deliveries")) == {"sent"}
    for mail in mails.mails:
        assert len(mail.as_bytes()) < 200_000
    notices = await office.publish()
    assert len(notices) == len({one["fact_id"] for one in notices}) == FACTS


async def test_facts_that_wait_for_the_same_morning_come_by_customer(office: Office, mails: Catcher) -> None:
    await office.know(person("ana"), acme="ana", beta="ana")
    await office.take(
        *(office.fact(ConversationMissed, about, case=case()) for about in ("acme", "beta", "acme")),
        office.fact(CaseOpened, case=case()),
    )
    await office.deliver()
    assert sorted(mail["Subject"] for mail in mails.mails) == [
        "Action needed: Company acme needs you",
        "Action needed: Company beta",
    ]


async def test_what_has_no_room_goes_along_with_what_goes_out_about_the_same_customer(
    pool: Pool, smtp: tuple[Catcher, int], mails: Catcher
) -> None:
    """Or it would be told an hour later what is no longer so: what is critical leads, and has a cap of its own too."""
    office = await office_by(RULES, pool, smtp[1])
    office.most = 1
    office.__post_init__()
    await office.take(office.fact(ConversationMissed, case=case()))
    assert await office.deliver() == 1
    for wait in (30, 31):
        office.later(minutes=wait)
        await office.take(office.fact(ConversationMissed, case=case()), office.fact(CaseOpened, case=case()))
        assert await office.deliver() == 1
        said = text(mails)
        assert said.index("needs you") < said.index("was not talked with")
    assert "What waited until now:" in mails.mails[1].as_string()
    office.later(hours=2)
    assert await office.deliver() == 0
