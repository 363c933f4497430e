"""From facts to numbers: the value of a measure at a moment, and the same over the blocks before it.

Of usage the complete UTC days count: no saw-tooth within the day, and the value of any past day stays what it was.
Of other events the days before today and today so far.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import datetime
from math import ceil, fsum
from typing import NamedTuple

from services.health_scoring.domain.facts import NO_USE, Facts, Signal, midnight
from services.health_scoring.domain.scorecard import HORIZON_DAYS, Aggregate, Measure, Source

EVIDENCE = 5  # ids named at most


class Number(NamedTuple):
    """A value, how many days old the newest event behind it is (None: does not age), and the ids of the newest."""

    value: float
    age_days: int | None = None
    evidence: tuple[str, ...] = ()


def number(measure: Measure, facts: Facts, at: datetime, *, full: bool = False) -> Number | None:
    """Return the measure's value at the moment, None where there is nothing to measure.

    Of usage the newest event and its age are looked for only if they are needed, or `full` asks for them.
    """
    found = _OF[measure.aggregate.kind](measure.source, measure.aggregate, facts, at)
    if found is None:
        return None
    ages = measure.stale_days is not None or measure.half_life_days is not None
    if _uses_usage(measure.source) and (full or ages):
        last = _last_use(measure.source, facts, at)
        ids = (last[1],) if last and last[1] else ()
        found = Number(found.value, at.toordinal() - last[0], ids) if last else found
    if not measure.aggregate.per_seat:
        return found
    seats = facts.profile.seats if facts.profile else None
    return Number(found.value / seats, found.age_days, found.evidence) if seats else None


def metrics(source: Source, facts: Facts) -> list[str]:
    """Return the metrics that the source means, in order."""
    return [metric for metric in facts.usage if source.metric in ("*", metric)]


def matches(source: Source, signal: Signal) -> bool:
    """Tell whether the source means this signal."""
    return all(str(signal.says.get(name)) in allowed for name, allowed in source.where.items())


def signals(source: Source, facts: Facts, start: int, at: datetime) -> list[Signal]:
    """Return the signals that the source means, from the beginning of day `start` until the moment, in order."""
    found, moments = facts.matching(source, source.events, lambda signal: matches(source, signal))
    return found[bisect_left(moments, midnight(start)) : bisect_right(moments, at)]


def _of_signals(value: float, found: list[Signal], at: datetime) -> Number:
    """Return the value with the age and the ids of the newest of these signals, which are in order."""
    if not found:
        return Number(value)
    newest = tuple(signal.event_id for signal in found[: -EVIDENCE - 1 : -1])
    return Number(value, at.toordinal() - found[-1].day, newest)


def _uses_usage(source: Source) -> bool:
    return "UsageRecorded" in source.events


def _last_use(source: Source, facts: Facts, at: datetime) -> tuple[int, str | None] | None:
    """Return the day of the last use by the moment and an event of it, None without use within the horizon."""
    last = [(day, facts.usage[metric]) for metric in metrics(source, facts) if (day := last_day(facts, metric, at))]
    if not last:
        return None
    day = max(day for day, _ in last)
    return day, max((use.last_ids[day] for _, use in last if day in use.last_ids), default=None)


def last_day(facts: Facts, metric: str, at: datetime) -> int | None:
    """Return the last day of use of the metric by the moment, None if there is none within the horizon."""
    day = facts.usage[metric].last_day(at)
    return day if day is not None and day >= at.toordinal() - HORIZON_DAYS else None


def _began(source: Source, facts: Facts, at: datetime) -> bool:
    """Tell whether something of it was used on a complete day before today, within the horizon."""
    today = at.toordinal()
    return any(facts.usage[metric].was_used(today - HORIZON_DAYS, today) for metric in metrics(source, facts))


def _sum(source: Source, how: Aggregate, facts: Facts, at: datetime) -> Number | None:
    if not _began(source, facts, at):
        return None
    today = at.toordinal()
    total = fsum(facts.usage[metric].quantity(today - how.days, today) for metric in metrics(source, facts))
    return Number(total)


def _count(source: Source, how: Aggregate, facts: Facts, at: datetime) -> Number | None:
    today = at.toordinal()
    if _uses_usage(source):
        if not _began(source, facts, at):
            return None
        return Number(sum(facts.usage[metric].count(today - how.days, today) for metric in metrics(source, facts)))
    found = signals(source, facts, today - how.days, at)
    return _of_signals(len(found), found, at)


def days_used(source: Source, facts: Facts, start: int, end: int) -> int:
    """Return on how many days of `start` up to, without, `end` something was used."""
    days = facts.used if source.metric == "*" else facts.usage.get(source.metric, NO_USE).seen
    return days.between(start, end).bit_count()


def users(facts: Facts, start: int, end: int) -> int:
    """Return how many different users were seen from day `start` up to, without, `end`."""
    low, high = max(0, start - facts.users_from), max(0, end - facts.users_from)
    mask = (1 << high) - (1 << low)
    return len([seen for seen in facts.users.values() if seen & mask])


def metrics_used(source: Source, facts: Facts, start: int, end: int) -> int:
    """Return how many different metrics were used from day `start` up to, without, `end`."""
    return sum(facts.usage[metric].was_used(start, end) for metric in metrics(source, facts))


def _active_days(source: Source, how: Aggregate, facts: Facts, at: datetime) -> Number | None:
    if not _began(source, facts, at):
        return None
    today = at.toordinal()
    return Number(days_used(source, facts, today - how.days, today))


def _distinct_users(source: Source, how: Aggregate, facts: Facts, at: datetime) -> Number | None:  # noqa: ARG001
    today = at.toordinal()
    if not users(facts, today - HORIZON_DAYS, today):
        return None  # no user is ever named: nothing to count
    return Number(users(facts, today - how.days, today))


def _distinct_metrics(source: Source, how: Aggregate, facts: Facts, at: datetime) -> Number | None:
    if not _began(source, facts, at):
        return None
    today = at.toordinal()
    return Number(metrics_used(source, facts, today - how.days, today))


def _days_since_last(source: Source, how: Aggregate, facts: Facts, at: datetime) -> Number | None:  # noqa: ARG001
    today = at.toordinal()
    if _uses_usage(source):
        days = (last_day(facts, metric, at) for metric in metrics(source, facts))
        last = max((day for day in days if day is not None), default=None)
        return None if last is None else Number(today - last)
    found = signals(source, facts, 1, at)
    if not found:
        return None
    return Number(today - found[-1].day, None, (found[-1].event_id,))


def _open_load(source: Source, how: Aggregate, facts: Facts, at: datetime) -> Number | None:
    if "InvoiceOverdue" in source.events:
        unpaid = [invoice.opened for invoice in facts.invoices if invoice.is_open(at)]
        return Number(len(unpaid), None, _ids(unpaid))
    still = [ticket for ticket in facts.tickets if ticket.is_open(at) and matches(source, ticket.opened)]
    load = sum(
        how.load.get(ticket.severity, 1) * (how.escalated if ticket.was_escalated(at) else 1) for ticket in still
    )
    return Number(load, None, _ids([ticket.opened for ticket in still]))


def _ids(found: list[Signal]) -> tuple[str, ...]:
    return tuple(signal.event_id for signal in sorted(found, reverse=True)[:EVIDENCE])


def _oldest_open_days(source: Source, how: Aggregate, facts: Facts, at: datetime) -> Number | None:  # noqa: ARG001
    today = at.toordinal()
    if "InvoiceOverdue" in source.events:
        unpaid = [(invoice.due_on.toordinal(), invoice.opened) for invoice in facts.invoices if invoice.is_open(at)]
    else:
        unpaid = [
            (ticket.opened.day, ticket.opened)
            for ticket in facts.tickets
            if ticket.is_open(at) and matches(source, ticket.opened)
        ]
    if not unpaid:
        return Number(0.0)
    oldest = min(day for day, _ in unpaid)
    return Number(max(0, today - oldest), None, _ids([signal for _, signal in unpaid]))


def _hours_to_resolve(source: Source, how: Aggregate, facts: Facts, at: datetime) -> Number | None:
    """Return the percentile (nearest rank) of the hours from opening to the last resolution, of tickets done by now."""
    since = midnight(at.toordinal() - how.days)
    took: list[tuple[float, Signal]] = []
    for ticket in facts.tickets:
        done = [when for when, resolved, _ in ticket.turns if resolved and ticket.opened.at <= when <= at]
        if done and done[-1] >= since and not ticket.is_open(at) and matches(source, ticket.opened):
            took.append(((done[-1] - ticket.opened.at).total_seconds() / 3600, ticket.opened))
    if not took:
        return None
    hours = sorted(hour for hour, _ in took)
    rank = max(1, ceil(how.percentile / 100 * len(hours)))
    return _of_signals(hours[rank - 1], sorted(signal for _, signal in took), at)


def _share(source: Source, how: Aggregate, facts: Facts, at: datetime) -> Number | None:
    start = at.toordinal() - how.days
    part = signals(source, facts, start, at)
    others, moments = facts.matching(how, (kind for kind in how.among if kind not in source.events), lambda _: True)
    rest = others[bisect_left(moments, midnight(start)) : bisect_right(moments, at)]
    if not part and not rest:
        return None
    return _of_signals(len(part) / (len(part) + len(rest)), part or rest, at)


def _mean(source: Source, how: Aggregate, facts: Facts, at: datetime) -> Number | None:
    found = signals(source, facts, at.toordinal() - how.days, at)
    if not found:
        return None
    return _of_signals(fsum(float(signal.says["score"]) for signal in found) / len(found), found, at)


def _latest(source: Source, how: Aggregate, facts: Facts, at: datetime) -> Number | None:
    found = signals(source, facts, at.toordinal() - how.days, at)
    if not found:
        return None
    return _of_signals(float(found[-1].says["score"]), found[-1:], at)


def _onboarding_overdue_days(source: Source, how: Aggregate, facts: Facts, at: datetime) -> Number | None:  # noqa: ARG001
    late = onboarding_overdue(facts, at)
    return None if late is None else Number(late)


def onboarding_overdue(facts: Facts, at: datetime) -> int | None:
    """Return by how many days the implementation is over its norm; None when it is finished or none is known."""
    onboarding = facts.profile.onboarding if facts.profile else None
    if onboarding is None or onboarding.started_on.toordinal() > at.toordinal():
        return None
    if onboarding.completed_on is not None and onboarding.completed_on.toordinal() <= at.toordinal():
        return None
    return max(0, at.toordinal() - onboarding.started_on.toordinal() - onboarding.expected_days)


_OF: dict[str, Callable[[Source, Aggregate, Facts, datetime], Number | None]] = {
    "sum": _sum,
    "count": _count,
    "active_days": _active_days,
    "distinct_users": _distinct_users,
    "distinct_metrics": _distinct_metrics,
    "days_since_last": _days_since_last,
    "open_load": _open_load,
    "oldest_open_days": _oldest_open_days,
    "hours_to_resolve": _hours_to_resolve,
    "share": _share,
    "mean": _mean,
    "latest": _latest,
    "onboarding_overdue_days": _onboarding_overdue_days,
}
