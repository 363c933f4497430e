"""No document for the customer holds what is ours alone: made-up cases with a sentinel in every internal text."""

import re
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.action_plans.documents.kinds import KINDS
from services.action_plans.domain.case import Case
from services.action_plans.domain.sharing import shared
from services.action_plans.domain.terms import Terms
from tests.services.action_plans.plans import example, read
from tests.services.action_plans.planted import NAMES, NUMBER, SENTINEL, cases, moments, terms

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)
# What the relationship is never called where the customer reads; our own texts hold none of it.
UNSAID = ("terminat", "churn", "eligib", "health", "score", "at risk", "episode", "sentiment", "playbook")
thrown = given(cases(), moments(), st.none() | terms())


def is_leaked(text: str) -> bool:
    """Tell whether a sentinel is in a text, however it was broken into lines or wrapped into markup."""
    for said in (text.lower(), re.sub(r"<[^>]*>", "", text.lower())):
        if SENTINEL.lower() in re.sub(r"[^a-z]", "", said) or str(NUMBER) in re.sub(r"[^0-9]", "", said):
            return True
    return False


def holds_nothing_of_ours(case: Case, now: datetime, former: Terms | None) -> None:
    """Draw every kind of document of a case, and search all that can be read out of it."""
    plan = shared(case, NAMES, now, former=former)
    if plan is None:
        return
    for name, kind in KINDS.items():
        said = read(name, kind.render(plan))
        assert not is_leaked(said), name
        assert NAMES.us in said, f"{name} says nothing"


@thrown
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=SLOW)
def test_no_document_holds_what_is_ours_alone(case: Case, now: datetime, former: Terms | None) -> None:
    holds_nothing_of_ours(case, now, former)


@pytest.mark.soak
@thrown
@settings(max_examples=10_000, deadline=None, suppress_health_check=SLOW)
def test_no_document_of_ten_thousand_holds_what_is_ours_alone(case: Case, now: datetime, former: Terms | None) -> None:
    holds_nothing_of_ours(case, now, former)


def test_sentinel_is_found_however_it_is_broken() -> None:
    assert is_leaked(f"<td>{'<wbr>'.join(SENTINEL[:3])}**{SENTINEL[3:]}**")
    assert is_leaked("\n".join(SENTINEL))
    assert is_leaked(f"{NUMBER:,}")
    assert not is_leaked(str(example()))


@pytest.mark.parametrize("kind", KINDS)
def test_our_own_words_say_nothing_of_risk_or_ending(kind: str) -> None:
    said = read(kind, KINDS[kind].render(example())).lower()
    assert [word for word in UNSAID if word in said] == []
