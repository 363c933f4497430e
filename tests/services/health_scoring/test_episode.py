"""An episode is announced once, again when its reasons grow or it gets graver, and once more when it is over."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.health_scoring.domain.band import Standing
from services.health_scoring.domain.episode import Episode, Step, follow
from services.health_scoring.domain.reasons import Reason

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
WELL = Standing("green", NOW, None, None, grave=False, next_at=None)
WATCHED = replace(WELL, band="yellow", open_since=NOW, severity="watch")
AT_RISK = replace(WELL, band="red", open_since=NOW, severity="risk")
LOW, LATE = Reason("level", "Usage is low"), Reason("payment", "An invoice is late")
OPEN = Episode("e1", "watch", (LOW,))


def step(episode: Episode | None, standing: Standing, *reasons: Reason) -> Step:
    return follow(episode, standing, {reason.code for reason in reasons}, lambda: reasons, new_id="new")


def test_risk_is_announced_once_per_episode() -> None:
    opened = step(None, WATCHED, LOW)
    assert (opened.fact, opened.episode) == ("detected", Episode("new", "watch", (LOW,)))
    assert step(opened.episode, WATCHED, LOW) == Step(opened.episode)


def test_new_reason_updates_it_and_a_lost_one_does_not() -> None:
    grown = step(OPEN, WATCHED, LOW, LATE)
    assert (grown.fact, grown.episode) == ("updated", Episode("e1", "watch", (LOW, LATE)))
    assert step(grown.episode, WATCHED, LATE) == Step(grown.episode)


def test_severity_is_raised_and_never_lowered() -> None:
    raised = step(OPEN, AT_RISK, LOW)
    assert raised.episode is not None
    assert (raised.fact, raised.episode.severity) == ("updated", "risk")
    assert step(raised.episode, WATCHED, LOW) == Step(raised.episode)


def test_it_is_cleared_when_the_band_is_green_and_no_rule_holds() -> None:
    assert step(OPEN, WELL) == Step(None, "cleared")
    assert step(None, WELL) == Step(None)


@pytest.mark.parametrize("open_since", [None, NOW])
def test_unknown_neither_opens_nor_clears_it(open_since: datetime | None) -> None:
    unknown = replace(WELL, band="unknown", open_since=open_since, severity="watch" if open_since else None)
    assert step(OPEN, unknown, LOW, LATE) == Step(OPEN)
    assert step(None, unknown, LOW) == Step(None)


def test_rule_that_is_a_risk_by_itself_needs_no_score() -> None:
    late = replace(WELL, band="unknown", open_since=NOW, severity="risk", grave=True)
    assert step(None, late, LATE).fact == "detected"
