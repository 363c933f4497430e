"""What the clock tells: each thing at its time, once, and never later than the clock was told to look."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.action_plans.domain import review
from services.action_plans.domain.case import Case, Ending
from services.action_plans.domain.due import alarms, look
from services.action_plans.domain.eligibility import changes_at
from services.action_plans.domain.review import Review
from services.action_plans.sweeping import pass_time
from shared.database import Transaction
from tests.services.action_plans.examples import (
    DAY,
    ELIGIBLE,
    HOUR,
    MOMENT,
    NOW,
    OPENED,
    TERMS,
    agreed_plan,
    unmet,
)
from tests.services.action_plans.generated import MOMENTS, cases

QUIET = replace(ELIGIBLE, failure=None, reviews=(), progress=(), plan=replace(ELIGIBLE.plan, agreed=None))


def passed(case: Case, now: datetime) -> tuple[Case, list[str]]:
    """Let the clock look; returns the case after it, and what was told."""
    decided = pass_time(case, Transaction(None, "action_plans", now))
    return decided.case, [one.kind.__name__ for one in decided.facts]


def told(case: Case, begins: datetime, ends: datetime) -> list[tuple[str, datetime]]:
    """Let the clock look at every moment at which it wants to; returns what was told, and when."""
    found, now = [], begins
    while now <= ends:
        case, kinds = passed(case, now)
        found += [(kind, now) for kind in kinds]
        later = look(case, now).next_at
        if later is None:
            break
        now = max(later, now + MOMENT)
    return found


def test_a_review_is_told_a_day_ahead_and_raised_after_3_and_7_days() -> None:
    at = datetime(2026, 4, 1, 8, tzinfo=UTC)
    assert told(replace(QUIET, reviews=(Review("r-1", at),)), OPENED, NOW) == [
        ("ReviewDue", at - DAY),
        ("ReviewOverdue", at + 3 * DAY),
        ("ReviewOverdue", at + 7 * DAY),
    ]
    levels = [one.level for one in alarms(replace(QUIET, reviews=(Review("r-1", at),))) if "overdue" in one.kind]
    assert levels == ["csm", "manager"]


def test_a_commitment_is_told_3_days_ahead_and_late_the_morning_after_by_the_customers_clock() -> None:
    case = replace(QUIET, plan=agreed_plan(replace(TERMS, commitments=TERMS.commitments[:1])))
    assert told(case, OPENED, NOW) == [
        ("CommitmentDue", datetime(2026, 3, 20, 7, tzinfo=UTC)),  # 8 o'clock in Berlin
        ("CommitmentLate", datetime(2026, 3, 24, 7, tzinfo=UTC)),
    ]
    auckland = replace(case, time_zone="Pacific/Auckland")
    assert told(auckland, OPENED, NOW)[0] == ("CommitmentDue", datetime(2026, 3, 19, 19, tzinfo=UTC))


def test_no_talk_a_week_after_the_risk_and_one_that_nobody_recorded() -> None:
    silent = replace(QUIET, conversations=())
    assert told(silent, OPENED, NOW) == [("ConversationDue", OPENED + 7 * DAY)]
    planned = replace(ELIGIBLE.conversations[0], state="planned", held_at=None)
    assert told(replace(QUIET, conversations=(planned,)), OPENED, NOW) == [
        ("ConversationDue", planned.planned_for + 3 * DAY)
    ]


def test_a_meeting_that_was_moved_is_told_anew() -> None:
    at = datetime(2026, 4, 1, 8, tzinfo=UTC)
    case, kinds = passed(replace(QUIET, reviews=(Review("r-1", at),)), at - HOUR)
    assert kinds == ["ReviewDue"]
    assert passed(case, at - HOUR)[1] == [], "once"
    moved = replace(case, reviews=(review.move(case.reviews[0], at + 5 * DAY, "customer", at - HOUR),))
    assert passed(moved, at + 4 * DAY - MOMENT)[1] == []
    assert passed(moved, at + 4 * DAY)[1] == ["ReviewDue"]


def test_what_comes_too_late_is_not_told_any_more() -> None:
    """After a long outage nobody hears that a review of last month is tomorrow."""
    at = datetime(2026, 4, 1, 8, tzinfo=UTC)
    case = replace(QUIET, reviews=(Review("r-1", at),))
    assert passed(case, at - MOMENT)[1] == ["ReviewDue"]
    assert passed(case, at)[1] == []
    assert passed(case, at + 30 * DAY)[1] == ["ReviewOverdue", "ReviewOverdue"]
    late = replace(QUIET, plan=agreed_plan(replace(TERMS, commitments=TERMS.commitments[:1])))
    assert passed(late, NOW)[1] == ["CommitmentLate"]


def test_nothing_is_told_of_a_case_that_is_over_or_failed_and_nothing_twice_when_it_goes_on() -> None:
    at = datetime(2026, 4, 1, 8, tzinfo=UTC)
    case, _ = passed(replace(QUIET, reviews=(Review("r-1", at),)), at - DAY)
    over = replace(case, ending=Ending("lost", "They left.", at))
    assert (passed(over, NOW)[1], look(over, at).next_at) == ([], None)
    failed, kinds = passed(replace(case, failure=replace(ELIGIBLE.failure, at=at)), at + 5 * DAY)  # type: ignore[type-var]
    assert kinds == []
    assert passed(replace(case, announced_at=at), at + 5 * DAY)[1] == [], "nor once its ending is announced"
    resumed = replace(failed, failure=None)
    assert passed(resumed, at - HOUR)[1] == [], "the reminder was told before it failed"
    assert passed(resumed, at + 5 * DAY)[1] == ["ReviewOverdue"]


def test_what_is_told_is_a_revision_and_what_is_not_changes_nothing() -> None:
    at = datetime(2026, 4, 1, 8, tzinfo=UTC)
    case = replace(QUIET, reviews=(Review("r-1", at),), reminded=("review_due/gone@then",))
    assert passed(case, at - 2 * DAY)[0] == case
    after = passed(case, at - DAY)[0]
    assert after.revision == case.revision + 1
    assert after.reminded == (f"review_due/r-1@{at.isoformat()}",), "what is no alarm any more is forgotten"


@settings(deadline=None, max_examples=300, suppress_health_check=list(HealthCheck))
@given(case=cases(), now=MOMENTS, share=st.floats(0, 1))
def test_the_clock_never_has_to_look_sooner_than_it_was_told_to(case: Case, now: datetime, share: float) -> None:
    case, _ = passed(case, now)
    later = look(case, now).next_at
    assert look(case, now).ripe == ()
    ends = later or NOW + 90 * DAY
    assert ends > now, "else it would look again and again"
    moments = {one.at for one in alarms(case)} | {*changes_at(case), now + (ends - now) * share, ends - MOMENT}
    for moment in (moment for moment in moments if now <= moment < ends):
        assert passed(case, moment) == (case, [])
        assert unmet(case, moment) == unmet(case, now)
