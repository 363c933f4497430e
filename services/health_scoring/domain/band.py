"""Which band a customer is in: a worse one when it has held, a better one when it has held longer and by a margin.

Replayed over the course, hour by hour, from the raw band at its beginning; so it depends on what happened when, and
not on when it was looked at. Risk rules and `unknown` act at once, and undo no hold that is complete.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.health_scoring.domain.course import HOUR, Course, Level
from services.health_scoring.domain.scorecard import Band, Hold, Severity

NAMES: Mapping[int | None, Band] = {0: "green", 1: "yellow", 2: "red", None: "unknown"}
WORST = 2


@dataclass(frozen=True)
class Phase:
    """A time in which the band by holds and the hour's level were the same; `settled` None: nothing known yet."""

    start: datetime
    settled: int | None
    level: Level

    @property
    def shown(self) -> int | None:
        """The band as it is shown: unknown at once, and at least as bad as rules say."""
        if self.level.raw is None or self.settled is None:
            return None
        return max(self.settled, self.level.alarm)


@dataclass(frozen=True)
class Standing:
    """Where a customer stands: the band since when, the risk open since when and how grave at its worst.

    grave: a rule that is a risk by itself holds now. next_at: when a hold will be complete, if nothing happens before.
    """

    band: Band
    since: datetime
    open_since: datetime | None
    severity: Severity | None
    grave: bool
    next_at: datetime | None


def stand(course: Course, hold: Hold, level: Level, now: datetime) -> Standing:
    """Return where a customer with this course stands; `level` is what `now` says."""
    walk = _Walk(hold)
    phases = [*walk.through(course), _phase_now(walk, level, now)]
    band_since = phases[-1].start
    for phase in reversed(phases):
        if phase.shown != phases[-1].shown:
            break
        band_since = phase.start
    opened, severity = _risk(phases)
    return Standing(NAMES[phases[-1].shown], band_since, opened, severity, level.grave, walk.next_at)


def _phase_now(walk: "_Walk", level: Level, now: datetime) -> Phase:
    return Phase(now, walk.settled if walk.settled is not None else level.raw, level)


class _Walk:
    """Goes through a course; knows the band by holds, and since when another one has been asked for."""

    def __init__(self, hold: Hold) -> None:
        self._hold = hold
        self.settled: int | None = None
        self._worse: dict[int, datetime] = {}
        self._better: dict[int, datetime] = {}

    def through(self, course: Course) -> Iterator[Phase]:
        """Yield the phases of the course."""
        for index, (start, level) in enumerate(course.levels):
            last = course.levels[index + 1][0] - HOUR if index + 1 < len(course.levels) else course.through
            self._meet(start, level)
            yield Phase(start, self.settled, level)
            while (due := self._due()) is not None and due[0] <= last:
                self.settled = due[1]
                self._worse.clear()
                self._better.clear()
                self._meet(due[0], level)
                yield Phase(due[0], self.settled, level)

    @property
    def next_at(self) -> datetime | None:
        """When the next hold is complete."""
        due = self._due()
        return due[0] if due else None

    def _meet(self, start: datetime, level: Level) -> None:
        if level.raw is None:  # nothing is known of these hours: no hold goes on
            self._worse.clear()
            self._better.clear()
            return
        if self.settled is None:
            self.settled = level.raw
        for band in range(WORST + 1):
            _note(self._worse, band, start, holds=band > self.settled and level.raw >= band)
            _note(self._better, band, start, holds=band < self.settled and level.eased <= band)

    def _due(self) -> tuple[datetime, int] | None:
        """Return which hold is complete first, and the band that it leads to."""
        worse = [(since + HOUR * self._hold.worse_hours, -band, band) for band, since in self._worse.items()]
        better = [(since + HOUR * self._hold.better_hours, band, band) for band, since in self._better.items()]
        first = min(worse + better, default=None)
        return (first[0], first[2]) if first else None


def _note(since: dict[int, datetime], band: int, start: datetime, *, holds: bool) -> None:
    if holds:
        since.setdefault(band, start)
    else:
        since.pop(band, None)


def _risk(phases: list[Phase]) -> tuple[datetime | None, Severity | None]:
    """Return since when a risk is open, and how grave it was at its worst.

    It opens at yellow (watch), or at red or by a grave rule (risk); it is over when the band is green and no rule
    holds. Unknown neither opens nor closes it; a grave rule does not need a score.
    """
    opened: datetime | None = None
    severity: Severity | None = None
    for phase in phases:
        now = _severity(phase)
        if now is not None:
            opened = opened or phase.start
            severity = "risk" if "risk" in (now, severity) else "watch"
        elif phase.shown == 0:
            opened = severity = None
    return opened, severity


def _severity(phase: Phase) -> Severity | None:
    if phase.shown == WORST or phase.level.grave:
        return "risk"
    return "watch" if phase.shown else None
