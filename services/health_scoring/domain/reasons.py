"""Why a customer is at risk, in words that a CSM can say aloud, with the numbers and the events behind them."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.health_scoring.domain.rules import Alarm
from services.health_scoring.domain.score import Contribution, Reading
from services.health_scoring.domain.scorecard import MOST, POINT, Rule

WORRYING_BELOW = MOST // 2


@dataclass(frozen=True)
class Reason:
    """A reason. code: the measure's or the rule's name. value: as measured; usual: the customer's own baseline."""

    code: str
    text: str
    value: float | None = None
    usual: float | None = None
    evidence: tuple[str, ...] = ()


def reasons(parts: tuple[Contribution, ...], held: tuple[Alarm, ...], *, worrying: bool) -> tuple[Reason, ...]:
    """Name the rules that hold, then the measures that are low, the costliest first.

    worrying: the band is yellow or red; then at least the costliest measure is named.
    """
    told = [part for part in parts if part.reading.points is not None and part.weight]
    by_cost = sorted(told, key=lambda part: ((part.reading.points or 0) - MOST) * part.weight)
    low = [part for part in by_cost if (part.reading.points or 0) < WORRYING_BELOW]
    if not low and not held and worrying:
        low = by_cost[:1]
    return (*(_of_rule(alarm) for alarm in held), *(_of_measure(part.reading) for part in low))


def low(readings: Iterable[Reading]) -> set[str]:
    """Return the names of the measures that are low."""
    return {
        one.measure.name for one in readings if one.points is not None and one.points < WORRYING_BELOW and one.weight
    }


def _of_rule(alarm: Alarm) -> Reason:
    return Reason(alarm.rule.name, rule_sentence(alarm.rule, alarm.value), alarm.value, None, alarm.evidence)


def _of_measure(reading: Reading) -> Reason:
    return Reason(reading.measure.name, sentence(reading), reading.value, reading.usual, reading.evidence)


def sentence(reading: Reading) -> str:
    """Return what a measure says, in words; of one that knows nothing, why, and what the card assumes instead."""
    measure = reading.measure
    if reading.why is not None:
        assumed = f": the card assumes {(reading.points or 0) / POINT:g} of 100" if reading.is_assumed else ""
        return f"{_silence(reading)}{assumed}"
    value = 0.0 if reading.value is None else reading.value
    return measure.says.format(
        value=value,
        baseline=reading.usual or 0.0,
        ratio=reading.ratio or 0.0,
        days=measure.aggregate.days,
        count=round(value),
    )


def _silence(reading: Reading) -> str:
    if reading.why == "missing" and reading.value is not None:
        return "What is usual is not known yet: there is nothing to compare with"
    return _SILENT[reading.why or "missing"]


_SILENT = {
    "missing": "There is nothing to measure yet",
    "stale": "The last word on this is too old to count",
    "stopped": "The data have stopped coming: nothing is concluded from that",
}


def rule_sentence(rule: Rule, value: float) -> str:
    """Return what a rule says, in words; `value`: by how much it holds."""
    return rule.says.format(value=value, count=round(value), days=rule.days)
