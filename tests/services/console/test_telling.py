"""Lines of the time line say what happened in people's words, and no ids."""

from typing import Any

import pytest

from services.console.telling import line_of
from tests.contracts.examples import BY_TYPE


def said(told: str, /, **changes: Any) -> str:
    """Return what the line of a golden example says, with what is changed."""
    fact: Any = BY_TYPE[told].kind.model_validate({**BY_TYPE[told].content, **changes})
    line = line_of(fact)
    assert line is not None
    return line.detail


def test_milestone_is_called_by_what_is_done() -> None:
    told = BY_TYPE["TransitionAnnounced"].content["transition"]
    (first, *_) = told["parts"]["timeline"]["milestones"]
    assert said("MilestoneDone", transition=told, about=first["milestone_id"]) == first["what"]


def test_version_is_called_so() -> None:
    assert said("PlanSubmitted", about="2").endswith("version 2")


def test_who_approved_is_not_said_twice() -> None:
    assert said("TransitionApproved", about="xenia", by="xenia") == ""


@pytest.mark.parametrize(("kind", "says"), [("data_returned", "data returned; Protocol 7."), ("other", "Protocol 7.")])
def test_teams_read_what_shows_that_a_milestone_is_reached(kind: str, says: str) -> None:
    assert said("MilestoneReached", kind=kind, evidence="Protocol 7.") == says
