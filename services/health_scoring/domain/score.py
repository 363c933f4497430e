"""The score: the weighted mean of the measures that know something, explained to the hundredth of a point."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from services.health_scoring.domain.measures import MEASURES
from services.health_scoring.domain.signals import Signals

GREEN_FROM = 70_00  # hundredths of a point
YELLOW_FROM = 50_00
KNOWN_FROM = 0.6  # of the weight; below it the band is unknown, and unknown is never healthy
WORRYING_BELOW = 50.0
SPONSOR_LEFT_DAYS = 30


@dataclass(frozen=True)
class Contribution:
    """What one measure adds: `hundredths` of a point; over all measures they sum exactly to the score."""

    measure: str
    weight: int
    value: float
    hundredths: int
    explanation: str


@dataclass(frozen=True)
class Reason:
    """Why the customer is at risk, in words that a CSM can say aloud."""

    code: str
    text: str


@dataclass(frozen=True)
class Health:
    """A customer's health at a moment. `hundredths` is the score in hundredths of a point; None when nothing is known.

    `rule` says that a risk rule holds, which is a risk whatever the score.
    """

    hundredths: int | None
    band: str
    confidence: float
    contributions: tuple[Contribution, ...]
    reasons: tuple[Reason, ...]
    rule: bool


def assess(signals: Signals, now: datetime) -> Health:
    """Score the customer at `now`. Weights are renormalised over the measures that know something."""
    readings = [(measure, reading) for measure in MEASURES if (reading := measure.read(signals, now)) is not None]
    known = sum(measure.weight for measure, _ in readings)
    confidence = known / sum(measure.weight for measure in MEASURES)
    exact = [Fraction(round(reading.value * 100)) * measure.weight / known for measure, reading in readings]
    shares = _whole_shares(exact)
    contributions = tuple(
        Contribution(measure.name, measure.weight, reading.value, share, reading.explanation)
        for (measure, reading), share in zip(readings, shares, strict=True)
    )
    hundredths = sum(shares) if readings else None
    sponsor_left = any(
        departure.role in {"executive", "sponsor"} and departure.at > now - timedelta(days=SPONSOR_LEFT_DAYS)
        for departure in signals.departures
    )
    band = _band(hundredths, confidence)
    reasons = _reasons(contributions, band)
    if sponsor_left:
        reasons = (Reason("sponsor_left", "An executive contact or sponsor left the customer's company"), *reasons)
    return Health(hundredths, band, confidence, contributions, reasons, rule=sponsor_left)


def _reasons(contributions: tuple[Contribution, ...], band: str) -> tuple[Reason, ...]:
    """Name the measures that are low, the costliest first; where none is and it is not green, the costliest one."""
    by_cost = sorted(contributions, key=lambda part: (part.value - 100) * part.weight)
    low = [part for part in by_cost if part.value < WORRYING_BELOW]
    if not low and band in {"yellow", "red"}:
        low = by_cost[:1]
    return tuple(Reason(part.measure, part.explanation) for part in low)


def _band(hundredths: int | None, confidence: float) -> str:
    if hundredths is None or confidence < KNOWN_FROM:
        return "unknown"
    if hundredths >= GREEN_FROM:
        return "green"
    return "yellow" if hundredths >= YELLOW_FROM else "red"


def _whole_shares(exact: list[Fraction]) -> list[int]:
    """Round to whole numbers whose sum is the rounded sum (largest remainder method, Hamilton 1792)."""
    total = round(sum(exact, Fraction(0)))
    shares = [int(part) for part in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (shares[i] - exact[i], i))
    for i in by_remainder[: total - sum(shares)]:
        shares[i] += 1
    return shares
