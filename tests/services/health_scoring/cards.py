"""A small scorecard for tests, and what it measures."""

from datetime import datetime
from typing import Any

from services.health_scoring.domain.facts import Facts, Profile, Signal, Usage, seen
from services.health_scoring.domain.feeds import Feeds, feeds, hour_of
from services.health_scoring.domain.scorecard import (
    Aggregate,
    Group,
    Hold,
    Measure,
    Normalise,
    Rule,
    Scorecard,
    Source,
    Thresholds,
)

USES = Source(("UsageRecorded",))
TICKETS = Source(("TicketOpened",))
NPS = Source(("SurveyAnswered",), where={"kind": ("nps",)})
RISING = Normalise(((0.0, 0.0), (10.0, 100.0)))


def measure(name: str, source: Source, aggregate: Aggregate, normalise: Normalise = RISING, **more: Any) -> Measure:
    """A measure of weight 1 that says its value."""
    return Measure(
        name, **{"weight": 1, "says": "{value:g}", **more}, source=source, aggregate=aggregate, normalise=normalise
    )


LEVEL = measure("level", USES, Aggregate("sum", 14), Normalise(((0.3, 0.0), (1.0, 100.0)), baseline_days=84))
SURVEY = measure("survey", NPS, Aggregate("latest", 365))
LOAD = measure(
    "load",
    TICKETS,
    Aggregate("open_load", load={"normal": 2, "urgent": 8}, escalated=2),
    Normalise(((0.0, 100.0), (16.0, 0.0))),
)
SPONSOR = Rule("sponsor_left", "contact_left", "yellow", "risk", "gone", days=30, roles=("sponsor",))
SILENCE = Rule("silence", "silence", "red", "risk", "silent for {value:.0f} days", days=10)


def card(*groups: Group, rules: tuple[Rule, ...] = (), **more: Any) -> Scorecard:
    """A card with these groups: green from 70, yellow from 50."""
    given = groups or (Group("usage", 60, (LEVEL,)), Group("sentiment", 20, (SURVEY,)), Group("support", 20, (LOAD,)))
    return Scorecard(
        "test", 1, ("*",), given, **{"thresholds": (Thresholds(0, 7000, 5000),), "rules": rules, "hold": Hold(), **more}
    )


def usage(days: dict[int, float], now: datetime, hour: int = 9) -> Usage:
    """Use by days ago, each at this hour of the day."""
    first = now.toordinal()
    rows = sorted((first - ago, quantity) for ago, quantity in days.items())
    at = {day: datetime.fromordinal(day).replace(hour=hour, tzinfo=now.tzinfo) for day, _ in rows}
    return Usage.of(
        [day for day, _ in rows], [q for _, q in rows], [1] * len(rows), at, {day: f"u{day}" for day, _ in rows}
    )


def signal(type_: str, at: datetime, subject: str = "", **says: Any) -> Signal:
    """A support or relationship event."""
    return Signal(at, "tests", f"{type_}/{at.isoformat()}/{subject}", type_, subject, says)


def facts(now: datetime, *signals: Signal, days: dict[int, float] | None = None, **profile: Any) -> Facts:
    """A customer of two years with these signals, and use of one metric by days ago."""
    told = {"segment": "smb", "started_on": now.date().replace(year=now.year - 2), **profile}
    used = {"logins": usage(days, now)} if days else {}
    return Facts(Profile(**told), used, *seen([]), tuple(sorted(signals)))


def all_feeds(now: datetime, *, until: datetime | None = None) -> Feeds:
    """Feeds that have brought something every hour for a year, until the moment."""
    last = hour_of(until or now)
    hours = list(range(last - 365 * 24, last + 1))
    return feeds({(topic, "tests"): hours for topic in ("usage.v1", "support.v1", "relationship.v1")}, now)
