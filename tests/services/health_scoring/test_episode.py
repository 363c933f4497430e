"""An episode is announced once, raised but not lowered, and cleared only by green."""

import pytest

from services.health_scoring.domain.episode import Episode, follow
from services.health_scoring.domain.score import Health, Reason

LOW_USAGE, TICKETS = Reason("usage_level", "Usage fell"), Reason("support_load", "Tickets are open")


def health(band: str, *reasons: Reason, rule: bool = False) -> Health:
    return Health(50_00, band, 1.0, (), reasons, rule)


def test_yellow_opens_a_watch_and_red_a_risk() -> None:
    watch = follow(None, health("yellow", LOW_USAGE), new_id="e")
    risk = follow(None, health("red", LOW_USAGE), new_id="e")
    assert (watch.fact, watch.episode) == ("detected", Episode("e", "watch", (LOW_USAGE,)))
    assert (risk.fact, risk.episode) == ("detected", Episode("e", "risk", (LOW_USAGE,)))


def test_risk_is_announced_once() -> None:
    first = follow(None, health("red", LOW_USAGE), new_id="e")
    again = follow(first.episode, health("red", LOW_USAGE), new_id="f")
    assert again.fact is None
    assert again.episode == first.episode


def test_new_reason_updates_and_red_raises_a_watch() -> None:
    watch = Episode("e", "watch", (LOW_USAGE,))
    added = follow(watch, health("yellow", LOW_USAGE, TICKETS), new_id="f")
    raised = follow(watch, health("red", LOW_USAGE), new_id="f")
    assert (added.fact, added.episode) == ("updated", Episode("e", "watch", (LOW_USAGE, TICKETS)))
    assert (raised.fact, raised.episode) == ("updated", Episode("e", "risk", (LOW_USAGE,)))


def test_risk_is_not_lowered_while_it_lasts() -> None:
    step = follow(Episode("e", "risk", (LOW_USAGE,)), health("yellow", LOW_USAGE), new_id="f")
    assert step.fact is None
    assert step.episode == Episode("e", "risk", (LOW_USAGE,))


@pytest.mark.parametrize("before", [None, Episode("e", "risk", (LOW_USAGE,))])
def test_unknown_neither_opens_nor_clears(before: Episode | None) -> None:
    step = follow(before, health("unknown", TICKETS), new_id="f")
    assert (step.fact, step.episode) == (None, before)


def test_green_clears_unless_a_rule_holds() -> None:
    open_one = Episode("e", "risk", (LOW_USAGE,))
    assert follow(open_one, health("green"), new_id="f").fact == "cleared"
    assert follow(open_one, health("green", TICKETS, rule=True), new_id="f").fact == "updated"


def test_rule_alone_opens_a_risk() -> None:
    step = follow(None, health("green", TICKETS, rule=True), new_id="e")
    assert step.episode == Episode("e", "risk", (TICKETS,))
