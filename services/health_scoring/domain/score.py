"""The score at a moment: the weighted mean of what is known, explained to the hundredth of a point."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from services.health_scoring.domain import aggregate, normalise
from services.health_scoring.domain.aggregate import Number
from services.health_scoring.domain.facts import Facts
from services.health_scoring.domain.feeds import Feeds
from services.health_scoring.domain.scorecard import POINT, Group, Measure, Scorecard

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

    def is_known(self, card: Scorecard) -> bool:
        """Tell whether enough is known for a band: unknown is never healthy."""
        stopped = any(reading.why == "stopped" for reading in self.readings)
        return self.hundredths is not None and self.confidence >= card.known_from and not stopped


def score(card: Scorecard, facts: Facts, feeds: Feeds, at: datetime, *, full: bool = False) -> Score:
    """Score the customer at the moment; what happened later does not count. `full`: name all evidence as well."""
    state = _State(
        frozenset(gap.topic for gap in feeds.gaps if gap.holds(at)),
        frozenset(topic for topic, since in feeds.since.items() if since <= at),
    )
    readings = tuple([_read(measure, facts, feeds, at, state, full=full) for measure in card.measures])
    total, whole = _exact(card, readings)
    return Score(at, _rounded(sum(total), whole) if whole else None, _confidence(card, readings), readings)


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
    return tuple(
        Contribution(
            reading,
            hundredths,
            _rounded(CERTAIN * share, whole * reading.points) if reading.points else _weight(card, scored, reading),
        )
        for reading, hundredths, share in zip(scored.readings, lower, shares, strict=True)
    )


def _weight(card: Scorecard, scored: Score, reading: Reading) -> int:
    """Return the effective weight of a measure of 0 points (its share does not tell), or of none."""
    if reading.points is None:
        return 0
    weights = [(group, known) for group, known in _known(card, scored.readings) if known]
    group, known = next((group, known) for group, known in weights if reading in known)
    whole = sum(group.weight for group, _ in weights)
    return _rounded(CERTAIN * group.weight * reading.weight, whole * sum(other.weight for other in known))


class _State(NamedTuple):
    """The topics with a feed that has stopped, and those that have brought events, at a moment."""

    stopped: frozenset[str]
    known: frozenset[str]


def _read(measure: Measure, facts: Facts, feeds: Feeds, at: datetime, state: _State, *, full: bool) -> Reading:
    weight = measure.weight * WEIGHT_UNIT
    topics = measure.source.topics
    if not state.stopped.isdisjoint(topics):
        return Reading(measure, None, weight, why="stopped")
    if topics and state.known.isdisjoint(topics):
        return Reading(measure, None, weight, why="missing")
    if full or not measure.is_daily:
        return _measured(measure, facts, feeds, at, full=full)
    key = (id(measure), id(feeds), at.toordinal())
    if key not in facts.by_day:
        facts.by_day[key] = measure, feeds, _measured(measure, facts, feeds, at, full=False)
    reading: Reading = facts.by_day[key][2]
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


def _known(card: Scorecard, readings: tuple[Reading, ...]) -> Iterator[tuple[Group, list[Reading]]]:
    """Yield each group with its measures that say something and weigh something."""
    start = 0
    for group in card.groups:
        end = start + len(group.measures)
        yield group, [one for one in readings[start:end] if one.points is not None and one.weight]
        start = end


def _exact(card: Scorecard, readings: tuple[Reading, ...]) -> tuple[list[int], int]:
    """Return what each reading adds, in whole parts of one common denominator, and that; 0 where nothing is known.

    A group weighs what the card says over its measures that are known, and the groups over those that have any.
    """
    within: dict[str, int] = {}
    product, weights = 1, 0
    for group, known in _known(card, readings):
        if known:
            within[group.name] = sum(reading.weight for reading in known)
            product *= within[group.name]
            weights += group.weight
    if not weights:
        return [0] * len(readings), 0
    shares: list[int] = []
    start = 0
    for group in card.groups:
        end = start + len(group.measures)
        for reading in readings[start:end]:
            if reading.points is None or not reading.weight:
                shares.append(0)
            else:
                shares.append(group.weight * reading.weight * reading.points * (product // within[group.name]))
        start = end
    return shares, product * weights


def _confidence(card: Scorecard, readings: tuple[Reading, ...]) -> int:
    """Return the part of all weight that says something, after its decay, in hundredths of a percent."""
    parts, product = [], 1
    for group, known in _known(card, readings):
        whole = sum(measure.weight for measure in group.measures) * WEIGHT_UNIT
        parts.append((group.weight * sum(reading.weight for reading in known), whole))
        product *= whole
    exact = sum(part * (product // whole) for part, whole in parts)
    return _rounded(CERTAIN * exact, product * sum(group.weight for group in card.groups))


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
