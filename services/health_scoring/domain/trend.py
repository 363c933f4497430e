"""Trend, and what a change of the score is made of."""

from dataclasses import dataclass

from services.health_scoring.domain.course import Course
from services.health_scoring.domain.score import Contribution, Score
from services.health_scoring.domain.scorecard import Scorecard

SPANS = (7, 30, 90)  # days


def trend(card: Scorecard, course: Course, scored: Score) -> dict[int, int | None]:
    """Return by how many hundredths the score is above (or below) that of 7, 30 and 90 days ago.

    Compared is the median of the seven midnights around that day, not one night; None where that is not known.
    """
    if scored.hundredths is None or not scored.is_known(card):
        return dict.fromkeys(SPANS)
    usual = {days: course.days_ago(scored.at, days) for days in SPANS}
    return {days: None if then is None else scored.hundredths - then for days, then in usual.items()}


@dataclass(frozen=True)
class Change:
    """By how many hundredths a measure moved the score."""

    measure: str
    hundredths: int


def changes(then: tuple[Contribution, ...], now: tuple[Contribution, ...]) -> tuple[Change, ...]:
    """Divide the change between two scores among the measures, the largest first; they sum exactly to it.

    What one of the two cards does not have counts as 0 there.
    """
    before = {part.reading.measure.name: part.hundredths for part in then}
    after = {part.reading.measure.name: part.hundredths for part in now}
    moved = {name: after.get(name, 0) - before.get(name, 0) for name in before | after}
    return tuple(
        Change(name, hundredths)
        for name, hundredths in sorted(moved.items(), key=lambda item: (-abs(item[1]), item[0]))
        if hundredths
    )
