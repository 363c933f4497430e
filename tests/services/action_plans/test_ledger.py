"""The fairness ledger: both sides counted alike, ours as plainly as theirs."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Literal

from hypothesis import HealthCheck, given, settings

from services.action_plans.domain.case import Case, Ending
from services.action_plans.domain.conversation import Move
from services.action_plans.domain.ledger import Ledger, SideLedger, ledger
from services.action_plans.domain.progress import Progress, Undeliverable
from services.action_plans.domain.terms import Commitment, Terms
from tests.services.action_plans.examples import (
    DAY,
    ELIGIBLE,
    NOW,
    TERMS,
    agreed_plan,
    baseline,
    monday,
    review,
    talk,
    version,
    with_progress,
)
from tests.services.action_plans.generated import cases

Side = Literal["us", "customer"]


def other(side: Any) -> Any:
    """Return the other side."""
    return {"us": "customer", "customer": "us"}.get(side)


def swapped_meetings(meetings: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(
        replace(
            one, missed_by=other(one.missed_by), moves=tuple(replace(move, by=other(move.by)) for move in one.moves)
        )
        for one in meetings
    )


def swapped_commitments(commitments: tuple[Commitment, ...]) -> tuple[Commitment, ...]:
    return tuple(replace(one, side=other(one.side)) for one in commitments)


def swapped(case: Case) -> Case:
    """Return the case in which each side did what the other one did."""
    agreed = case.plan.agreed
    if agreed is not None:
        terms: Terms = replace(agreed.terms, commitments=swapped_commitments(agreed.terms.commitments))
        agreed = replace(agreed, terms=terms)
    plan = replace(case.plan, agreed=agreed, retired=swapped_commitments(case.plan.retired))
    talks, reviews = swapped_meetings(case.conversations), swapped_meetings(case.reviews)
    return replace(case, plan=plan, conversations=talks, reviews=reviews)


def swapped_ledger(known: Ledger) -> Ledger:
    slippage = tuple(replace(one, side=other(one.side)) for one in known.slippage)
    us, customer = replace(known.customer, side="us"), replace(known.us, side="customer")
    return Ledger(us, customer, slippage, known.frame_slipped_days)


@settings(deadline=None, max_examples=200, suppress_health_check=list(HealthCheck))
@given(case=cases())
def test_each_side_is_counted_as_the_other_would_be(case: Case) -> None:
    assert ledger(swapped(case), NOW) == swapped_ledger(ledger(case, NOW))


def test_the_counts_of_both_sides() -> None:
    both: tuple[Side, Side] = ("us", "customer")
    commitments = tuple(
        Commitment(f"{side}-{number}", side, "What.", "who", date(2026, 5, 20 + number), "Done.")
        for side in both
        for number in range(6)
    )
    given_up = Undeliverable("It was never built.", "ana", NOW)
    progress = (
        Progress("us-0", "done", date(2026, 5, 20)),  # by its day
        Progress("us-1", "done", date(2026, 5, 24)),  # 3 days late
        Progress("us-2", "missed", date(2026, 5, 23), undeliverable=given_up),  # 10 days by NOW
        Progress("us-3", "waived", date(2026, 5, 30)),
        # us-4 was due on 24 May: open, and 8 days late by NOW
        Progress("customer-0", "done", date(2026, 5, 21)),  # 1 day late
    )
    case = replace(
        ELIGIBLE,
        plan=agreed_plan(replace(TERMS, commitments=commitments)),
        progress=progress,
        conversations=(talk(1, NOW, moves=(Move("us", NOW, NOW), Move("customer", NOW, NOW))),),
        reviews=(review(1, monday(1), "us"), review(2, monday(2), "customer", moves=(Move("customer", NOW, NOW),))),
    )
    found = ledger(case, NOW)
    assert found.us == SideLedger("us", 6, 1, 3, 1, 1, 0, 3 + 10 + 8 + 7, 1, 1, 1)
    assert found.customer == SideLedger("customer", 6, 0, 6, 0, 0, 0, 1 + 11 + 10 + 9 + 8 + 7, 0, 1, 2)


def test_slippage_is_against_the_first_agreed_version() -> None:
    moved = tuple(replace(one, due_on=one.due_on + timedelta(days=7)) for one in TERMS.commitments)
    new = Commitment("c-new", "us", "One more.", "ana", date(2026, 6, 1), "Done.")
    second = replace(TERMS, commitments=(*moved, new), ends_on=TERMS.ends_on + timedelta(days=14))
    plan = replace(agreed_plan(second), agreed=version(second, 2), baseline=baseline(version()))
    found = ledger(replace(ELIGIBLE, plan=plan), NOW)
    assert [(one.commitment_id, one.side, one.days) for one in found.slippage] == [
        ("c-us", "us", 7),
        ("c-them", "customer", 7),
    ]
    assert found.frame_slipped_days == 14


def test_what_both_sides_dropped_counts_only_where_something_came_of_it() -> None:
    old = (replace(TERMS.commitments[0], commitment_id="old-1"), replace(TERMS.commitments[0], commitment_id="old-2"))
    case = with_progress(ELIGIBLE, Progress("old-1", "missed", NOW.date()))
    case = replace(case, plan=replace(case.plan, retired=old))
    assert ledger(case, NOW).us.commitments == ledger(ELIGIBLE, NOW).us.commitments + 1
    assert ledger(case, NOW).us.missed == 1


def test_the_ledger_of_a_case_that_is_over_stands_still() -> None:
    case = replace(ELIGIBLE, ending=Ending("lost", "They left.", NOW))
    assert ledger(case, NOW + 30 * DAY) == ledger(case, NOW)
    assert ledger(ELIGIBLE, NOW + 30 * DAY) != ledger(ELIGIBLE, NOW)
