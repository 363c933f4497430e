"""The measures of the score: each turns a part of the signals into 0 (worst) to 100 (best), or knows nothing.

Weights by group are domain.md's start: usage 40, support 25, engagement 15, sentiment 10, commercial 10.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import fsum

from services.health_scoring.domain.signals import Signals

RECENT_DAYS = 14
BASELINE_DAYS = 84
BASELINE_MINIMUM_DAYS = 14
TICKET_LOAD = {"low": 1, "normal": 2, "high": 4, "urgent": 8}
SURVEY_RANGE = {"nps": (0.0, 10.0), "csat": (1.0, 5.0), "ces": (1.0, 7.0)}


@dataclass(frozen=True)
class Reading:
    """What a measure says now: 0 to 100, and a sentence that a CSM can say aloud."""

    value: float
    explanation: str


def _linear(value: float, worst: float, best: float) -> float:
    """Map `worst` to 0 and `best` to 100, straight between, bounded outside."""
    return max(0.0, min(100.0, 100.0 * (value - worst) / (best - worst)))


def usage_level(signals: Signals, now: datetime) -> Reading | None:
    """Use of the last 14 days against the 12 weeks before them, the mean over the customer's own metrics.

    30 % of the usual is 0, the usual or more is 100. Unknown until a metric has two weeks of baseline.
    """
    today = now.date()
    recent_from = today - timedelta(days=RECENT_DAYS)
    baseline_from = recent_from - timedelta(days=BASELINE_DAYS)
    ratios = []
    for by_day in signals.usage.values():
        baseline_days = [day for day in by_day if baseline_from <= day < recent_from]
        if not baseline_days:
            continue
        span = (recent_from - min(baseline_days)).days
        usual = fsum(by_day[day] for day in sorted(baseline_days)) / span
        if span < BASELINE_MINIMUM_DAYS or usual <= 0:
            continue
        recent = fsum(by_day[day] for day in sorted(by_day) if recent_from <= day < today) / RECENT_DAYS
        ratios.append(min(recent / usual, 1.0))
    if not ratios:
        return None
    ratio = fsum(sorted(ratios)) / len(ratios)
    return Reading(
        _linear(ratio, 0.3, 1.0), f"Usage is at {ratio:.0%} of its usual level (last 2 weeks against the 12 before)"
    )


def recency(signals: Signals, now: datetime) -> Reading | None:
    """Time since the last use: up to 3 days is 100, 21 days or more is 0."""
    if signals.last_used_at is None:
        return None
    days = max(0, (now - signals.last_used_at).days)
    spoken = {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")
    return Reading(_linear(days, 21, 3), f"The product was last used {spoken}")


def support_load(signals: Signals, now: datetime) -> Reading | None:  # noqa: ARG001  # every measure is asked alike
    """Open tickets by severity (low 1, normal 2, high 4, urgent 8; twice that when escalated): 12 or more is 0."""
    if not signals.announced:
        return None
    open_tickets = [ticket for ticket in signals.tickets if ticket.severity and not ticket.resolved]
    load = sum(TICKET_LOAD[ticket.severity or "low"] * (2 if ticket.escalated else 1) for ticket in open_tickets)
    urgent = sum(ticket.severity == "urgent" for ticket in open_tickets)
    escalated = sum(ticket.escalated for ticket in open_tickets)
    details = ", ".join(
        text for text, count in ((f"{urgent} urgent", urgent), (f"{escalated} escalated", escalated)) if count
    )
    noun = "ticket is" if len(open_tickets) == 1 else "tickets are"
    return Reading(_linear(load, 12, 0), f"{len(open_tickets)} support {noun} open" + (f" ({details})" * bool(details)))


def engagement(signals: Signals, now: datetime) -> Reading | None:
    """Meetings of the last 120 days that the customer kept, of those that we kept: half or less is 0."""
    since = now - timedelta(days=120)
    kept_by_us = [m for m in signals.meetings if m.at > since and m.outcome != "missed_by_us"]
    if not kept_by_us:
        return None
    held = sum(m.outcome == "held" for m in kept_by_us)
    missed = len(kept_by_us) - held
    return Reading(
        _linear(held / len(kept_by_us), 0.5, 1.0),
        f"The customer called off or missed {missed} of {len(kept_by_us)} meetings in the last 4 months",
    )


def sentiment(signals: Signals, now: datetime) -> Reading | None:
    """The latest survey of the last 365 days, over its kind's range."""
    recent = [s for s in signals.surveys if s.at > now - timedelta(days=365)]
    if not recent:
        return None
    latest = max(recent, key=lambda s: (s.at, s.kind, s.score))
    worst, best = SURVEY_RANGE[latest.kind]
    return Reading(
        _linear(latest.score, worst, best), f"The last survey ({latest.kind.upper()}) was {latest.score:g} of {best:g}"
    )


def payment(signals: Signals, now: datetime) -> Reading | None:
    """The oldest unpaid overdue invoice: 60 days late is 0."""
    if not signals.announced:
        return None
    if not signals.overdue:
        return Reading(100.0, "No invoice is overdue")
    late = max(0, (now.date() - min(signals.overdue)).days)
    noun = "invoice is" if len(signals.overdue) == 1 else "invoices are"
    return Reading(_linear(late, 60, 0), f"{len(signals.overdue)} {noun} overdue, the oldest by {late} days")


@dataclass(frozen=True)
class Measure:
    """A measure by its name, with its weight in the score (points of 100)."""

    name: str
    weight: int
    read: Callable[[Signals, datetime], Reading | None]


MEASURES = (
    Measure("usage_level", 25, usage_level),
    Measure("recency", 15, recency),
    Measure("support_load", 25, support_load),
    Measure("engagement", 15, engagement),
    Measure("sentiment", 10, sentiment),
    Measure("payment", 10, payment),
)
