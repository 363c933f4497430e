"""Days as the customer lives them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.action_plans.domain import calendar
from tests.services.action_plans.examples import MOMENT

ZONES = [
    "UTC",
    "Europe/Berlin",
    "Africa/Cairo",
    "America/Havana",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
]


@settings(deadline=None, max_examples=300)
@given(day=st.dates(date(2024, 1, 1), date(2028, 12, 31)), zone=st.sampled_from(ZONES))
def test_the_end_of_a_day_is_the_first_moment_of_the_next(day: date, zone: str) -> None:
    end = calendar.end_of(day, zone)
    assert calendar.today(zone, end) == day + timedelta(days=1)
    assert calendar.today(zone, end - MOMENT) == day


def test_an_hour_that_the_clocks_skip_is_the_one_after_it_and_of_two_it_is_the_first() -> None:
    assert calendar.at_hour(date(2026, 3, 29), 2, "Europe/Berlin") == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert calendar.at_hour(date(2026, 10, 25), 2, "Europe/Berlin") == datetime(2026, 10, 25, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("Europe/Berlin", "DE"),
        ("Europe/Kyiv", "UA"),
        ("Europe/Kiev", "UA"),
        ("US/Pacific", "US"),
        ("Asia/Calcutta", "IN"),
        ("America/Buenos_Aires", "AR"),
        ("UTC", None),
        ("Etc/UTC", None),
        ("Etc/GMT+5", None),
        ("EST", None),  # tz makes it a name of Panama's
        ("CET", None),
    ],
)
def test_the_country_of_a_zone_by_any_of_its_names(zone: str, country: str | None) -> None:
    assert calendar.country_of(zone) == country


@pytest.mark.parametrize(
    ("zone", "day", "works"),
    [
        ("Europe/Berlin", date(2026, 10, 3), False),  # a Saturday, and German Unity Day
        ("Europe/Berlin", date(2026, 5, 1), False),
        ("Europe/Paris", date(2026, 7, 14), False),
        ("Europe/Berlin", date(2026, 7, 14), True),
        ("America/New_York", date(2026, 11, 26), False),  # Thanksgiving
        ("Europe/Kiev", date(2026, 8, 24), True),  # under martial law holidays are worked
        ("Asia/Tokyo", date(2026, 5, 5), False),
        ("Asia/Riyadh", date(2026, 3, 13), False),  # a Friday
        ("Asia/Riyadh", date(2026, 3, 15), True),  # a Sunday
        ("UTC", date(2026, 12, 25), True),
        ("UTC", date(2026, 12, 26), False),  # a Saturday
    ],
)
def test_working_days_of_the_country(zone: str, day: date, works: bool) -> None:
    assert calendar.is_working_day(day, zone) is works


def test_the_next_working_day_is_the_day_itself_where_people_work() -> None:
    assert calendar.working_day(date(2026, 3, 9), "Europe/Berlin") == date(2026, 3, 9)
    assert calendar.working_day(date(2026, 4, 3), "Europe/Berlin") == date(2026, 4, 7)  # Good Friday to Easter Monday
