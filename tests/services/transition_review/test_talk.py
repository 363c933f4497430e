"""A talk that was held is recorded, whatever has stopped since: the customer knows, and so does the record."""

from datetime import timedelta

import pytest

from shared.database import Pool
from tests.services.transition_review import steps
from tests.services.transition_review.workshop import Bench

pytestmark = pytest.mark.schema("transition_review")


async def _arranged(bench: Bench) -> None:
    await steps.approved(bench)
    await bench.done("ArrangeTalk", **steps.talk(bench))


async def _recorded(bench: Bench) -> None:
    """The talk was held as it was planned, and nobody has looked into the record before."""
    bench.now += timedelta(days=1)
    await bench.done("RecordTalk", **steps.held(bench))
    talk = (await bench.transition()).talk
    assert talk is not None
    assert (talk.held_at, talk.version) == (bench.now - timedelta(hours=1), 1)


async def test_talk_that_was_held_is_recorded_though_a_condition_is_lost_by_then(pool: Pool) -> None:
    bench = Bench(pool)
    await _arranged(bench)
    bench.now += timedelta(days=1, hours=1)
    await bench.tell_case("executive")
    await bench.refused("ArrangeTalk", "stopped", **steps.talk(bench))
    await _recorded(bench)
    await bench.refused("AnnounceEnding", "stopped", contacts=["carla"])


async def test_talk_that_was_held_is_recorded_though_a_team_has_objected_by_then(pool: Pool) -> None:
    bench = Bench(pool)
    await _arranged(bench)
    bench.now += timedelta(days=1, hours=1)
    word = {"team": "legal", "content_hash": await bench.hash(), "says": "object", "why": "Clause 12."}
    await bench.done("GiveReview", "r-legal", **word)
    await bench.refused("ArrangeTalk", "not_approved", **steps.talk(bench))
    await _recorded(bench)
    await bench.refused("AnnounceEnding", "not_approved", contacts=["carla"])


async def test_talk_about_the_version_that_was_approved_is_recorded_though_another_one_is_written_by_then(
    pool: Pool,
) -> None:
    """It was held before the second version was approved; what was told is the first one."""
    bench = Bench(pool)
    await _arranged(bench)
    bench.now += timedelta(days=1)
    await bench.done("WriteSupport", support={**steps.parts(bench)["WriteSupport"]["support"], "hours": "8 to 18",
                                              **_days(await bench.published())})  # fmt: skip
    await bench.done("SubmitPlan")
    await steps.approved_by_teams(bench)
    bench.now += timedelta(days=1)
    await bench.done("ApprovePlan", "xenia", content_hash=await bench.hash())
    await bench.confirm()
    await bench.done("RecordTalk", **steps.held(bench))
    talk = (await bench.transition()).talk
    assert talk is not None
    assert talk.version == 1


def _days(published: list[dict[str, dict[str, dict[str, dict[str, str]]]]]) -> dict[str, str]:
    support = published[-1]["transition"]["parts"]["support"]
    return {name: support[name] for name in ("until", "export_on", "access_ends_on", "deleted_on")}


async def test_talk_that_nobody_has_arranged_or_that_was_held_before_the_approval_is_none(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.reviewed(bench)
    bench.now += timedelta(hours=2)
    await bench.done("ApprovePlan", "xenia", content_hash=await bench.hash())
    await bench.confirm()
    await bench.refused("RecordTalk", "not_arranged", **steps.held(bench))
    await bench.done("ArrangeTalk", **steps.talk(bench))
    word = {"team": "legal", "content_hash": await bench.hash(), "says": "object", "why": "Clause 12."}
    await bench.done("GiveReview", "r-legal", **word)
    await bench.refused("RecordTalk", "before_approval", **steps.held(bench))


async def test_talk_that_is_not_recorded_is_asked_for_though_a_team_has_objected_by_then(pool: Pool) -> None:
    bench = Bench(pool)
    await _arranged(bench)
    word = {"team": "legal", "content_hash": await bench.hash(), "says": "object", "why": "Clause 12."}
    await bench.done("GiveReview", "r-legal", **word)
    await bench.pass_time(timedelta(days=6))
    (due,) = [one for one in await bench.published() if one["type"] == "TalkDue"]
    assert due["overdue"]


async def test_who_was_to_speak_before_the_talk_was_moved_is_named(pool: Pool) -> None:
    bench = Bench(pool)
    await _arranged(bench)
    await bench.done("ArrangeTalk", **{**steps.talk(bench), "speakers": ["ana", "eve"]})
    assert [one["relieved"] for one in await bench.published() if one["type"] == "TalkArranged"] == [[], ["mo"]]
