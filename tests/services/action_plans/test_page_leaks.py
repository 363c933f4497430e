"""The page never shows private notes, scores, words of risk or anything else that is ours alone."""

import re
from datetime import datetime
from html import unescape

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from services.action_plans.domain.case import Case
from services.action_plans.domain.sharing import shared
from services.action_plans.domain.terms import Terms
from services.action_plans.page.rendering import Reader, plan_page
from services.action_plans.page.words import NOTICES, Notice
from tests.services.action_plans.planted import NAMES, NUMBER, SENTINEL, cases, moments, terms

OURS = re.compile(
    r"terminat|\bend(ing)? (the|this|our) (relationship|contract)|\brisk|at_risk|\bscore|\bhealth|\bchurn|eligib|"
    r"checklist|\bfail|\bred\b|\byellow\b|\bband\b|sentiment|dossier|\bepisode|\bplaybook|escalat",
    re.IGNORECASE,
)
SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)
notices = st.sampled_from([None, *NOTICES.values()])


def seen(case: Case, now: datetime, former: Terms | None, notice: Notice | None, *, has_code: bool) -> str:
    """Return the page of a case as its source, empty where it has none."""
    plan = shared(case, NAMES, now, former=former)
    return plan_page(plan, Reader("t" * 43, "Carla Main", has_code), notice) if plan is not None else ""


def shows_nothing_of_ours(
    case: Case, now: datetime, former: Terms | None, notice: Notice | None, has_code: bool
) -> None:
    """What is internal is found nowhere in the page: not in its text, not in an attribute, not in a comment."""
    page = seen(case, now, former, notice, has_code=has_code)
    assert SENTINEL not in page
    assert str(NUMBER) not in page.replace(",", "")
    words = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page)))
    assert not OURS.search(words), OURS.search(words)
    assert not OURS.search(" ".join(re.findall(r'(?:class|id|name)="([^"]*)"', page)))


thrown = given(cases(), moments(), st.none() | terms(), notices, st.booleans())


@settings(max_examples=100, deadline=None, suppress_health_check=SLOW)
@thrown
def test_page_shows_nothing_of_ours(
    case: Case, now: datetime, former: Terms | None, notice: Notice | None, has_code: bool
) -> None:
    shows_nothing_of_ours(case, now, former, notice, has_code)


@pytest.mark.soak
@settings(max_examples=10_000, deadline=None, suppress_health_check=SLOW)
@thrown
def test_page_shows_nothing_of_ours_ten_thousand_times(
    case: Case, now: datetime, former: Terms | None, notice: Notice | None, has_code: bool
) -> None:
    shows_nothing_of_ours(case, now, former, notice, has_code)


@pytest.mark.parametrize(
    "word",
    [
        "commitment is-",
        "is-dropped",
        "review is-held",
        "There:",
        "Decided",
        "We cannot do it",
        "proposes a change",
        "Carla Main</dd>",
        "somebody at",
    ],
)
def test_all_that_is_to_be_shown_is_thrown_too(word: str) -> None:
    """What is never shown leaks nothing."""
    find(
        st.tuples(cases(), moments()),
        lambda one: word in seen(one[0], one[1], None, None, has_code=True),
        settings=settings(max_examples=2000, database=None, phases=[Phase.generate], suppress_health_check=SLOW),
    )
