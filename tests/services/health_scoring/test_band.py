"""Bands do not flap: a worse one needs a day, a better one a week and a margin; rules and unknown act at once."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from services.health_scoring.domain.band import Standing, stand
from services.health_scoring.domain.course import HOUR, WINDOW, Course, Level
from services.health_scoring.domain.scorecard import Hold, Thresholds
from tests.services.health_scoring.cards import card

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
GREEN, NEARLY, YELLOW, RED = Level(0, 0), Level(0, 1), Level(1, 1), Level(2, 2)
UNKNOWN = Level(None)


def standing(*phases: tuple[float, Level], now: Level | None = None) -> Standing:
    """Where a customer stands whose levels began so many hours ago."""
    levels = tuple((NOW - HOUR * hours, level) for hours, level in phases)
    return stand(Course(("test", 1), NOW, levels, {}), Hold(), now or phases[-1][1], NOW)


@pytest.mark.parametrize(("hours", "band"), [(23, "green"), (24, "yellow"), (100, "yellow")])
def test_worse_band_counts_when_it_has_held_for_a_day(hours: float, band: str) -> None:
    assert standing((800, GREEN), (hours, YELLOW)).band == band


def test_band_is_the_one_that_has_held_all_the_time() -> None:
    """Yellow for 20 hours, then red for 10: yellow at least for a day, red not yet."""
    assert standing((800, GREEN), (30, YELLOW), (10, RED)).band == "yellow"
    assert standing((800, GREEN), (48, YELLOW), (24, RED)).band == "red"


def test_interruption_begins_the_hold_anew() -> None:
    assert standing((800, GREEN), (40, YELLOW), (20, GREEN), (19, YELLOW)).band == "green"


@pytest.mark.parametrize(("hours", "band"), [(167, "yellow"), (168, "green")])
def test_better_band_counts_when_it_has_held_for_a_week(hours: float, band: str) -> None:
    assert standing((800, YELLOW), (hours, GREEN)).band == band


def test_better_band_needs_the_margin() -> None:
    """Just above the bound is not better."""
    assert standing((800, YELLOW), (300, NEARLY)).band == "yellow"


def test_score_around_a_bound_does_not_flap() -> None:
    phases = [(800 - 12 * index, YELLOW if index % 2 else NEARLY) for index in range(66)]
    assert standing((801, YELLOW), *phases).band == "yellow"
    assert standing((801, NEARLY), *phases[::2]).band == "green"


def test_unknown_acts_at_once_and_is_never_healthy() -> None:
    assert standing((800, GREEN), now=UNKNOWN).band == "unknown"
    assert standing((800, GREEN), (1, UNKNOWN), (0, GREEN)).band == "green"


def test_hours_of_which_nothing_is_known_begin_the_hold_anew() -> None:
    assert standing((800, GREEN), (30, YELLOW), (15, UNKNOWN), (10, YELLOW)).band == "green"


def test_rule_acts_at_once_and_ends_at_once() -> None:
    alarm = Level(0, 0, alarm=2, grave=True)
    raised = standing((800, GREEN), now=alarm)
    assert (raised.band, raised.severity, raised.grave) == ("red", "risk", True)
    assert standing((800, GREEN), (30, alarm), (1, GREEN)).band == "green"


def test_first_band_needs_no_hold() -> None:
    assert standing((5, YELLOW)).band == "yellow"
    assert standing((5, UNKNOWN), now=GREEN).band == "green"


def test_band_says_since_when() -> None:
    assert standing((800, GREEN), (30, YELLOW)).since == NOW - 6 * HOUR


def test_next_moment_is_when_the_hold_is_complete() -> None:
    assert standing((800, GREEN), (23, YELLOW)).next_at == NOW + HOUR
    assert standing((800, YELLOW), (160, GREEN)).next_at == NOW + 8 * HOUR
    assert standing((800, GREEN)).next_at is None


@pytest.mark.parametrize(
    ("phases", "open_for", "severity"),
    [
        ([(800, GREEN)], None, None),
        ([(800, GREEN), (30, YELLOW)], 6, "watch"),
        ([(800, GREEN), (30, RED)], 6, "risk"),
        ([(800, GREEN), (30, YELLOW), (2, UNKNOWN)], 6, "watch"),
        ([(800, GREEN), (2, UNKNOWN)], None, None),
        ([(800, GREEN), (2, Level(0, 0, alarm=1))], 2, "watch"),
        ([(800, GREEN), (2, Level(0, 0, alarm=1, grave=True))], 2, "risk"),
        ([(800, GREEN), (9, Level(0, 0, alarm=1, grave=True)), (2, GREEN)], None, None),
        ([(800, UNKNOWN), (3, Level(None, 0, 1, grave=True))], 3, "risk"),  # a rule needs no score
    ],
)
def test_risk_opens_at_yellow_or_by_a_rule_and_unknown_neither_opens_nor_closes_it(
    phases: Sequence[tuple[float, Level]], open_for: float | None, severity: str | None
) -> None:
    found = standing(*phases)
    assert found.open_since == (None if open_for is None else NOW - HOUR * open_for)
    assert found.severity == severity


def test_what_is_yellow_in_month_three_is_red_in_month_ten() -> None:
    rising = card(thresholds=(Thresholds(0, 6000, 4000), Thresholds(9, 7000, 5000)))
    assert [rising.band(4500, months) for months in (0, 3, 8, 9, 10)] == ["yellow"] * 3 + ["red"] * 2


def test_levels_before_the_window_say_nothing() -> None:
    """The band is what the last 35 days from the raw band give."""
    assert timedelta(days=35) == WINDOW
    assert standing((35 * 24, NEARLY)).band == "green"
