"""The key players: how each sees it, and what stands in for an executive who stays away."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.action_plans.domain import players
from services.action_plans.domain.players import Attempt, Stakeholder, View
from services.action_plans.domain.refusal import NotPossible
from tests.services.action_plans.examples import ELIGIBLE, NOW

MAIN, EXECUTIVE, OURS = ELIGIBLE.stakeholders
TODAY = NOW.date()


def code(function: Any, *args: Any) -> str:
    with pytest.raises(NotPossible) as refused:
        function(*args)
    return refused.value.code


def seeing(player: Stakeholder, *views: tuple[int, date]) -> Stakeholder:
    return replace(player, views=tuple(View(fit, 3, "More.", on) for fit, on in views))


def test_views_lie_apart_by_the_newest_of_each() -> None:
    assert players.fit_spread((MAIN, EXECUTIVE)) == 0
    first = seeing(MAIN, (1, date(2026, 3, 1)), (4, date(2026, 4, 1)), (2, date(2026, 3, 15)))
    assert players.fit_spread((first,)) == 0
    assert players.fit_spread((first, seeing(EXECUTIVE, (2, TODAY)))) == 2 == players.DISAGREE
    changed = seeing(EXECUTIVE, (2, TODAY), (4, TODAY))
    assert players.fit_spread((first, changed)) == 0, "of one day the one that was recorded last"


def test_earlier_views_stay_and_none_is_of_a_day_ahead() -> None:
    seen = players.add_view(players.add_view(MAIN, 2, 3, "Less.", TODAY, TODAY), 4, 4, "More.", TODAY, TODAY)
    assert [view.fit for view in seen.views] == [2, 4]
    assert code(players.add_view, MAIN, 2, 3, "Less.", date(2026, 6, 2), TODAY) == "in_the_future"


@pytest.mark.parametrize(
    ("side", "role", "executive"),
    [
        ("customer", "executive", True),
        ("customer", "sponsor", True),
        ("customer", "main", False),
        ("customer", "affected", False),
        ("us", "executive", False),
        ("us", "sponsor", False),
    ],
)
def test_an_executive_contact_is_one_of_the_customers(side: Any, role: Any, executive: bool) -> None:
    assert players.is_executive(replace(MAIN, side=side, role=role)) is executive


def test_the_exception_is_asked_for_with_attempts_and_allowed_by_somebody_else_once() -> None:
    attempts = [Attempt(date(2026, 5, 2), "By telephone"), Attempt(date(2026, 5, 1), "By mail")]
    assert code(players.ask_exception, "ana", [], "Nobody answers.", TODAY, NOW) == "not_tried"
    ahead = [Attempt(date(2026, 6, 2), "By mail")]
    assert code(players.ask_exception, "ana", ahead, "Nobody answers.", TODAY, NOW) == "in_the_future"
    asked = players.ask_exception("ana", attempts, "Nobody answers.", TODAY, NOW)
    assert [one.on.day for one in asked.attempts] == [1, 2]
    assert code(players.allow_exception, None, "mo", "Go on.", NOW) == "not_asked"
    assert code(players.allow_exception, asked, "ana", "Go on.", NOW) == "own_request"
    allowed = players.allow_exception(asked, "mo", "Go on.", NOW)
    assert (allowed.allowed_by, allowed.manager_says) == ("mo", "Go on.")
    assert code(players.allow_exception, allowed, "xenia", "Go on.", NOW) == "no_change"
