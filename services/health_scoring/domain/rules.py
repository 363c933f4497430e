"""Risk rules: what is a risk by itself, whatever the score, and acts at once while it holds."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.health_scoring.domain.aggregate import onboarding_overdue
from services.health_scoring.domain.facts import Facts, midnight
from services.health_scoring.domain.feeds import Feeds
from services.health_scoring.domain.scorecard import HORIZON_DAYS, Rule, Scorecard

USED_BEFORE_DAYS = 5  # days of use that make later silence worth a word


@dataclass(frozen=True)
class Alarm:
    """A rule that holds: by how much, and the ids of the events that tell so."""

    rule: Rule
    value: float
    evidence: tuple[str, ...] = ()


def alarms(
    card: Scorecard, facts: Facts, feeds: Feeds, at: datetime, fall: Callable[[int], int | None]
) -> tuple[Alarm, ...]:
    """Return the rules that hold at the moment. fall: by how many hundredths the score is below that of days ago."""
    found = [_of_fall(rule, fall(rule.days)) if rule.kind == "fall" else _OF[rule.kind](rule, facts, feeds, at)
             for rule in card.rules]  # fmt: skip
    return tuple(alarm for alarm in found if alarm is not None)


def _of_fall(rule: Rule, fall: int | None) -> Alarm | None:
    return Alarm(rule, fall / 100) if fall is not None and fall >= rule.points else None


def _contact_left(rule: Rule, facts: Facts, feeds: Feeds, at: datetime) -> Alarm | None:  # noqa: ARG001
    since = midnight(at.toordinal() - rule.days)
    roles = facts.profile.contacts if facts.profile else {}
    gone = [
        signal
        for signal in facts.by_type.get("ContactLeft", ())
        if since <= signal.at <= at and roles.get(signal.subject) in rule.roles
    ]
    return Alarm(rule, len(gone), tuple(signal.event_id for signal in reversed(gone))) if gone else None


def _open_tickets(rule: Rule, facts: Facts, feeds: Feeds, at: datetime) -> Alarm | None:
    if "support.v1" in feeds.state(at).stopped:
        return None
    still = [ticket for ticket in facts.tickets if ticket.severity in rule.severities and ticket.is_open(at)]
    if len(still) < rule.count:
        return None
    return Alarm(rule, len(still), tuple(ticket.opened.event_id for ticket in reversed(still)))


def _silence(rule: Rule, facts: Facts, feeds: Feeds, at: datetime) -> Alarm | None:
    if "usage.v1" in feeds.state(at).stopped:
        return None  # a dead feed is not a silent customer
    today = at.toordinal()
    if facts.used_on(today, at):
        return None
    last = facts.used.last(today - HORIZON_DAYS, today)
    if last is None or today - last < rule.days:
        return None
    if facts.used.between(today - HORIZON_DAYS, today).bit_count() < USED_BEFORE_DAYS:
        return None
    ids = [use.last_ids[last] for use in facts.usage.values() if last in use.last_ids]
    return Alarm(rule, today - last, (max(ids),) if ids else ())


def _onboarding_overdue(rule: Rule, facts: Facts, feeds: Feeds, at: datetime) -> Alarm | None:  # noqa: ARG001
    late = onboarding_overdue(facts, at)
    return Alarm(rule, late) if late is not None and late >= rule.days else None


_OF: dict[str, Callable[[Rule, Facts, Feeds, datetime], Alarm | None]] = {
    "contact_left": _contact_left,
    "open_tickets": _open_tickets,
    "silence": _silence,
    "onboarding_overdue": _onboarding_overdue,
}
