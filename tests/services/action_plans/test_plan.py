"""The plan through its versions: agreed is only what both sides accepted by the same content."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.action_plans.domain import plan as plans
from services.action_plans.domain.plan import Plan
from services.action_plans.domain.refusal import NotPossible
from services.action_plans.domain.terms import Terms, content_hash
from tests.services.action_plans.examples import DAY, NOW, TERMS

OTHER = replace(TERMS, purpose="Two thirds of the team use it weekly.")


def hash_of(terms: Terms) -> str:
    return content_hash("acme", "case", terms)


def proposed(plan: Plan = Plan(), terms: Terms = TERMS) -> Plan:  # noqa: B008  # it is frozen
    return plans.propose(plan, terms, hash_of(terms), "ana", NOW)


def accepted(plan: Plan, terms: Terms = TERMS, *sides: Any) -> Plan:
    for side in sides or ("us", "customer"):
        plan = plans.accept(plan, side, "ana" if side == "us" else "carla", hash_of(terms), NOW)
    return plan


def refused(function: Any, *args: Any, **more: Any) -> str:
    with pytest.raises(NotPossible) as why:
        function(*args, **more)
    assert why.value.unmet
    return why.value.code


def test_versions_are_numbered_and_the_draft_is_used_up() -> None:
    first = proposed(Plan(draft=TERMS))
    assert (first.versions, first.draft, first.proposed.number if first.proposed else 0) == (1, None, 1)
    second = proposed(first, OTHER)
    assert (second.versions, second.proposed.number if second.proposed else 0) == (2, 2), (
        "it takes the place of the first"
    )


def test_the_same_content_is_no_new_version_while_it_waits_or_is_agreed() -> None:
    assert refused(proposed, proposed()) == "no_change"
    assert refused(proposed, accepted(proposed())) == "no_change"
    again = proposed(plans.refuse(proposed(), "carla", "Not now.", NOW))
    assert again.versions == 2, "what was refused may be offered again"


@pytest.mark.parametrize("sides", [("us", "customer"), ("customer", "us")])
def test_agreed_once_both_sides_have_accepted_the_same_content(sides: Any) -> None:
    half = accepted(proposed(), TERMS, sides[0])
    assert half.agreed is None
    whole = accepted(half, TERMS, sides[1])
    assert whole.proposed is None
    assert whole.agreed is not None
    assert {one.content_hash for one in whole.agreed.acceptances} == {hash_of(TERMS)}
    assert whole.agreed.agreed_at == NOW


def test_nobody_accepts_what_they_have_not_seen_or_twice_or_nothing() -> None:
    assert refused(plans.accept, Plan(), "us", "ana", hash_of(TERMS), NOW) == "nothing_proposed"
    assert refused(plans.accept, proposed(), "us", "ana", hash_of(OTHER), NOW) == "other_content"
    assert refused(plans.accept, accepted(proposed(), TERMS, "us"), "us", "mo", hash_of(TERMS), NOW) == "no_change"
    superseded = proposed(accepted(proposed(), TERMS, "us"), OTHER)
    assert refused(plans.accept, superseded, "customer", "carla", hash_of(TERMS), NOW) == "other_content"
    assert superseded.proposed is not None
    assert superseded.proposed.acceptances == (), "a signature is of one content"


def test_the_first_agreed_version_stays_the_baseline_and_what_was_dropped_is_known() -> None:
    first = accepted(proposed())
    fewer = replace(OTHER, commitments=TERMS.commitments[:1], ends_on=date(2026, 6, 12))
    second = accepted(proposed(first, fewer), fewer)
    assert second.baseline == first.baseline
    assert second.baseline is not None
    assert second.baseline.ends_on == TERMS.ends_on
    assert second.retired == TERMS.commitments[1:]
    back = accepted(proposed(second, TERMS), TERMS)
    assert back.retired == (), "what is in the plan again is not dropped"


def test_refused_is_refused_until_another_version_comes() -> None:
    no = plans.refuse(proposed(), "carla", "It does not help us.", NOW)
    assert refused(plans.accept, no, "us", "ana", hash_of(TERMS), NOW) == "refused"
    assert refused(plans.refuse, no, "carla", "Still not.", NOW) == "refused"
    assert (
        refused(plans.leave_unanswered, no, NOW.date(), "Mail", "ana", proposed_on=NOW.date(), today=NOW.date())
        == "refused"
    )
    assert accepted(proposed(no, OTHER), OTHER).agreed is not None


def test_an_offer_is_of_a_day_since_the_version_was_proposed_and_not_of_one_that_was_answered() -> None:
    def offer(plan: Plan, on: date) -> Plan:
        today = (NOW + 5 * DAY).date()
        return plans.leave_unanswered(plan, on, "By telephone", "ana", proposed_on=NOW.date(), today=today)

    waiting = proposed()
    once = offer(waiting, NOW.date())
    assert refused(offer, once, NOW.date()) == "no_change"
    assert refused(offer, waiting, (NOW - DAY).date()) == "before_proposed"
    assert refused(offer, waiting, (NOW + 6 * DAY).date()) == "in_the_future"
    assert refused(offer, accepted(waiting, TERMS, "customer"), NOW.date()) == "answered"
    assert refused(offer, Plan(), NOW.date()) == "nothing_proposed"
    assert len(plans.unanswered(offer(once, (NOW + DAY).date()), None)) == 2
