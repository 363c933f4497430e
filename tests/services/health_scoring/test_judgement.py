"""A judgement is a function of what is known; the course only saves work, and between its moments nothing changes."""

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.health_scoring.domain import course as courses
from services.health_scoring.domain.course import FALL_DAYS
from services.health_scoring.domain.facts import Facts
from services.health_scoring.domain.feeds import feeds, hour_of
from services.health_scoring.domain.judgement import Judgement, judge
from services.health_scoring.domain.reasons import sentence
from services.health_scoring.domain.scorecard import Rule
from services.health_scoring.scorecards.shipped import default_cards
from tests.services.health_scoring.cards import SILENCE, SPONSOR, all_feeds, card, facts, signal

NOW = datetime(2026, 3, 15, 12, 20, tzinfo=UTC)
STEADY = dict.fromkeys(range(200), 10.0)
FALLS = tuple(Rule(f"fall_{days}", "fall", "yellow", "watch", "fell", days=days, points=1500) for days in FALL_DAYS)
CARD = card(rules=(SPONSOR, SILENCE, *FALLS))
FEEDS = all_feeds(NOW + timedelta(days=20))


def history(seed: int) -> Facts:
    """Some months of use, tickets, surveys, and perhaps a sponsor who leaves."""
    chance = random.Random(seed)
    quiet = chance.choice([0, 0, 1, 12])
    days = {ago: float(chance.randrange(1, 20)) for ago in range(quiet, 150) if chance.random() < 0.8}
    signals = []
    for number in range(chance.randrange(8)):
        at = NOW - timedelta(minutes=chance.randrange(60 * 24 * 50) - 600)
        signals.append(signal("TicketOpened", at, f"T{number}", severity=chance.choice(["normal", "urgent"])))
        signals.append(signal("TicketResolved", at + timedelta(minutes=chance.randrange(9000)), f"T{number}"))
        signals.append(signal("SurveyAnswered", at, kind="nps", score=chance.randrange(11)))
    if chance.random() < 0.4:
        signals.append(signal("ContactLeft", NOW - timedelta(minutes=chance.randrange(60 * 24 * 40)), "boss"))
    return facts(NOW, *signals, days=days, contacts={"boss": "sponsor"})


def truth(judged: Judgement) -> tuple[object, ...]:
    """What a customer is told to be."""
    standing = judged.standing
    return judged.score.hundredths, judged.score.confidence, standing.band, standing.severity, judged.codes


@given(seed=st.integers(0, 10**6), back=st.integers(1, 24 * 50))
@settings(deadline=None, max_examples=300)  # one in forty shows that an event is left out
def test_course_that_goes_on_is_the_course_from_the_beginning(seed: int, back: int) -> None:
    known = history(seed)
    before = courses.follow(CARD, known, FEEDS, NOW - timedelta(hours=back))
    assert courses.follow(CARD, known, FEEDS, NOW, before=before) == courses.follow(CARD, known, FEEDS, NOW)


@given(seed=st.integers(0, 10**6), late=st.integers(0, 60 * 24 * 50))
@settings(deadline=None, max_examples=60)
def test_event_that_comes_late_ends_in_the_same_course(seed: int, late: int) -> None:
    known = history(seed)
    at = NOW - timedelta(minutes=late)
    more = known.with_signal(signal("TicketOpened", at, "late", severity="urgent"))
    before = courses.follow(CARD, known, FEEDS, NOW)
    assert courses.follow(CARD, more, FEEDS, NOW, before=before, since=at) == courses.follow(CARD, more, FEEDS, NOW)


@given(seed=st.integers(0, 10**6), part=st.floats(0, 0.999))
@settings(deadline=None, max_examples=60)
def test_nothing_changes_before_the_moment_that_is_named(seed: int, part: float) -> None:
    known = history(seed)
    judged = judge(CARD, known, FEEDS, NOW)
    assert judged.next_at > NOW
    assert truth(judge(CARD, known, FEEDS, NOW + (judged.next_at - NOW) * part)) == truth(judged)


def test_quarter_of_the_usage_is_seen_within_days_with_reasons() -> None:
    """Level 14 days: from 100 to 25 % of the usual is 0 of 60 points; a day later it has held."""
    fallen = facts(NOW, days={**STEADY, **dict.fromkeys(range(15), 2.5)})
    judged = judge(card(rules=(SPONSOR, SILENCE)), fallen, FEEDS, NOW)
    assert judged.standing.band == "red"
    assert [reason.code for reason in judged.reasons] == ["level"]
    assert judged.reasons[0].value == 35.0
    assert judged.reasons[0].usual == 140.0
    assert judged.reasons[0].evidence == (f"u{NOW.toordinal()}",)


def test_fall_is_judged_against_what_was_usual_a_week_ago() -> None:
    """The median of seven midnights around that day, not one night."""
    course = courses.follow(CARD, facts(NOW, days=STEADY), FEEDS, NOW)
    one_bad_night = {**course.midnights, NOW.toordinal() - 7: 0}
    assert courses.Course(course.card, course.through, course.levels, one_bad_night).days_ago(NOW, 7) == 10_000
    few = {day: points for day, points in course.midnights.items() if day > NOW.toordinal() - 7}
    assert courses.Course(course.card, course.through, course.levels, few).days_ago(NOW, 7) is None


def test_fall_is_judged_over_the_days_that_its_rule_names() -> None:
    """Three weeks ago use fell to a quarter: from 100 of 60 points to 0. In the last week nothing fell any more."""
    falling = card(
        rules=tuple(Rule(f"in_{days}", "fall", "yellow", "watch", "fell", days=days, points=2500) for days in (7, 42))
    )
    (alarm,) = judge(falling, facts(NOW, days={**STEADY, **dict.fromkeys(range(22), 2.5)}), FEEDS, NOW).alarms
    assert (alarm.rule.name, alarm.value) == ("in_42", 75.0)


def test_no_fall_is_concluded_from_what_is_left_when_a_feed_has_stopped() -> None:
    """Level 100 of 60, survey 0 of 20, load 100 of 20: 80; without the level 50."""
    falling = card(rules=(Rule("steep_fall", "fall", "red", "risk", "fell", days=7, points=2500),))
    hours = list(range(hour_of(NOW) - 200 * 24, hour_of(NOW) + 1))
    silent = hours[: -3 * 24]
    stopped = feeds({("usage.v1", "a"): silent, ("support.v1", "b"): hours, ("relationship.v1", "c"): hours}, NOW)
    known = facts(NOW, signal("SurveyAnswered", NOW - timedelta(days=90), kind="nps", score=0), days=STEADY)
    judged = judge(falling, known, stopped, NOW)
    assert judged.score.hundredths == 5000
    assert (judged.standing.band, judged.alarms, judged.standing.open_since) == ("unknown", (), None)


@given(seed=st.integers(0, 10_000), index=st.integers(0, 2))
@settings(max_examples=30, deadline=None)
def test_shares_are_the_contributions_without_their_evidence(seed: int, index: int) -> None:
    """A snapshot is made from the one, an explanation from the other."""
    judged = judge(default_cards()[index], history(seed), FEEDS, NOW)
    pairs = zip(judged.shares, judged.contributions, strict=True)
    for share, part in pairs:
        assert (share.hundredths, share.weight) == (part.hundredths, part.weight)
        assert sentence(share.reading) == sentence(part.reading)
        assert share.reading.points == part.reading.points
        assert (share.reading.value, share.reading.why) == (part.reading.value, part.reading.why)
