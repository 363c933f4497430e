"""What follows the talk happens once, after it, and to whom it is new: referral, notice, changed dates."""

import pytest

from shared.database import Pool
from tests.services.transition_review import steps
from tests.services.transition_review.workshop import Bench

pytestmark = pytest.mark.schema("transition_review")
HOW = "Handed over, with a signature."


async def test_nothing_is_referred_after_a_withdrawal(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.announced(bench)
    await bench.done("RecordReferral", consent="given")
    await bench.done("WithdrawTransition", why="They have turned around.")
    await bench.refused("RecordReferral", "over", consent="given")


async def test_nobody_is_introduced_before_the_customer_has_heard_it(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.announced(bench)
    for day in (-300, -1):
        await bench.refused("RecordReferral", "before_the_talk", consent="given", introduced_on=bench.day(day))
    await bench.done("RecordReferral", consent="given", introduced_on=bench.day(0))


async def test_who_first_hears_of_it_at_a_change_gets_the_notice_and_the_others_what_has_changed(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.announced(bench)
    timeline = (await bench.published())[-1]["transition"]["parts"]["timeline"]
    await bench.done("WriteTimeline", timeline={**timeline, "time_needed_days": 90})
    await bench.done("SubmitPlan")
    await steps.approved_by_teams(bench)
    await bench.done("ApprovePlan", "xenia", content_hash=await bench.hash())
    await bench.done("AnnounceEnding", contacts=["eddy"])
    mails = [(one["contact_id"], one["template"]) for one in await bench.published("releases.v1")]
    assert mails == [("carla", "ending_notice"), ("carla", "ending_changed"), ("eddy", "ending_notice")]


async def test_notice_that_is_recorded_as_it_was_is_no_news(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.announced(bench)
    await bench.done("RecordNotice", received_on=bench.day(0), how=HOW)
    told = await bench.types(), await bench.types("terminations.v1")
    await bench.refused("RecordNotice", "no_change", received_on=bench.day(0), how=HOW)
    assert (await bench.types(), await bench.types("terminations.v1")) == told
    await bench.done("RecordNotice", received_on=bench.day(0), how="By registered mail, as the slip shows.")
