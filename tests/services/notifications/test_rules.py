"""When it is too late to tell, and when to try again."""

from datetime import UTC, datetime, timedelta

import pytest

from services.notifications.domain import LONGEST_PAUSE, pause_before, state_at_arrival

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "quiet", "state"),
    [(0, False, "pending"), (24, False, "pending"), (25, False, "expired"), (0, True, "expired")],
)
def test_old_facts_and_quiet_replays_are_recorded_and_sent_to_nobody(hours: int, quiet: bool, state: str) -> None:
    assert state_at_arrival(NOW - timedelta(hours=hours), NOW, quiet=quiet) == state


def test_pauses_double_up_to_a_quarter_of_an_hour() -> None:
    assert [pause_before(attempt, 1.0).total_seconds() for attempt in (1, 2, 3, 4)] == [2, 4, 8, 16]
    assert pause_before(10**9, 1.0) == LONGEST_PAUSE


def test_jitter_spreads_a_pause_over_its_second_half() -> None:
    assert pause_before(3, 0.0) == timedelta(seconds=4)
