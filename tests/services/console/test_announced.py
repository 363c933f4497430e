"""What was announced of an ending: for its teams, with what is theirs to do, and without what led to it."""

from uuid import uuid4

import pytest

from services.console.store.reading import as_reader
from shared.database import Pool
from tests.services.console.people_around import furnished
from tests.services.console.test_acting import sent
from tests.services.console.workshop import NOW, told

pytestmark = pytest.mark.schema("console")
FORM = "/transitions/t-acme/forms/reach_milestone?item=legal:m-refund"


async def test_team_is_asked_for_its_own_milestone_and_not_told_why(pool: Pool) -> None:
    bench = await furnished(pool, announced=True)
    leo, olaf = await bench.browser_of("leo"), await bench.browser_of("olaf")
    today = await leo.read("/")
    assert "The refund is paid." in today
    assert "Everything was tried" not in today
    assert "The refund is paid." not in await olaf.read("/")  # it is legal's
    for person_id, count in (("leo", 1), ("olaf", 0)):
        async with as_reader(pool, NOW, person_id) as tx:
            assert await tx.value("SELECT count(*) FROM tasks") == count, person_id


async def test_stand_in_is_asked_on_their_own_page_for_as_long_as_they_stand_in(pool: Pool) -> None:
    bench = await furnished(pool, announced=False)
    asked = "Review the transition for finance"
    for person_id, is_asked in (("rita", True), ("stan", True), ("stale", False), ("ana", False)):
        today = await (await bench.browser_of(person_id)).read("/")
        assert (asked in today, "1 thing waits for your word" in today) == (is_asked, is_asked), person_id
    bench.later(days=14)
    assert asked not in await (await bench.browser_of("stan")).read("/")


async def test_team_reports_its_milestone_done_and_sees_that_it_is(pool: Pool) -> None:
    bench = await furnished(pool, announced=True)
    leo, olaf = await bench.browser_of("leo"), await bench.browser_of("olaf")
    page = await leo.read("/transitions/t-acme")
    assert "Acme Ltd: the relationship ends" in page
    assert "The refund is paid. yours" in page
    assert "Reached: The refund is paid." in page
    assert "Reached: The refund is paid." not in await olaf.read("/transitions/t-acme")
    answer = await leo.post(FORM, command_id=str(uuid4()), on="2026-03-02", evidence="Bank transfer 7")
    assert answer.status_code == 303
    (asked,) = await sent(bench)
    assert (asked["type"], asked["transition_id"], asked["milestone_id"]) == ("ReachMilestone", "t-acme", "m-refund")
    await bench.tell(
        told("MilestoneReached", "acme", termination_id="t-acme", milestone_id="m-refund", evidence="Bank transfer 7")
    )
    page = await leo.read("/transitions/t-acme")
    assert "Bank transfer 7" in page
    assert "Reached: The refund is paid." not in page


async def test_ending_that_is_called_off_asks_for_nothing_more(pool: Pool) -> None:
    bench = await furnished(pool, announced=True)
    await bench.tell(told("TerminationWithdrawn", "acme", termination_id="t-acme"))
    page = await (await bench.browser_of("leo")).read("/transitions/t-acme")
    assert "withdrawn" in page
    assert "Reached: The refund is paid." not in page
