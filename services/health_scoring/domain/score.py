"""The score at a moment: the weighted mean of what is known, explained to the hundredth of a point."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from math import prod
from typing import Literal, NamedTuple

from services.health_scoring.domain import aggregate, normalise
from services.health_scoring.domain.aggregate import Number
from services.health_scoring.domain.facts import Facts
from services.health_scoring.domain.feeds import Feeds, State
from services.health_scoring.domain.scorecard import POINT, Measure, Scorecard

WEIGHT_UNIT = 1000  # weights that decay are whole thousandths
CERTAIN = 10_000  # hundredths of a percent

Why = Literal["missing", "stale", "stopped"]


class Reading(NamedTuple):
    """What a measure says: its points, or why it says nothing; `weight` in thousandths, after its decay.

    value: as measured; usual: the customer's own baseline, where it is compared with that; ratio: of the two.
    """

    measure: Measure
    points: int | None
    weight: int
    value: float | None = None
    usual: float | None = None
    ratio: float | None = None
    age_days: int | None = None
    evidence: tuple[str, ...] = ()
    why: Why | None = None

    @property
    def is_assumed(self) -> bool:
        """Whether its points are not measured: the card assumes them."""
        return self.why is not None and self.points is not None


@dataclass(frozen=True)
class Contribution:
    """What a measure adds to the score, in hundredths of a point; over all measures exactly the score.

    weight: its effective part of the whole, in hundredths of a percent, rounded.
    """

    reading: Reading
    hundredths: int
    weight: int


@dataclass(frozen=True)
class Score:
    """A score at a moment: hundredths of a point (None: nothing is known), confidence in hundredths of a percent."""

    at: datetime
    hundredths: int | None
    confidence: int
    readings: tuple[Reading, ...]

    @cached_property
    def stopped(self) -> bool:
        """Whether a measure says nothing because a feed has stopped."""
        return any(reading.why == "stopped" for reading in self.readings)

    def is_known(self, card: Scorecard) -> bool:
        """Tell whether enough is known for a band: unknown is never healthy."""
        return self.hundredths is not None and self.confidence >= card.known_from and not self.stopped


def score(card: Scorecard, facts: Facts, feeds: Feeds, at: datetime, *, full: bool = False) -> Score:
    """Score the customer at the moment; what happened later does not count. `full`: name all evidence as well."""
    state = feeds.state(at)
    happened = facts.signals_until(at)
    readings = tuple([_read(measure, facts, feeds, at, state, happened, full=full) for measure in card.measures])
    sums = _sums(card, readings)
    hundredths = _rounded(*_total(card, sums)) if any(weight for weight, _ in sums) else None
    return Score(at, hundredths, _confidence(card, sums), readings)


def contributions(card: Scorecard, scored: Score) -> tuple[Contribution, ...]:
    """Divide the score among its measures: each share is rounded down, and what is left over goes to those that lost
    most by it (largest remainder method, Hamilton 1792), so that they sum exactly to the score.
    """
    shares, whole = _exact(card, scored.readings)
    if not whole or scored.hundredths is None:
        return tuple(Contribution(reading, 0, 0) for reading in scored.readings)
    lower = [share // whole for share in shares]
    by_loss = sorted(range(len(shares)), key=lambda index: (-(shares[index] % whole), index))
    for index in by_loss[: scored.hundredths - sum(lower)]:
        lower[index] += 1
    weights = _weights(card, scored.readings)
    return tuple(map(Contribution, scored.readings, lower, weights))


def _weights(card: Scorecard, readings: tuple[Reading, ...]) -> list[int]:
    """Return the effective part of the whole of each measure, in hundredths of a percent; 0 where it says nothing."""
    sums = _sums(card, readings)
    whole = sum(group for (_, group, _), (weight, _) in zip(card.parts, sums, strict=True) if weight)
    return [
        0 if one.points is None or not weight else _rounded(CERTAIN * group * one.weight, whole * weight)
        for (part, group, _), (weight, _) in zip(card.parts, sums, strict=True)
        for one in readings[part]
    ]


def _read(
    measure: Measure, facts: Facts, feeds: Feeds, at: datetime, state: State, happened: int, *, full: bool
) -> Reading:
    weight = measure.weight * WEIGHT_UNIT
    topics = measure.source.topics
    if not state.stopped.isdisjoint(topics):
        return Reading(measure, None, weight, why="stopped")
    if topics and state.known.isdisjoint(topics):
        return Reading(measure, None, weight, why="missing")
    if full:
        return _measured(measure, facts, feeds, at, full=True)
    if measure.kinds and facts.kinds.isdisjoint(measure.kinds):
        return _of_nothing(measure, feeds, at)
    if measure.is_daily:
        key: tuple[int, ...] = (id(measure), id(feeds), at.toordinal())
    elif measure.is_of_signals:
        key = (id(measure), id(feeds), at.toordinal(), happened)
    else:
        return _measured(measure, facts, feeds, at, full=False)
    if key not in facts.known:
        facts.known[key] = measure, feeds, _measured(measure, facts, feeds, at, full=False)
    reading: Reading = facts.known[key][2]
    return reading


def _of_nothing(measure: Measure, feeds: Feeds, at: datetime) -> Reading:
    """Return what a measure says of a customer without any of its events: the same of all, at all times."""
    if "of nothing" not in measure.known:
        measure.known["of nothing"] = _measured(measure, Facts(None), feeds, at, full=False)
    reading: Reading = measure.known["of nothing"]
    return reading


def _measured(measure: Measure, facts: Facts, feeds: Feeds, at: datetime, *, full: bool) -> Reading:
    weight = measure.weight * WEIGHT_UNIT
    found = aggregate.number(measure, facts, at, full=full)
    if found is None or not normalise.is_sound(found.value):
        return Reading(measure, measure.missing, weight, why="missing")
    if measure.stale_days is not None and found.age_days is not None and found.age_days > measure.stale_days:
        return Reading(
            measure, measure.stale, weight, found.value, age_days=found.age_days, evidence=found.evidence, why="stale"
        )
    return _judge(measure, facts, feeds, at, found)


def _judge(measure: Measure, facts: Facts, feeds: Feeds, at: datetime, found: Number) -> Reading:
    weight = measure.weight * WEIGHT_UNIT
    if measure.half_life_days and found.age_days:
        weight = round(weight * 2.0 ** (-found.age_days / measure.half_life_days))
    usual = ratio = None
    judged = found.value
    if measure.normalise.baseline_days:
        since = min(feeds.since[topic] for topic in measure.source.topics if topic in feeds.since).toordinal()
        compared = normalise.against_usual(measure, facts, found, at, since)
        if compared is None:
            return Reading(measure, measure.missing, measure.weight * WEIGHT_UNIT, found.value, why="missing")
        ratio, usual = compared
        judged = ratio
    return Reading(
        measure,
        normalise.points(measure.normalise, judged),
        weight,
        found.value,
        usual,
        ratio,
        found.age_days,
        found.evidence,
    )


def _sums(card: Scorecard, readings: tuple[Reading, ...]) -> list[tuple[int, int]]:
    """Return of each group the weight of its measures that say something, and that times their points."""
    found = []
    for part, _, _ in card.parts:
        weight = weighted = 0
        for reading in readings[part]:
            if reading.points is not None:
                weight += reading.weight
                weighted += reading.weight * reading.points
        found.append((weight, weighted))
    return found


def _total(card: Scorecard, sums: list[tuple[int, int]]) -> tuple[int, int]:
    """Return the score as a fraction; 0 of 0 where nothing is known.

    A group weighs what the card says over its measures that are known, and the groups over those that have any.
    """
    parts = zip(card.parts, sums, strict=True)
    known = [(group, weight, weighted) for (_, group, _), (weight, weighted) in parts if weight]
    product = prod([weight for _, weight, _ in known])
    total = sum([group * weighted * (product // weight) for group, weight, weighted in known])
    return total, product * sum([group for group, _, _ in known])


def _exact(card: Scorecard, readings: tuple[Reading, ...]) -> tuple[list[int], int]:
    """Return what each reading adds, in whole parts of one common denominator, and that; 0 where nothing is known."""
    sums = _sums(card, readings)
    _, whole = _total(card, sums)
    product = prod([weight for weight, _ in sums if weight])
    shares: list[int] = []
    for (part, group, _), (weight, _) in zip(card.parts, sums, strict=True):
        each = group * (product // weight) if weight else 0
        shares.extend([each * reading.weight * (reading.points or 0) for reading in readings[part]])
    return shares, whole


def _confidence(card: Scorecard, sums: list[tuple[int, int]]) -> int:
    """Return the part of all weight that says something, after its decay, in hundredths of a percent."""
    product = prod([whole for _, _, whole in card.parts]) * WEIGHT_UNIT
    exact = sum([group * weight * (product // (whole * WEIGHT_UNIT)) for (_, group, whole), (weight, _) in
                 zip(card.parts, sums, strict=True)])  # fmt: skip
    return _rounded(CERTAIN * exact, product * sum([group for _, group, _ in card.parts]))


def _rounded(part: int, whole: int) -> int:
    """Divide, rounding half to even, without a float in between."""
    quotient, rest = divmod(part, whole)
    if 2 * rest > whole or (2 * rest == whole and quotient % 2):
        quotient += 1
    return quotient


def points(hundredths: int | None) -> str | None:
    """Write hundredths of a point as points: 7042 is "70.42"."""
    if hundredths is None:
        return None
    sign, size = ("-" if hundredths < 0 else ""), abs(hundredths)
    return f"{sign}{size // POINT}.{size % POINT:02d}"
