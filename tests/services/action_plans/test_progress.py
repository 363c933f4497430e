"""How commitments go: by the customer's days, owed until done, and recorded with what shows it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.action_plans.domain import progress
from services.action_plans.domain.progress import Progress, days_late, overdue_of_ours, status
from services.action_plans.domain.refusal import NotPossible
from tests.services.action_plans.examples import DAY, ELIGIBLE, MOMENT, NOW, TERMS

OURS, THEIRS = TERMS.commitments
DUE = OURS.due_on  # 23 March
OPEN = Progress("c-us")


def code(function: Any, *args: Any) -> str:
    """Return the code with which a rule says no."""
    with pytest.raises(NotPossible) as refused:
        function(*args)
    assert refused.value.unmet
    return refused.value.code


@pytest.mark.parametrize(
    ("known", "today", "read", "late"),
    [
        (OPEN, DUE, "open", 0),
        (OPEN, DUE + timedelta(days=1), "late", 1),
        (Progress("c-us", "done", DUE), DUE + timedelta(days=9), "done", 0),
        (Progress("c-us", "done", DUE + timedelta(days=1)), DUE + timedelta(days=9), "late", 1),
        (Progress("c-us", "missed", DUE + timedelta(days=2)), DUE + timedelta(days=9), "missed", 9),
        (Progress("c-us", "waived", DUE + timedelta(days=2)), DUE + timedelta(days=9), "waived", 0),
    ],
)
def test_status_and_days_late_at_the_edge_of_the_day(known: Progress, today: date, read: str, late: int) -> None:
    assert (status(OURS, known, today), days_late(OURS, known, today)) == (read, late)


@pytest.mark.parametrize(
    ("zone", "over"),
    [
        ("UTC", datetime(2026, 3, 24, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 3, 23, 23, tzinfo=UTC)),
        ("America/Los_Angeles", datetime(2026, 3, 24, 7, tzinfo=UTC)),
        ("Pacific/Auckland", datetime(2026, 3, 23, 11, tzinfo=UTC)),
    ],
)
def test_the_day_is_over_where_the_customer_is(zone: str, over: datetime) -> None:
    case = replace(ELIGIBLE, time_zone=zone)
    assert status(OURS, OPEN, case.today(over - MOMENT)) == "open"
    assert status(OURS, OPEN, case.today(over)) == "late"


def test_done_has_a_day_that_has_come_and_is_done_once() -> None:
    today = NOW.date()
    done = progress.complete(OPEN, today, "Minutes.", "ana", today)
    assert (done.state, done.on, done.evidence, done.recorded_by) == ("done", today, "Minutes.", "ana")
    assert code(progress.complete, OPEN, today + timedelta(days=1), "Minutes.", "ana", today) == "in_the_future"
    assert code(progress.complete, done, today, "Minutes.", "ana", today) == "not_open"
    assert code(progress.waive, done, "No need.", "s-main", "ana", today) == "not_open"


def test_missed_is_only_what_was_due_and_can_still_be_done_or_waived() -> None:
    assert code(progress.miss, OPEN, DUE, "Cause.", "Evidence.", "ana", DUE) == "not_due"
    missed = progress.miss(OPEN, DUE, "Cause.", "Evidence.", "ana", DUE + timedelta(days=1))
    assert (missed.state, missed.cause, missed.evidence) == ("missed", "Cause.", "Evidence.")
    assert code(progress.miss, missed, DUE, "Cause.", "Evidence.", "ana", NOW.date()) == "not_open"
    done = progress.complete(missed, NOW.date(), "It is there now.", "ana", NOW.date())
    assert status(OURS, done, NOW.date()) == "late"
    assert done.cause == "Cause.", "why it was missed stays"
    assert progress.waive(missed, "No need.", "s-main", "ana", NOW.date()).state == "waived"


def test_only_ours_is_undeliverable_once_with_another_person_taking_note_and_the_customer_told() -> None:
    assert code(progress.give_up, OPEN, THEIRS, "Cause.", "ana", NOW) == "not_ours"
    given_up = progress.give_up(OPEN, OURS, "Cause.", "ana", NOW)
    assert code(progress.give_up, given_up, OURS, "Cause.", "ana", NOW) == "no_change"
    assert code(progress.acknowledge, OPEN, "mo", NOW) == "not_recorded"
    assert code(progress.tell, OPEN, NOW, NOW) == "not_recorded"
    assert code(progress.acknowledge, given_up, "ana", NOW) == "own_request"
    assert code(progress.tell, given_up, NOW - MOMENT, NOW) == "not_then"
    assert code(progress.tell, given_up, NOW + MOMENT, NOW) == "not_then"
    noted = progress.acknowledge(given_up, "mo", NOW + DAY)
    assert code(progress.acknowledge, noted, "xenia", NOW + DAY) == "no_change"
    told = progress.tell(noted, NOW, NOW + DAY)
    assert code(progress.tell, told, NOW, NOW + DAY) == "no_change"
    assert told.undeliverable is not None
    assert told.undeliverable.is_settled


def test_only_ours_that_is_owed_after_its_day_is_overdue_of_ours() -> None:
    both, after = (OURS, THEIRS), DUE + timedelta(days=1)
    assert overdue_of_ours(both, {}, DUE) == ()
    assert overdue_of_ours(both, {}, after) == (OURS,)
    assert overdue_of_ours(both, {"c-us": Progress("c-us", "missed", after)}, after) == (OURS,)
    assert overdue_of_ours(both, {"c-us": Progress("c-us", "done", after)}, after) == ()
