"""A dead feed is noticed, and a feed that rests, or brings little, is not taken for dead."""

from datetime import UTC, datetime, timedelta

from services.health_scoring.domain.feeds import Gap, feeds, hour_of, moment_of

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)  # a Friday
TOP = hour_of(NOW)


def gaps(hours: list[int], now: datetime = NOW) -> tuple[Gap, ...]:
    return feeds({("usage.v1", "app"): hours}, now).gaps


def every(hours: int, *, until: int, days: int = 60) -> list[int]:
    return list(range(TOP - days * 24, TOP - until + 1, hours))


def test_busy_feed_has_stopped_after_a_day_of_silence() -> None:
    assert gaps(every(1, until=23)) == ()
    (gap,) = gaps(every(1, until=30))
    assert gap == Gap("usage.v1", "app", moment_of(TOP - 30 + 1 + 24), None)
    assert gap.holds(NOW)


def test_feed_that_comes_back_had_stopped_in_between() -> None:
    (gap,) = gaps([*every(1, until=100), *every(1, until=0, days=1)])
    assert not gap.holds(NOW)
    assert gap.end == moment_of(TOP - 24)
    assert gap.holds(gap.start)


def test_feed_that_rests_at_weekends_is_not_dead_on_sunday() -> None:
    working = [hour for hour in range(TOP - 60 * 24, TOP + 1) if moment_of(hour).weekday() < 5 and 8 <= hour % 24 < 18]
    sunday = NOW + timedelta(days=2, hours=8)
    assert gaps(working, sunday) == ()
    wednesday = NOW + timedelta(days=5)
    assert [gap.holds(wednesday) for gap in gaps(working, wednesday)] == [True]


def test_help_desk_with_a_ticket_a_day_is_not_dead_after_two() -> None:
    assert gaps(every(23, until=60)) == ()
    assert [gap.holds(NOW) for gap in gaps(every(23, until=24 * 14))] == [True]


def test_import_that_came_once_is_no_feed() -> None:
    assert gaps([TOP - 24 * 20, TOP - 24 * 20 + 1, TOP - 24 * 19]) == ()


def test_source_that_was_switched_off_is_not_waited_for_for_ever() -> None:
    long_ago = [hour - 90 * 24 for hour in every(1, until=0)]
    (gap,) = gaps(long_ago)
    assert not gap.holds(NOW)


def test_hours_to_come_do_not_count_yet() -> None:
    assert gaps([*every(1, until=30), TOP + 5]) == gaps(every(1, until=30))


def test_topic_is_known_from_its_first_event_on() -> None:
    found = feeds({("usage.v1", "app"): [TOP - 5], ("usage.v1", "other"): [TOP - 9]}, NOW)
    assert found.since == {"usage.v1": moment_of(TOP - 9)}
    assert "usage.v1" not in found.state(moment_of(TOP - 10)).known
    assert "usage.v1" in found.state(moment_of(TOP - 9)).known
