"""When a plan may end and what is owed is on its page while it is written and reviewed."""

from typing import Any, get_args

import pytest

from services.console.page.words import RULE
from services.transition_review.domain.clauses.derivation import Rule
from shared.database import Pool
from tests.contracts.examples import BY_TYPE
from tests.services.console.people_around import QUIET, furnished
from tests.services.console.workshop import transition

pytestmark = pytest.mark.schema("console")
RECKONED: dict[str, Any] = BY_TYPE["TransitionAnnounced"].content["transition"]["reckoned"]


async def test_reviewer_sees_the_end_step_by_step_and_what_is_owed_before_answering(pool: Pool) -> None:
    bench = await furnished(pool, announced=False)
    page = await (await bench.browser_of("rita")).read("/transitions/t-acme")
    for said in (
        "The plan in short. The last day 30 June 2026 is too early",
        "Earliest lawful end 30 Sept 2026",
        "not lawful",
        "2 Jul 2026 Cure period. The breach was told on 30 June 2026; the cure period of 2 days ends on 2 July 2026.",
        "30 Sept 2026 End of the period. The clause counts to the end of a month: that is 30 September 2026.",
        "a recommendation: it refuses nothing The customer needs 60 days from 20 March 2026",
        "No further renewal: It leads to 31 December 2026",
        "The refund is paid. 184 of 365 days unused of 1,000.00 EUR: 504.11 EUR, rounded. \u20ac504.11",
        "tax Not paid yet: 181 of 365 days used of 190.00 EUR tax: 94.22 EUR, rounded. -\u20ac94.22",
        "Net \u20ac2,008.22 Tax \u20ac381.56 Total \u20ac2,389.78",
    ):
        assert said in page, said


async def test_teams_that_are_told_what_was_announced_see_no_more_of_how_the_day_was_found(pool: Pool) -> None:
    bench = await furnished(pool, announced=True)
    page = await (await bench.browser_of("olaf")).read("/transitions/t-acme")
    assert "What is owed" in page
    assert "Cure period" not in page


async def test_currencies_stand_apart_and_what_was_too_long_to_be_told_is_named(pool: Pool) -> None:
    bench = await furnished(pool, announced=False)
    (euros,) = RECKONED["settlement"]
    yen = {**euros, "currency": "JPY", "lines": [], "net": "-700", "tax": "0", "total": "-700", "owed_by": "customer"}
    more = {**RECKONED, "settlement": [euros, yen], "lines_left_out": 2}
    await bench.tell(transition("PlanSubmitted", "acme", "t-acme", **{**QUIET, "revision": 6, "reckoned": more}))
    page = await (await bench.browser_of("rita")).read("/transitions/t-acme")
    assert "We pay \u20ac2,389.78." in page
    assert "The customer pays JP\xa5700." in page
    assert "The 2 lines are too long for this page" in page


async def test_what_was_told_before_it_was_reckoned_is_still_a_page(pool: Pool) -> None:
    bench = await furnished(pool, announced=False)
    await bench.tell(transition("PlanSubmitted", "acme", "t-acme", **{**QUIET, "revision": 6, "reckoned": None}))
    page = await (await bench.browser_of("rita")).read("/transitions/t-acme")
    assert "When it may end" not in page
    assert "What is owed follows from it, and is shown here after the next change." in page


def test_every_step_has_a_name_on_the_page() -> None:
    assert set(RULE) == set(get_args(Rule))
