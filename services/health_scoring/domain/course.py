"""The course of a customer's health: what each whole hour of the last 35 days says, before any hold.

Between its turns nothing can change: usage counts by complete days, other events and the first use of a day from the
hour that follows them, feeds when they stop and come back. So a course of 35 days has a turn or two a day, and is
carried on from where it was; an event that comes late takes it back to its own hour, which ends in the same course.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Literal

from services.health_scoring.domain.facts import Facts, midnight
from services.health_scoring.domain.feeds import Feeds
from services.health_scoring.domain.normalise import middle
from services.health_scoring.domain.rules import Alarm, alarms
from services.health_scoring.domain.score import Score, score
from services.health_scoring.domain.scorecard import Scorecard

HOUR = timedelta(hours=1)
WINDOW = timedelta(days=35)
DAYS_KEPT = 94  # of midnight scores, for the trend over 90 days
AROUND = 3  # days before and after, that the score of some days ago is the median of
ENOUGH = 4  # of those seven midnights must be known
# Of how many days a fall can be told in every hour of the window: its midnights are over by then, and still kept.
FALL_DAYS = (AROUND, DAYS_KEPT - WINDOW.days - AROUND)
_RANK = {"green": 0, "yellow": 1, "red": 2}

Rank = Literal[0, 1, 2]
"""0 green, 1 yellow, 2 red."""


@dataclass(frozen=True)
class Level:
    """What an hour says. raw: the band by points alone, None: unknown. eased: the same with the margin for coming back.

    alarm: the band that rules ask for. grave: one of them is a risk by itself.
    """

    raw: int | None
    eased: int = 0
    alarm: int = 0
    grave: bool = False


@dataclass(frozen=True)
class Course:
    """The levels from each turn on (until the next), complete through a whole hour.

    midnights: the scores of midnights, None where too little was known.
    """

    card: tuple[str, int]
    through: datetime
    levels: tuple[tuple[datetime, Level], ...]
    midnights: Mapping[int, int | None]

    @property
    def begins(self) -> datetime:
        """The first moment that it tells of: what was before is not looked at."""
        return self.through - WINDOW

    def days_ago(self, at: datetime, days: int) -> int | None:
        """Return the score so many days ago, in hundredths: the median of the seven midnights around that day."""
        that = at.toordinal() - days
        found = [self.midnights.get(day) for day in range(that - AROUND, that + AROUND + 1)]
        known = [value for value in found if value is not None]
        return round(middle(known)) if len(known) >= ENOUGH else None


def follow(
    card: Scorecard,
    facts: Facts,
    feeds: Feeds,
    now: datetime,
    *,
    before: Course | None = None,
    since: datetime | None = None,
    scores: "Scores | None" = None,
) -> Course:
    """Return the course at `now`; from `before`, where there is one of the same card, as of the event time `since`.

    The result is the same with and without `before`, as long as nothing has changed that happened before `since`.
    """
    key = (card.name, card.version)
    top = whole_hour(now)
    start = top - WINDOW
    oldest = top.toordinal() - DAYS_KEPT
    if before is None or before.card != key or (since is not None and since <= start - WINDOW):
        kept, levels, midnights = None, [], {}
    else:
        kept = before.through if since is None else min(before.through, next_hour(since) - HOUR)
        levels = [(hour, level) for hour, level in before.levels if hour <= kept]
        last = kept.toordinal()
        midnights = {day: value for day, value in before.midnights.items() if oldest <= day <= last}
        if not levels or levels[0][0] > start:
            kept, levels = None, []
    scores = scores or Scores(card, facts, feeds)
    began = _began(facts)
    for day in range(max(oldest, began), top.toordinal() + 1):
        if day not in midnights:
            found = scores(midnight(day))
            midnights[day] = found.hundredths if found.is_known(card) else None
    course = Course(key, top, (), midnights)
    for hour in _turns(facts, feeds, kept, start, top):
        scored = scores(hour)
        level = level_of(card, scored, scores.alarms(course, scored), tenure(facts, hour))
        if not levels or levels[-1][1] != level:
            levels.append((hour, level))
    return Course(key, top, _from(levels, start), midnights)


class Scores:
    """Scores a customer, each moment once."""

    def __init__(self, card: Scorecard, facts: Facts, feeds: Feeds) -> None:
        """Nothing was scored yet."""
        self._of = (card, facts, feeds)
        self._known: dict[datetime, Score] = {}
        self._alarms: dict[tuple[int, tuple[int | None, ...]], tuple[Alarm, ...]] = {}

    def __call__(self, at: datetime) -> Score:
        """Return the score at the moment."""
        if at not in self._known:
            self._known[at] = score(*self._of, at)
        return self._known[at]

    def now(self, now: datetime) -> Score:
        """Return the score at `now`: that of its whole hour, if nothing has happened since."""
        card, facts, feeds = self._of
        top = whole_hour(now)
        uses = any(top < at <= now for at in facts.first_uses(now.toordinal()))
        turned = bisect_right(feeds.turns, top) != bisect_right(feeds.turns, now)
        if uses or turned or facts.signals_until(top) != facts.signals_until(now):
            return score(card, facts, feeds, now)
        return replace(self(top), at=now)

    def alarms(self, course: Course, scored: Score) -> tuple[Alarm, ...]:
        """Return the rules that hold at the moment of the score: where nothing has happened since its hour, as then."""
        card, facts, feeds = self._of
        fell = {rule.days: fall(card, course, scored, rule.days) for rule in card.rules if rule.kind == "fall"}
        key = (id(scored.readings), tuple(fell.values()))  # they are kept in the scores
        if key not in self._alarms:
            self._alarms[key] = alarms(card, facts, feeds, scored.at, fell.__getitem__)
        return self._alarms[key]


def _began(facts: Facts) -> int:
    """Return the first day of which anything is known."""
    days = [day for day in (facts.first_day, facts.signals[0].day if facts.signals else None) if day is not None]
    return min(days, default=date.max.toordinal())


def _turns(facts: Facts, feeds: Feeds, kept: datetime | None, start: datetime, top: datetime) -> Iterator[datetime]:
    """Yield the whole hours after `kept` at which something can change, in order; from `start` on, if it is None."""
    after = kept if kept is not None else start
    turns = {start} if kept is None else set()
    turns |= {midnight(day) for day in range(after.toordinal() + 1, top.toordinal() + 1)}
    turned = feeds.turns[bisect_right(feeds.turns, after - HOUR) :]
    turns |= {
        next_hour(at)
        for at in chain(turned, facts.first_uses(after.toordinal()))
        if after - HOUR < at and next_hour(at) <= top
    } - {after}
    first = facts.signals_until(after - HOUR)
    for signal in facts.signals[first:]:
        hour = next_hour(signal.at)
        if hour > top:
            break
        if hour > after:
            turns.add(hour)
    yield from sorted(turns)


def level_of(card: Scorecard, scored: Score, held: tuple[Alarm, ...], months: int) -> Level:
    """Return what a score says, with the rules that hold."""
    if scored.hundredths is None or not scored.is_known(card):
        raw, eased = None, 0
    else:
        raw = _RANK[card.band(scored.hundredths, months)]
        eased = _RANK[card.band(scored.hundredths - card.hold.better_by, months)]
    return Level(
        raw,
        eased,
        max((_RANK[alarm.rule.band] for alarm in held), default=0),
        any(alarm.rule.severity == "risk" for alarm in held),
    )


def fall(card: Scorecard, course: Course, scored: Score, days: int) -> int | None:
    """Return by how many hundredths the score is below that of `days` ago; None where one of them is not known.

    Of what is left when a feed has stopped no fall is concluded.
    """
    usual = course.days_ago(scored.at, days)
    if usual is None or scored.hundredths is None or not scored.is_known(card):
        return None
    return usual - scored.hundredths


def tenure(facts: Facts, at: datetime) -> int:
    """Return for how many whole months the customer has been one."""
    if facts.profile is None:
        return 0
    began, today = facts.profile.started_on, at.date()
    months = (today.year - began.year) * 12 + today.month - began.month - (today.day < began.day)
    return max(0, months)


def _from(levels: list[tuple[datetime, Level]], start: datetime) -> tuple[tuple[datetime, Level], ...]:
    """Leave out what was over before the window began."""
    first = max((index for index, (hour, _) in enumerate(levels) if hour <= start), default=0)
    return ((max(start, levels[first][0]), levels[first][1]), *levels[first + 1 :]) if levels else ()


def whole_hour(at: datetime) -> datetime:
    """Return the whole hour that has begun."""
    return at.replace(minute=0, second=0, microsecond=0)


def next_hour(at: datetime) -> datetime:
    """Return the whole hour from which on something that happened at the moment counts."""
    return whole_hour(at + HOUR - timedelta(microseconds=1))
