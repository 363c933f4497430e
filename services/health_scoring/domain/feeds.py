"""A dead feed is not a silent customer: when a feed has stopped, nothing is concluded from what it does not bring.

A feed is a topic with a source. It has stopped when it has been silent for longer than 24 hours, longer than one and a
half times its longest rest of the four weeks before (a feed that rests every weekend is not dead on Sundays), and
longer than ten times the mean between two hours that bring something (a help desk with a ticket a day is not dead
after two).
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from itertools import pairwise
from math import ceil
from typing import NamedTuple

SILENT_HOURS = 24
REST = 1.5
MEANS = 10  # a feed that brings something at random, and so rarely, is silent for as long once in 22,000 times (e^-10)
LOOK_BACK_HOURS = 28 * 24
FORGOTTEN_HOURS = 60 * 24  # a source that was switched off on purpose is not waited for for ever
RHYTHM_HOURS = 14 * 24  # so long it takes to know a feed's rests; until then a long weekend is taken for one
WEEKEND_HOURS = 72
MOMENTS_KEPT = 4096
_DAY_ONE = date(1970, 1, 1).toordinal()
REGULAR_DAYS = 3  # with events in the look-back; below that it is no feed but an import


@dataclass(frozen=True)
class Gap:
    """From when until when a feed had stopped; `end` None: it still has, as far as is known."""

    topic: str
    source: str
    start: datetime
    end: datetime | None

    def holds(self, at: datetime) -> bool:
        """Tell whether the feed had stopped at the moment."""
        return self.start <= at and (self.end is None or at < self.end)


class State(NamedTuple):
    """The topics with a feed that has stopped, and those that have brought events, at a moment."""

    stopped: frozenset[str]
    known: frozenset[str]


@dataclass(frozen=True)
class Feeds:
    """All feeds: since when each topic has brought events, and when its feeds had stopped."""

    since: Mapping[str, datetime] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()

    def state(self, at: datetime) -> "State":
        """Return where the topics stood at the moment; worked out once for all who ask for the same."""
        found = self._states.get(at)
        if found is None:
            if len(self._states) >= MOMENTS_KEPT:
                self._states.clear()
            found = self._states[at] = State(
                frozenset(gap.topic for gap in self.gaps if gap.holds(at)),
                frozenset(topic for topic, since in self.since.items() if since <= at),
            )
        return found

    @cached_property
    def _states(self) -> dict[datetime, "State"]:
        return {}

    @cached_property
    def turns(self) -> list[datetime]:
        """The moments at which a feed stopped or came back, and at which a topic brought its first event."""
        ends = [gap.end for gap in self.gaps if gap.end is not None]
        return sorted({*self.since.values(), *(gap.start for gap in self.gaps), *ends})


def feeds(active: Mapping[tuple[str, str], Sequence[int]], now: datetime) -> Feeds:
    """Judge the feeds by the hours (since 1970, rising) in which each was active; those after `now` do not count."""
    top = hour_of(now)
    since: dict[str, datetime] = {}
    gaps: list[Gap] = []
    for (topic, source), known in sorted(active.items()):
        hours = known[: bisect_right(known, top)]
        if hours:
            first = moment_of(hours[0])
            since[topic] = min(since.get(topic, first), first)
            gaps.extend(_gaps(topic, source, hours, top))
    return Feeds(since, tuple(gaps))


def hour_of(at: datetime) -> int:
    """Return the whole hour since 1970 of a moment in UTC."""
    return (at.toordinal() - _DAY_ONE) * 24 + at.hour


def moment_of(hour: int) -> datetime:
    """Return when an hour since 1970 begins."""
    return datetime.fromtimestamp(hour * 3600, UTC)


def _gaps(topic: str, source: str, hours: Sequence[int], top: int) -> Iterable[Gap]:
    rests = [(last, after - last) for last, after in pairwise(hours) if after - last > 1]
    for last, rest in [*rests, (hours[-1], top - hours[-1])]:
        if rest <= SILENT_HOURS:
            continue
        before = hours[bisect_right(hours, last - LOOK_BACK_HOURS) : bisect_right(hours, last)]
        if len({hour // 24 for hour in before}) < REGULAR_DAYS:
            continue
        longest = max((other for at, other in rests if last - LOOK_BACK_HOURS < at and at + other <= last), default=0)
        if last - hours[0] < RHYTHM_HOURS:
            longest = max(longest, WEEKEND_HOURS)
        usual = (last - before[0]) / (len(before) - 1)  # the mean between two active hours
        start = last + 1 + ceil(max(SILENT_HOURS, longest * REST, usual * MEANS))  # the last event may end its hour
        end = last + min(rest, FORGOTTEN_HOURS)
        if start < end or (start == end == top):
            yield Gap(topic, source, moment_of(start), moment_of(end) if end < top or last != hours[-1] else None)
