"""May this relationship be ended today? Each condition of domain.md, met and not met at its very edge."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from services.action_plans.domain import calendar
from services.action_plans.domain.case import Case, Comment, MissingData
from services.action_plans.domain.eligibility import changes_at, checklist, grounds, is_eligible, what_we_owe
from services.action_plans.domain.plan import Acceptance, Offer, Plan, Refusal
from services.action_plans.domain.players import ExecutiveException
from services.action_plans.domain.progress import Progress, Undeliverable
from tests.services.action_plans.examples import (
    AGREED,
    DAY,
    ELIGIBLE,
    MOMENT,
    NOW,
    OPENED,
    TERMS,
    agreed_plan,
    condition,
    monday,
    review,
    talk,
    unmet,
    version,
    with_progress,
)
from tests.services.action_plans.generated import cases

CONDITIONS = (
    "candid_conversation",
    "executive_involved",
    "plan_ran_out",
    "reviews_held",
    "our_part_done",
    "no_surprise",
    "health_known",
    "declared_failed",
)
OFFERED = Plan(proposed=version(agreed_at=None), versions=1)


def without_executive(case: Case) -> Case:
    """Return the case as if the executive had stayed away from everything."""
    talks = tuple(replace(one, attendees=("s-main", "s-us")) for one in case.conversations)
    return replace(case, conversations=talks)


def offered(case: Case, days: int, *, on: Plan = OFFERED) -> Case:
    """Return the case with a version that was offered on so many days, and never agreed."""
    offers = tuple(Offer(1, date(2026, 3, 9 + day), "By telephone", "ana") for day in range(days))
    return replace(case, plan=replace(on, offers=offers))


BREAKS: dict[str, Callable[[Case], Case]] = {
    "candid_conversation": lambda case: replace(case, expectations=case.expectations[:1]),
    "executive_involved": without_executive,
    "plan_ran_out": lambda case: replace(case, plan=agreed_plan(replace(TERMS, ends_on=NOW.date()))),
    "reviews_held": lambda case: replace(case, reviews=case.reviews[:2]),
    "our_part_done": lambda case: with_progress(case, Progress("c-us")),
    "no_surprise": lambda case: replace(case, conversations=(talk(1, OPENED + DAY), talk(2, NOW - DAY, told=True))),
    "health_known": lambda case: replace(case, band="unknown"),
    "declared_failed": lambda case: replace(case, failure=None),
}


def test_everything_honestly_tried_may_be_ended() -> None:
    conditions = checklist(ELIGIBLE, NOW)
    assert tuple(one.name for one in conditions) == CONDITIONS
    assert is_eligible(conditions)
    assert all(one.evidence and one.says and not one.needed for one in conditions)


@pytest.mark.parametrize("name", CONDITIONS)
def test_each_condition_alone_keeps_it_shut_and_says_what_would_meet_it(name: str) -> None:
    broken = BREAKS[name](ELIGIBLE)
    assert unmet(broken) == {name}
    assert not is_eligible(checklist(broken, NOW))
    assert condition(name, broken).needed


def test_a_conversation_that_is_only_planned_or_was_missed_is_none() -> None:
    states: tuple[tuple[Any, Any], ...] = (("planned", None), ("missed", "customer"))
    for state, missed_by in states:
        talks = tuple(
            replace(one, state=state, held_at=None, attendees=(), missed_by=missed_by) for one in ELIGIBLE.conversations
        )
        assert {"candid_conversation", "no_surprise"} <= unmet(replace(ELIGIBLE, conversations=talks))


def test_what_was_taken_back_is_no_expectation_of_that_side() -> None:
    ours, theirs = ELIGIBLE.expectations
    found = condition("candid_conversation", replace(ELIGIBLE, expectations=(ours, replace(theirs, retracted_at=NOW))))
    assert found.needed == "the customer's expectations are recorded"
    found = condition("candid_conversation", replace(ELIGIBLE, expectations=(replace(ours, retracted_at=NOW), theirs)))
    assert found.needed == "our expectations are recorded"
    assert condition("candid_conversation", ELIGIBLE).evidence == ("talk-1", "talk-2", "e-us", "e-them")


def test_executive_counts_in_a_talk_or_a_review_and_only_the_customers() -> None:
    alone = without_executive(ELIGIBLE)
    reviewed = replace(alone, reviews=(*alone.reviews, review(4, monday(4), attendees=("s-exec",))))
    assert condition("executive_involved", reviewed).evidence == ("r-4",)
    ours = tuple(replace(one, side="us") for one in ELIGIBLE.stakeholders)
    assert not condition("executive_involved", replace(ELIGIBLE, stakeholders=ours)).met


def test_exception_stands_in_for_the_executive_once_a_manager_has_allowed_it() -> None:
    asked = ExecutiveException("ana", OPENED, (), "Nobody answers.")
    assert not condition("executive_involved", replace(without_executive(ELIGIBLE), exception=asked)).met
    allowed = replace(asked, allowed_by="mo", allowed_at=NOW)
    found = condition("executive_involved", replace(without_executive(ELIGIBLE), exception=allowed))
    assert found.met
    assert found.evidence == ("exception",)


@pytest.mark.parametrize(
    ("zone", "ends_on", "over"),
    [
        ("Europe/Berlin", date(2026, 3, 28), datetime(2026, 3, 28, 23, tzinfo=UTC)),
        ("Europe/Berlin", date(2026, 3, 29), datetime(2026, 3, 29, 22, tzinfo=UTC)),  # a day of 23 hours
        ("America/New_York", date(2026, 5, 29), datetime(2026, 5, 30, 4, tzinfo=UTC)),
        ("Pacific/Auckland", date(2026, 4, 5), datetime(2026, 4, 5, 12, tzinfo=UTC)),  # a day of 25 hours
        ("Africa/Cairo", date(2026, 4, 23), datetime(2026, 4, 23, 22, tzinfo=UTC)),  # midnight is skipped
    ],
)
def test_time_frame_is_over_with_the_customers_last_day(zone: str, ends_on: date, over: datetime) -> None:
    case = replace(ELIGIBLE, time_zone=zone, plan=agreed_plan(replace(TERMS, ends_on=ends_on)), failure=None)
    assert grounds(case, over - MOMENT) == {}
    assert grounds(case, over) == {"time_frame_over": ("version-1",)}
    assert over in changes_at(case)


def test_a_refusal_in_words_counts_and_so_do_three_offers_without_an_answer() -> None:
    assert unmet(offered(ELIGIBLE, 2)) == {"plan_ran_out"}
    assert grounds(offered(ELIGIBLE, 3), NOW) == {
        "unanswered": ("offer-2026-03-09", "offer-2026-03-10", "offer-2026-03-11")
    }
    refused = replace(OFFERED, proposed=replace(version(agreed_at=None), refusal=Refusal("carla", NOW, "No.")))
    assert grounds(replace(ELIGIBLE, plan=refused), NOW) == {"refused": ("version-1",)}


def test_whoever_has_answered_left_nothing_unanswered() -> None:
    commented = replace(offered(ELIGIBLE, 3), comments=(Comment("k", "carla", "Later, please.", AGREED + 3 * DAY),))
    assert datetime(2026, 3, 9, 10, tzinfo=UTC) == AGREED + 3 * DAY, "the day of the first offer"
    assert grounds(commented, NOW) == {}
    signed = version(agreed_at=None)
    signed = replace(signed, acceptances=(Acceptance("customer", "carla", NOW, signed.content_hash),))
    assert grounds(offered(ELIGIBLE, 3, on=replace(OFFERED, proposed=signed)), NOW) == {}, "it waits for us"


def test_refusing_to_change_an_agreed_plan_is_not_refusing_the_plan() -> None:
    running = agreed_plan(replace(TERMS, ends_on=date(2026, 7, 1)))
    change = replace(version(TERMS, 2, None), refusal=Refusal("carla", NOW, "We stay with what we agreed."))
    case = replace(ELIGIBLE, plan=replace(running, proposed=change, versions=2))
    assert unmet(case) == {"plan_ran_out"}
    assert unmet(offered(case, 3, on=replace(running, proposed=version(TERMS, 2, None)))) == {"plan_ran_out"}


RUNNING = replace(ELIGIBLE, plan=agreed_plan(replace(TERMS, ends_on=date(2026, 7, 1))), failure=None)


def test_two_reviews_in_a_row_that_they_missed_are_leaving_the_plan() -> None:
    first, second = review(1, monday(1), "customer"), review(2, monday(2), "customer")
    assert grounds(replace(RUNNING, reviews=(first,)), NOW) == {}
    assert grounds(replace(RUNNING, reviews=(second, first)), NOW) == {"abandoned": ("r-1", "r-2")}
    between = replace(RUNNING, reviews=(first, review(9, monday(1) + DAY), second))
    assert grounds(between, NOW) == {}, "they came once in between"
    assert grounds(replace(RUNNING, reviews=(first, second, review(3, monday(3), "us"))), NOW) == {}, "we did not come"
    earlier = review(1, AGREED - DAY, "customer"), review(2, AGREED - 2 * DAY, "customer")
    assert grounds(replace(RUNNING, reviews=earlier), NOW) == {}, "they have signed since"


def test_a_review_that_nobody_recorded_leaves_open_whether_they_came() -> None:
    third = replace(review(3, monday(3)), state="planned", held_at=None, results=(), attendees=())
    case = replace(RUNNING, reviews=(review(1, monday(1), "customer"), review(2, monday(2), "customer"), third))
    assert "abandoned" in grounds(case, monday(3) - MOMENT)
    assert grounds(case, monday(3)) == {}
    assert monday(3) in changes_at(case)
    failed = replace(case, failure=replace(ELIGIBLE.failure, at=monday(3) - DAY))  # type: ignore[type-var]
    assert "abandoned" in grounds(failed, NOW), "nobody expected it any more"


def test_reviews_of_one_day_count_once() -> None:
    """Nobody makes up for weeks in an afternoon."""
    often = tuple(review(number, monday(3) + number * MOMENT) for number in (1, 2, 3))
    assert unmet(replace(ELIGIBLE, reviews=often)) == {"reviews_held"}
    stayed_away = tuple(review(number, monday(2) + number * MOMENT, "customer") for number in (1, 2))
    assert "abandoned" not in grounds(replace(RUNNING, reviews=stayed_away), NOW)
    next_day = review(3, monday(2) + DAY, "customer")
    assert "abandoned" in grounds(replace(RUNNING, reviews=(*stayed_away, next_day)), NOW)


def test_three_reviews_count_as_held_or_offered_one_after_the_last_change() -> None:
    ours = replace(ELIGIBLE, reviews=(*ELIGIBLE.reviews[:2], review(3, monday(3), "us")))
    assert unmet(ours) == {"reviews_held"}, "one that we missed was not offered"
    before = tuple(review(number, AGREED - number * DAY) for number in (1, 2, 3))
    assert unmet(replace(ELIGIBLE, reviews=before)) == {"reviews_held"}
    at_once = replace(ELIGIBLE, reviews=(*before[:2], review(3, AGREED)))
    assert unmet(at_once) == {"reviews_held"}, "not after the change"
    assert unmet(replace(ELIGIBLE, reviews=(*before[:2], review(3, AGREED + MOMENT)))) == set()
    assert condition("reviews_held", ELIGIBLE).evidence == ("r-1", "r-2", "r-3")


def test_the_last_change_of_a_plan_never_agreed_is_its_last_version() -> None:
    second = replace(version(number=2, agreed_at=None), proposed_at=NOW, refusal=Refusal("carla", NOW, "No."))
    case = replace(ELIGIBLE, plan=Plan(proposed=second, versions=2))
    assert unmet(case) == {"reviews_held"}
    assert unmet(replace(case, reviews=(*case.reviews, review(4, NOW + MOMENT, "customer")))) == set()


def test_a_review_held_ahead_of_its_time_counts_at_once() -> None:
    early = review(3, NOW + DAY, held_at=NOW - DAY)
    assert unmet(replace(ELIGIBLE, reviews=(*ELIGIBLE.reviews[:2], early))) == set()


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Pacific/Auckland", "America/Los_Angeles"])
def test_ours_is_owed_from_the_end_of_its_day(zone: str) -> None:
    case = replace(with_progress(ELIGIBLE, Progress("c-us")), time_zone=zone)
    over = calendar.end_of(date(2026, 3, 23), zone)
    assert condition("our_part_done", case, over - MOMENT).met
    found = condition("our_part_done", case, over)
    assert not found.met
    assert found.evidence == ("c-us",)
    assert over in changes_at(case)


def test_recording_our_own_miss_does_not_settle_it_but_doing_or_waiving_it_does() -> None:
    assert unmet(with_progress(ELIGIBLE, Progress("c-us", "missed", NOW.date()))) == {"our_part_done"}
    for state in ("done", "waived"):
        assert unmet(with_progress(ELIGIBLE, Progress("c-us", state, NOW.date()))) == set()


def test_undeliverable_needs_the_manager_and_the_customer_to_know() -> None:
    given_up = Undeliverable("The interface was never built.", "ana", NOW - DAY)
    for settled, found in (
        ({}, {"our_part_done"}),
        ({"acknowledged_by": "mo", "acknowledged_at": NOW}, {"our_part_done"}),
        ({"told_at": NOW}, {"our_part_done"}),
        ({"acknowledged_by": "mo", "acknowledged_at": NOW, "told_at": NOW}, set()),
    ):
        one = Progress("c-us", "missed", NOW.date(), undeliverable=replace(given_up, **settled))
        assert unmet(with_progress(ELIGIBLE, one)) == found


def test_very_many_that_we_owe_are_named_in_part() -> None:
    many = tuple(replace(TERMS.commitments[0], commitment_id=f"{number:0100}") for number in range(200))
    case = replace(ELIGIBLE, plan=agreed_plan(replace(TERMS, commitments=many)), progress=())
    found = condition("our_part_done", case)
    assert len(found.needed) < 4_000
    assert "and so are 190 more" in found.needed
    assert len(found.evidence) == 30
    assert len(what_we_owe(many[:10])) == 10


@pytest.mark.parametrize(("cadence", "days"), [("weekly", 7), ("every_two_weeks", 14)])
def test_no_surprise_a_full_cadence_after_it_was_said(cadence: str, days: int) -> None:
    plan = agreed_plan(replace(TERMS, cadence=cadence))  # type: ignore[arg-type]
    said = NOW - timedelta(days=days)
    case = replace(ELIGIBLE, plan=plan, conversations=(talk(1, OPENED + DAY), talk(2, said, told=True)))
    assert unmet(case) == set()
    assert unmet(case, NOW - MOMENT) == {"no_surprise"}
    assert NOW in changes_at(case)
    assert condition("no_surprise", case).evidence == ("talk-2",)


def test_without_a_plan_a_full_cadence_is_two_weeks_and_one_talk_is_not_enough() -> None:
    case = replace(offered(ELIGIBLE, 3), conversations=(talk(1, OPENED + DAY), talk(2, NOW - 14 * DAY, told=True)))
    assert unmet(case) == set()
    assert unmet(case, NOW - MOMENT) == {"no_surprise"}
    assert unmet(replace(ELIGIBLE, conversations=(talk(1, OPENED + DAY, told=True),))) == {"no_surprise"}


def test_unknown_health_is_no_ground_unless_a_manager_says_why() -> None:
    stated = replace(ELIGIBLE, band="unknown", missing_data=MissingData("Their proxy blocks it.", "mo", NOW))
    assert condition("health_known", stated).evidence == ("missing-data",)
    assert unmet(stated) == set()


@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
@given(case=cases())
def test_time_alone_changes_conditions_only_at_moments_that_are_known_before(case: Case) -> None:
    moments = sorted({OPENED, *changes_at(case), NOW + 60 * DAY})
    for begins, ends in pairwise(moments):
        assert unmet(case, begins) == unmet(case, begins + (ends - begins) / 2) == unmet(case, ends - MOMENT)
