"""A customer judged at a moment: score, band, trend, risk and reasons, all from what is known and the course."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from services.health_scoring.domain import course as courses
from services.health_scoring.domain.band import Standing, stand
from services.health_scoring.domain.course import (
    HOUR,
    WINDOW,
    Course,
    Scores,
    level_of,
    next_hour,
    tenure,
    whole_hour,
)
from services.health_scoring.domain.facts import Facts, midnight
from services.health_scoring.domain.feeds import Feeds
from services.health_scoring.domain.reasons import Reason, low, reasons
from services.health_scoring.domain.rules import Alarm
from services.health_scoring.domain.score import Contribution, Score, contributions, score
from services.health_scoring.domain.scorecard import Scorecard
from services.health_scoring.domain.trend import trend


@dataclass(frozen=True)
class Judgement:
    """What is true of a customer at a moment, whatever was published before.

    next_at: when the clock alone may change something. What explains it is worked out when it is asked for.
    """

    card: Scorecard
    facts: Facts
    feeds: Feeds
    score: Score
    alarms: tuple[Alarm, ...]
    standing: Standing
    course: Course
    next_at: datetime

    @cached_property
    def shares(self) -> tuple[Contribution, ...]:
        """What each measure adds, the newest events behind it left out: they take as long to find as the score."""
        return contributions(self.card, self.score)

    @cached_property
    def contributions(self) -> tuple[Contribution, ...]:
        """What each measure adds, with all evidence."""
        return contributions(self.card, score(self.card, self.facts, self.feeds, self.score.at, full=True))

    @property
    def codes(self) -> frozenset[str]:
        """The codes of the reasons: quicker to tell than the reasons."""
        held = {alarm.rule.name for alarm in self.alarms}
        return frozenset(held | low(self.score.readings)) or frozenset(reason.code for reason in self.reasons)

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        """Why it is a risk, in words."""
        return reasons(self.contributions, self.alarms, worrying=self.standing.band in ("yellow", "red"))

    @cached_property
    def trend(self) -> Mapping[int, int | None]:
        """The score against that of 7, 30 and 90 days ago, in hundredths."""
        return trend(self.card, self.course, self.score)


def judge(
    card: Scorecard,
    facts: Facts,
    feeds: Feeds,
    now: datetime,
    *,
    before: Course | None = None,
    since: datetime | None = None,
) -> Judgement:
    """Judge an announced customer at `now`: a function of card, facts, feeds and `now` alone.

    before, since: a former course, and from which event time on something is new: saves work, changes nothing.
    """
    scores = Scores(card, facts, feeds)
    course = courses.follow(card, facts, feeds, now, before=before, since=since, scores=scores)
    scored = scores.now(now)
    held = scores.alarms(course, scored)
    standing = stand(course, card.hold, level_of(card, scored, held, tenure(facts, now)), now)
    return Judgement(card, facts, feeds, scored, held, standing, course, _next_at(facts, course, standing, now))


def _next_at(facts: Facts, course: Course, standing: Standing, now: datetime) -> datetime:
    """Return when time alone may change something.

    At midnight, when a hold is complete, when the course leaves a level behind, when what happened counts.
    """
    top = whole_hour(now)
    moments = [midnight(now.toordinal() + 1)]
    if standing.next_at is not None:
        moments.append(max(standing.next_at, top + HOUR))
    moments.extend(hour + WINDOW for hour, _ in course.levels[1:2])
    first = facts.signals_until(top)
    moments.extend(next_hour(signal.at) for signal in facts.signals[first : first + 1])
    moments.extend(signal.at for signal in facts.signals[facts.signals_until(now) :][:1])
    moments.extend(next_hour(at) for at in facts.first_uses(now.toordinal()) if at > top)
    moments.extend(at for at in facts.first_uses(now.toordinal()) if at > now)
    return min(moment for moment in moments if moment > now)


def daily_at(customer_hash: int, now: datetime) -> datetime:
    """Return the next whole hour at which the customer's daily snapshot is due: spread over the day by a hash."""
    today = midnight(now.toordinal()) + HOUR * (customer_hash % 24)
    return today if today > now else today + timedelta(days=1)
