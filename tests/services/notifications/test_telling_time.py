"""When a person may be told: quiet hours, working days, holidays, digests; on the days when clocks change too."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notifications.domain.choices import Absence, Choices, QuietHours
from services.notifications.domain.telling_time import first_moment, is_away, told_at
from services.notifications.domain.urgency import URGENCIES, Urgency

MADRID = "Europe/Madrid"
NIGHT = Choices(quiet=QuietHours(time(20), time(7, 30)))
WEEK = frozenset(range(5))


def there(year: int, month: int, day: int, hour: int, minute: int = 0, zone: str = MADRID) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def test_quiet_hours_hold_back_until_they_end() -> None:
    assert told_at(NIGHT, "high", MADRID, there(2026, 3, 10, 22)) == there(2026, 3, 11, 7, 30)
    assert told_at(NIGHT, "high", MADRID, there(2026, 3, 10, 3)) == there(2026, 3, 10, 7, 30)
    assert told_at(NIGHT, "high", MADRID, there(2026, 3, 10, 12)) == there(2026, 3, 10, 12)


def test_critical_breaks_quiet_hours_and_free_days() -> None:
    silent = replace(NIGHT, working_days=WEEK, timings={**NIGHT.timings, "high": "weekly"})
    night = there(2026, 3, 14, 23)
    assert told_at(silent, "critical", MADRID, night) == night


def test_quiet_hours_within_a_day() -> None:
    noon = Choices(quiet=QuietHours(time(12), time(14)))
    assert told_at(noon, "high", MADRID, there(2026, 3, 10, 13)) == there(2026, 3, 10, 14)
    assert told_at(noon, "high", MADRID, there(2026, 3, 10, 14)) == there(2026, 3, 10, 14)


def test_weekend_and_holidays_are_free() -> None:
    works = replace(NIGHT, working_days=WEEK, country="DE")
    berlin = "Europe/Berlin"
    good_friday = there(2026, 4, 3, 10, zone=berlin)
    assert told_at(works, "high", berlin, good_friday) == there(2026, 4, 7, 7, 30, zone=berlin), "Easter Monday too"


def test_whoever_works_on_no_day_is_told_in_the_end() -> None:
    nobody = Choices(working_days=frozenset({7}))
    assert told_at(nobody, "high", MADRID, there(2026, 3, 10, 12)) > there(2026, 3, 10, 12)


@pytest.mark.parametrize(
    ("timing", "then"),
    [
        ("hourly", there(2026, 3, 10, 13)),
        ("daily", there(2026, 3, 11, 8)),
        ("weekly", there(2026, 3, 16, 8)),
        ("at_once", there(2026, 3, 10, 12, 20)),
    ],
)
def test_digest_comes_at_its_next_turn(timing: str, then: datetime) -> None:
    chosen = Choices(timings={**Choices().timings, "normal": timing})  # type: ignore[dict-item]  # one of them
    assert told_at(chosen, "normal", MADRID, there(2026, 3, 10, 12, 20)) == then


def test_digest_whose_hour_is_now_waits_for_the_next_one() -> None:
    at = there(2026, 3, 10, 8)
    assert told_at(Choices(), "low", MADRID, at) == there(2026, 3, 11, 8)


def test_digest_whose_day_is_free_comes_at_its_hour_on_the_next_working_day() -> None:
    berlin, low = "Europe/Berlin", Choices(working_days=WEEK)
    monday = there(2026, 3, 16, 8)
    for day, hour in ((13, 9), (14, 7), (14, 9), (15, 9), (16, 7)):
        assert told_at(low, "low", MADRID, there(2026, 3, day, hour)) == monday
    weekly = replace(low, country="DE", timings={**low.timings, "low": "weekly"})
    after_easter = there(2026, 4, 7, 8, zone=berlin)
    for day in (4, 6):
        assert told_at(weekly, "low", berlin, there(2026, 4, day, 12, zone=berlin)) == after_easter
    assert told_at(weekly, "low", berlin, after_easter) == there(2026, 4, 13, 8, zone=berlin)
    late = replace(low, quiet=QuietHours(time(20), time(7, 30)), digest_at=time(22))
    assert told_at(late, "low", MADRID, there(2026, 3, 12, 23)) == there(2026, 3, 16, 7, 30), "Friday's is quiet"


def test_hour_that_clocks_jump_over_is_when_they_jump() -> None:
    """On 29 March 2026 it is never half past two in Madrid: at 02:00 it is 03:00."""
    jump = datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert first_moment(date(2026, 3, 29), time(2, 30), ZoneInfo(MADRID)) == jump
    half_past_two = Choices(quiet=QuietHours(time(22), time(2, 30)))
    assert told_at(half_past_two, "high", MADRID, jump - timedelta(minutes=30)) == jump
    daily = replace(Choices(), digest_at=time(2, 30))
    assert told_at(daily, "low", MADRID, jump - timedelta(hours=1)) == jump


def test_day_of_25_hours_has_one_digest() -> None:
    """On 25 October 2026 half past two comes twice in Madrid: the first one counts."""
    daily = replace(Choices(), digest_at=time(2, 30))
    first = told_at(daily, "low", MADRID, there(2026, 10, 24, 12))
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert told_at(daily, "low", MADRID, first) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_quiet_hours_keep_to_the_clock_on_the_wall_when_it_changes() -> None:
    assert told_at(NIGHT, "high", MADRID, there(2026, 3, 28, 23)) == datetime(2026, 3, 29, 5, 30, tzinfo=UTC)
    assert told_at(NIGHT, "high", MADRID, there(2026, 10, 24, 23)) == datetime(2026, 10, 25, 6, 30, tzinfo=UTC)


def test_hour_that_comes_twice_is_quiet_twice() -> None:
    """On 25 October 2026 it is ten past two again after half past two in Madrid."""
    until_half = Choices(quiet=QuietHours(time(22), time(2, 30)))
    second = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    assert told_at(until_half, "high", MADRID, second) == second + timedelta(minutes=20)
    assert told_at(until_half, "high", MADRID, second - timedelta(hours=1)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_absence_is_whole_days_of_the_persons_own() -> None:
    away = Choices(absence=Absence(date(2026, 7, 1), date(2026, 7, 14)))
    auckland = "Pacific/Auckland"
    assert not is_away(away, auckland, there(2026, 6, 30, 23, 59, zone=auckland))
    assert is_away(away, auckland, there(2026, 7, 1, 0, zone=auckland))
    assert is_away(away, auckland, there(2026, 7, 14, 23, 59, zone=auckland))
    assert not is_away(away, auckland, there(2026, 7, 15, 0, zone=auckland))


zones = st.sampled_from([MADRID, "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "UTC"])
hours = st.times(min_value=time(0), max_value=time(23, 59)).map(lambda at: at.replace(second=0, microsecond=0))
quiet = st.builds(QuietHours, hours, hours).filter(lambda one: one.begins != one.ends)
timings = st.sampled_from(["at_once", "hourly", "daily", "weekly"])


@given(
    st.builds(
        Choices,
        quiet=st.none() | quiet,
        timings=st.fixed_dictionaries(dict.fromkeys(URGENCIES, timings)),
        working_days=st.frozensets(st.integers(0, 6), min_size=1),
        country=st.sampled_from([None, "DE", "US"]),
        digest_at=hours,
        digest_day=st.integers(0, 6),
    ),
    st.sampled_from(URGENCIES),
    zones,
    st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # as it asks for
)
@settings(max_examples=400, deadline=None)
def test_whatever_was_chosen_it_is_told_later_or_now_and_never_in_quiet(
    chosen: Choices, urgency: Urgency, zone: str, now: datetime
) -> None:
    then = told_at(chosen, urgency, zone, now)
    assert then >= now
    assert then - now < timedelta(days=40)
    if urgency != "critical":
        local = then.astimezone(ZoneInfo(zone))
        assert local.weekday() in chosen.working_days
        assert chosen.quiet is None or not chosen.quiet.hold(local.time())
