"""Reviews on cadence: on working days where the customer is, at the same hour, with every result that is due."""

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from services.action_plans.domain import review as reviews
from services.action_plans.domain.refusal import NotPossible
from services.action_plans.domain.review import Result, Review, series
from services.action_plans.domain.terms import Terms
from tests.services.action_plans.examples import AGREED, BERLIN, DAY, MOMENT, NOW, TERMS

PLANNED = Review("r-1", NOW)


def local(terms: Terms, zone: str = BERLIN, after: datetime = AGREED) -> list[str]:
    return [
        f"{one.planned_for.astimezone(ZoneInfo(zone)):%a %-d %b %H:%M}" for one in series("case", 1, terms, zone, after)
    ]


def refused(review: Review, *results: Result, asked: tuple[str, ...]) -> list[str]:
    with pytest.raises(NotPossible) as why:
        reviews.hold(review, NOW, attendees=("s-main",), results=results, decided=(), asked=asked)
    return [why.value.code, *why.value.unmet]


def test_weekly_at_the_same_hour_through_the_change_of_the_clocks_and_past_holidays() -> None:
    assert local(TERMS) == [
        "Mon 16 Mar 10:00",
        "Mon 23 Mar 10:00",
        "Mon 30 Mar 10:00",  # summer time began the day before
        "Tue 7 Apr 10:00",  # Easter Monday
        "Mon 13 Apr 10:00",
        "Mon 20 Apr 10:00",
        "Mon 27 Apr 10:00",
        "Mon 4 May 10:00",
        "Mon 11 May 10:00",
        "Mon 18 May 10:00",
        "Tue 26 May 10:00",  # Whit Monday
    ]
    (second, third) = series("case", 1, TERMS, BERLIN, AGREED)[1:3]
    assert (second.planned_for.hour, third.planned_for.hour) == (9, 8)


def test_every_two_weeks_and_from_a_weekend_on_to_the_next_working_day() -> None:
    terms = replace(TERMS, cadence="every_two_weeks", first_review_on=date(2026, 3, 21), ends_on=date(2026, 4, 18))
    assert local(terms) == ["Mon 23 Mar 10:00", "Tue 7 Apr 10:00", "Mon 20 Apr 10:00"]


def test_weekends_and_holidays_are_those_of_the_customers_country() -> None:
    friday = replace(TERMS, first_review_on=date(2026, 3, 13), ends_on=date(2026, 3, 14))
    assert local(friday, "Asia/Jerusalem") == ["Sun 15 Mar 10:00"]
    monday = replace(TERMS, first_review_on=date(2026, 5, 25), ends_on=date(2026, 5, 26))
    assert local(monday, "America/New_York") == ["Tue 26 May 10:00"]  # Memorial Day
    assert local(monday, "UTC") == ["Mon 25 May 10:00"]


def test_reviews_that_long_holidays_put_on_one_day_are_one() -> None:
    golden_week = replace(
        TERMS, starts_on=date(2025, 9, 22), first_review_on=date(2025, 9, 24), ends_on=date(2025, 10, 15)
    )
    found = local(golden_week, "Asia/Shanghai", datetime(2025, 9, 1, tzinfo=UTC))
    assert found == ["Wed 24 Sep 10:00", "Thu 9 Oct 10:00", "Wed 15 Oct 10:00"]


def test_only_what_lies_ahead_is_made_and_always_with_the_same_ids() -> None:
    every = series("case", 1, TERMS, BERLIN, AGREED)
    assert series("case", 1, TERMS, BERLIN, every[2].planned_for) == every[3:]
    assert series("case", 1, TERMS, BERLIN, every[2].planned_for - MOMENT) == every[2:]
    assert len({one.review_id for one in (*every, *series("case", 2, TERMS, BERLIN, AGREED))}) == 2 * len(every)


def test_a_year_of_weeks_is_made_whole() -> None:
    year = replace(TERMS, ends_on=date(2027, 3, 9))
    assert len(series("case", 1, year, "UTC", AGREED)) == 52


def test_held_with_the_result_of_everything_that_was_due() -> None:
    assert refused(PLANNED, Result("c-1", "done"), asked=("c-1", "c-2", "c-3")) == [
        "results_missing",
        "the result of commitment c-2 is given",
        "the result of commitment c-3 is given",
    ]
    held = reviews.hold(
        PLANNED, NOW, attendees=("s-main", "s-main"), results=[Result("c-1", "done")], decided=("On.",), asked=("c-1",)
    )
    assert (held.state, held.held_at, held.attendees, held.decided) == ("held", NOW, ("s-main",), ("On.",))


def test_moved_ahead_only_and_who_moved_it_stays() -> None:
    moved = reviews.move(reviews.move(PLANNED, NOW + DAY, "customer", NOW), NOW + 2 * DAY, "us", NOW)
    assert [(one.by, one.planned_for) for one in moved.moves] == [("customer", NOW), ("us", NOW + DAY)]
    for to, code in ((NOW, "in_the_past"), (NOW + 400 * DAY + MOMENT, "too_far"), (moved.planned_for, "no_change")):
        with pytest.raises(NotPossible) as why:
            reviews.move(moved, to, "us", NOW)
        assert why.value.code == code


def test_missed_from_its_time_on_and_once() -> None:
    with pytest.raises(NotPossible) as why:
        reviews.miss(PLANNED, "customer", NOW - MOMENT)
    assert why.value.code == "not_yet"
    missed = reviews.miss(PLANNED, "customer", NOW)
    for again in (
        partial(reviews.miss, missed, "us", NOW),
        partial(reviews.move, missed, NOW + DAY, "us", NOW),
        partial(reviews.hold, missed, NOW, attendees=("s-main",), results=(), decided=(), asked=()),
    ):
        with pytest.raises(NotPossible) as why:
            again()
        assert why.value.code == "not_planned"
