"""No document for the customer holds what is ours alone: made-up cases with a sentinel in every internal text."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.action_plans.documents import markdown
from services.action_plans.documents.content import document_of
from services.action_plans.documents.kinds import KINDS
from services.action_plans.domain.shared_plan import SharedPlan
from services.action_plans.domain.sharing import shared
from tests.services.action_plans.made_up import MARK, SENTINEL, Planter, is_leaked
from tests.services.action_plans.plans import example, read

NOW = datetime(2026, 3, 30, 9, tzinfo=UTC)
SEEDS = st.integers(0, 2**64)
# What the relationship is never called where the customer reads; our own texts hold none of it.
UNSAID = ("terminat", "churn", "eligib", "health", "score", "at risk", "episode", "sentiment", "playbook")


def plan_of(seed: int) -> SharedPlan | None:
    """Return the shared plan of a made-up case, None where it has none."""
    planter = Planter(seed)
    case = planter.case()
    versions = (case.plan.proposed, case.plan.agreed)
    former = next((one.terms for one in versions if one is not None), None)
    return shared(case, planter.names(), NOW, former=former)


def search(seed: int) -> None:
    """Draw every kind of a made-up case's plan, and search it."""
    plan = plan_of(seed)
    if plan is None:
        return
    for name, kind in KINDS.items():
        said = read(name, kind.render(plan))
        assert not is_leaked(said), f"{name} of seed {seed}"
        assert MARK in said, f"{name} of seed {seed} says nothing"


@given(SEEDS)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_no_document_holds_what_is_ours_alone(seed: int) -> None:
    search(seed)


@pytest.mark.soak
@given(SEEDS)
@settings(max_examples=10_000, deadline=None)
def test_no_document_of_ten_thousand_holds_what_is_ours_alone(seed: int) -> None:
    search(seed)


def test_sentinels_are_planted_and_found() -> None:
    case = Planter(4).case()
    assert str(case).count(SENTINEL) > 50
    assert is_leaked(f"as it stands {SENTINEL}")
    broken = "\n".join(SENTINEL)
    assert is_leaked(f"<td>q<wbr>z**x** {broken}")
    assert not is_leaked(str(example()))


@pytest.mark.parametrize("kind", KINDS)
def test_our_own_words_say_nothing_of_risk_or_ending(kind: str) -> None:
    said = read(kind, KINDS[kind].render(example())).lower()
    assert [word for word in UNSAID if word in said] == []


def test_no_id_of_ours_is_in_the_document() -> None:
    plan = next(plan for seed in range(100) if (plan := plan_of(seed)) and plan.commitments and plan.reviews)
    said = markdown.render(document_of(plan))
    keys = [one.key for one in plan.commitments] + [one.key for one in plan.reviews]
    assert not any(key in said for key in keys)
