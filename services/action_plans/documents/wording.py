"""Cadences, kinds and statuses in the words of a plan's documents."""

from collections.abc import Mapping

from services.action_plans.domain.expectation import ExpectationKind
from services.action_plans.domain.shared_plan import SharedCommitment
from services.action_plans.domain.terms import Cadence
from shared.documents.tree import Line
from shared.documents.wording import count, day

CADENCE: Mapping[Cadence, str] = {"weekly": "every week", "every_two_weeks": "every two weeks"}
KIND: Mapping[ExpectationKind, str] = {
    "outcome": "Outcome",
    "initiative": "Initiative",
    "expectation": "Expectation",
}


def put_off(days: int) -> str:
    """Return how a day has moved against the first agreement."""
    return f"put off by {count(days, 'day')}" if days > 0 else f"brought forward by {count(-days, 'day')}"


def status(one: SharedCommitment) -> Line:
    """Return how a commitment stands; the same words for either side."""
    on = f" on {day(one.on)}" if one.on else ""
    match one.status:
        case "done":
            return Line(f"Done{on}", "good")
        case "late" if one.on:
            return Line(f"Done {count(one.days_late, 'day')} late{on}", "bad")
        case "late":
            return Line(f"Late by {count(one.days_late, 'day')}", "bad")
        case "missed":
            return Line(f"Missed, recorded{on}", "bad")
        case "waived":
            return Line(f"Waived by both sides{on}", "quiet")
        case _:
            return Line("Open")
