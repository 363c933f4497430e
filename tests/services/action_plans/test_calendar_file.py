"""The calendar file: reviews at the customer's hour whatever the clocks do, due days, ids that stay."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar
import pytest

from services.action_plans.documents import calendar
from services.action_plans.domain.calendar_keys import review_key
from services.action_plans.domain.review import Review
from tests.services.action_plans.plans import ZONE, at, commitment, example, review


def events(content: bytes) -> list[Any]:
    """Return the events of a file, which must be one that a calendar reads."""
    read = icalendar.Calendar.from_ical(content.decode())
    assert not read.errors
    return list(read.walk("VEVENT"))


@pytest.mark.parametrize(
    ("planned_for", "there"),
    [
        (at(3, 23), "2026-03-23T10:00+01:00"),  # winter time
        (at(3, 30, 8), "2026-03-30T10:00+02:00"),  # the day after the clocks went forward
        (at(10, 19, 8), "2026-10-19T10:00+02:00"),
        (at(10, 26), "2026-10-26T10:00+01:00"),  # the day after they went back
    ],
)
def test_review_is_at_the_same_hour_before_and_after_the_clocks_change(planned_for: datetime, there: str) -> None:
    plan = example(reviews=(review(1, planned_for),), commitments=(), earlier=())
    content = calendar.render(plan)
    (event,) = events(content)
    begins = event["DTSTART"]
    assert begins.params["TZID"] == ZONE
    assert begins.dt.isoformat(timespec="minutes") == there
    assert begins.dt == planned_for
    assert event["DURATION"].dt == timedelta(hours=1)
    assert b"BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n" in content


def test_second_of_two_equal_hours_is_not_the_first() -> None:
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)  # 02:30 for the second time that night
    (event,) = events(calendar.render(example(reviews=(review(1, second),), commitments=(), earlier=())))
    assert event["DTSTART"].dt.astimezone(UTC) == second


def test_due_day_is_a_whole_day_that_keeps_nobody_busy() -> None:
    (event,) = events(calendar.render(example(reviews=(), commitments=(commitment(1),), earlier=())))
    assert event["DTSTART"].dt == date(2026, 3, 10)
    assert event["DTEND"].dt == date(2026, 3, 11)
    assert event["TRANSP"] == "TRANSPARENT"
    assert "Deliver part 1" in event["SUMMARY"]


def test_ids_stay_when_something_moves_and_are_each_ones_own() -> None:
    before = events(calendar.render(example()))
    moved = tuple(review(number, at(4, number, 12)) for number in range(1, 6))
    after = events(calendar.render(example(reviews=moved)))
    assert {one["UID"] for one in before} == {one["UID"] for one in after}
    assert len({one["UID"] for one in before}) == len(before)


def test_new_version_does_not_make_another_review_of_the_same_day() -> None:
    first, second = (Review(f"case-v{number}-2026-03-09", at(3, 9)) for number in (1, 2))
    assert review_key("case", first) == review_key("case", second)
    assert review_key("case", first) != review_key("case", Review("case-v1-2026-03-16", at(3, 16)))
    assert review_key("case", first) != review_key("other", first)
    by_hand = Review("why-they-leave", at(3, 9), by_hand=True)
    assert "leave" not in review_key("case", by_hand)


@pytest.mark.parametrize("text", ["a\r\nEND:VCALENDAR\r\nBEGIN:VEVENT", "semi;colon, comma\\ and\nbreak", "日" * 300])
def test_text_cannot_end_its_line(text: str) -> None:
    content = calendar.render(example(commitments=(commitment(1, what=text),), earlier=(), reviews=()))
    (event,) = events(content)
    assert event["SUMMARY"] == f"Due: {' '.join(text.split())}"
    assert content.split(b"\r\n").count(b"BEGIN:VEVENT") == 1
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
