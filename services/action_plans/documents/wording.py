"""Days, times, counts and statuses in the words of documents."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.action_plans.documents.tree import Line
from services.action_plans.domain.expectation import ExpectationKind
from services.action_plans.domain.shared_plan import SharedCommitment
from services.action_plans.domain.terms import Cadence

CADENCE: Mapping[Cadence, str] = {"weekly": "every week", "every_two_weeks": "every two weeks"}
KIND: Mapping[ExpectationKind, str] = {
    "outcome": "Outcome",
    "initiative": "Initiative",
    "expectation": "Expectation",
}


def day(value: date) -> str:
    """Return a day as people write it: 9 March 2026."""
    return f"{value.day} {value:%B %Y}"


def weekday(value: date) -> str:
    """Return a day with its name: Monday 9 March 2026."""
    return f"{value:%A} {day(value)}"


def clock(value: datetime, time_zone: str) -> str:
    """Return the time of day in a time zone, which is said elsewhere: 10:00."""
    return f"{value.astimezone(ZoneInfo(time_zone)):%H:%M}"


def moment(value: datetime, time_zone: str) -> str:
    """Return day and time in a time zone."""
    return f"{day(local_day(value, time_zone))}, {clock(value, time_zone)}"


def local_day(value: datetime, time_zone: str) -> date:
    """Return the day of a moment in a time zone."""
    return value.astimezone(ZoneInfo(time_zone)).date()


def count(number: int, what: str) -> str:
    """Return a number of things: 1 day, 2 days."""
    return f"{number} {what}{'' if number == 1 else 's'}"


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
