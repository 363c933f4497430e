"""From a number to points: on a curve, or first against the customer's own usual value."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime
from math import isfinite
from statistics import fmean

from services.health_scoring.domain import aggregate
from services.health_scoring.domain.aggregate import Number
from services.health_scoring.domain.facts import Facts, midnight
from services.health_scoring.domain.scorecard import MOST, POINT, Measure, Normalise, Source

RATIO_AT_MOST = 1.5  # of one metric, so that one that is used tenfold does not hide another that is used no more


def points(how: Normalise, value: float) -> int:
    """Return the points (hundredths, 0 to 10,000) of a number on the curve; rounded half to even."""
    index = bisect_right(how.numbers, value)
    if index == 0:
        exact = how.curve[0][1]
    elif index == len(how.curve) or how.step:
        exact = how.curve[index - 1][1]
    else:
        (left, low), (right, high) = how.curve[index - 1], how.curve[index]
        exact = low + (high - low) * (value - left) / (right - left)
    return max(0, min(MOST, round(exact * POINT)))


def against_usual(measure: Measure, facts: Facts, now: Number, at: datetime, since: int) -> tuple[float, float] | None:
    """Return the ratio of a number to the customer's usual one, and the usual one; None without enough history.

    Usual is the median of the complete blocks before the window that begin on day `since` or later. Of usage the ratio
    is taken per metric, and the mean of them counts; of counted signals it is (n + 1) / (usual + 1), since none is the
    rule.
    """
    source, how, norm = measure.source, measure.aggregate, measure.normalise
    today, days = at.toordinal(), how.days
    blocks = norm.baseline_days // days

    def first_of(begun: int) -> int | None:
        """Return the day on which the blocks begin; None if there are too few."""
        known = min(blocks, (today - days - max(begun, since)) // days)
        return today - days * (known + 1) if known >= norm.baseline_blocks else None

    def usual(begun: int, of: Callable[[int, int], float]) -> float | None:
        first = first_of(begun)
        return None if first is None else middle([of(day, day + days) for day in range(first, today - days, days)])

    if how.kind in ("sum", "count") and "UsageRecorded" in source.events:
        return _mean_ratio(source, facts, first_of, today - days, today)
    begun = facts.first_day if "UsageRecorded" in source.events else 0
    if begun is None:
        return None
    if how.kind == "active_days":
        before = usual(begun, lambda a, b: aggregate.days_used(source, facts, a, b))
    elif how.kind == "distinct_metrics":
        before = usual(begun, lambda a, b: aggregate.metrics_used(source, facts, a, b))
    elif how.kind == "distinct_users":
        before = usual(max(begun, facts.users_from), lambda a, b: aggregate.users(facts, a, b))
    else:
        before = usual(0, lambda a, b: len(aggregate.signals(source, facts, a, _last_of(b))))
        return None if before is None else ((now.value + 1) / (before + 1), before)
    return (now.value / before, before) if before else None


def _mean_ratio(
    source: Source, facts: Facts, first_of: Callable[[int], int | None], start: int, end: int
) -> tuple[float, float] | None:
    """Return the mean of the metrics' ratios of the window's use to the usual one, and the sum of the usual ones."""
    ratios, sums = [], []
    for metric in aggregate.metrics(source, facts):
        use = facts.usage[metric]
        first = first_of(use.begun)
        before = 0.0 if first is None else float(middle(use.of_blocks(first, start, end - start)))
        if before:
            ratios.append(min(RATIO_AT_MOST, use.quantity(start, end) / before))
            sums.append(before)
    return (fmean(sorted(ratios)), sum(sorted(sums))) if ratios else None


def _last_of(day: int) -> datetime:
    """Return the last moment before the day begins."""
    begins = midnight(day)
    return begins - begins.resolution


def middle(values: Sequence[float]) -> float:
    """Return the median of at least one number. (That of `statistics` takes longer than all the rest of a baseline.)"""
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def is_sound(value: float) -> bool:
    """Tell whether it is a number that can be put on a curve."""
    return isfinite(value)
