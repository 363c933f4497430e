"""The score is exact, explained to the hundredth, and honest about what it does not know."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.health_scoring.domain.normalise import points as points_of
from services.health_scoring.domain.score import Reading, Score, _exact, _rounded, contributions, score
from services.health_scoring.domain.scorecard import Aggregate, Group, Measure, Normalise, Scorecard
from services.health_scoring.domain.trend import changes
from tests.services.health_scoring.cards import (
    LEVEL,
    LOAD,
    NPS,
    RISING,
    SURVEY,
    all_feeds,
    card,
    facts,
    measure,
    signal,
)

NOW = datetime(2026, 3, 15, 12, 20, tzinfo=UTC)
STEADY = dict.fromkeys(range(1, 120), 10.0)


def test_score_is_the_weighted_mean_worked_out_by_hand() -> None:
    """Level 100 of 60, survey 40 of 20, load 50 of 20: (6000 + 800 + 1000) / 100."""
    survey, ticket = (
        signal("SurveyAnswered", NOW, kind="nps", score=4),
        signal("TicketOpened", NOW, "T", severity="urgent"),
    )
    scored = score(card(), facts(NOW, survey, ticket, days=STEADY), all_feeds(NOW), NOW)
    assert scored.hundredths == 7800
    assert scored.confidence == 10_000
    assert [part.hundredths for part in contributions(card(), scored)] == [6000, 800, 1000]


def test_weight_of_what_is_missing_goes_to_the_others_and_confidence_falls() -> None:
    """No survey: (6000 + 1000) / 80."""
    scored = score(
        card(), facts(NOW, signal("TicketOpened", NOW, "T", severity="urgent"), days=STEADY), all_feeds(NOW), NOW
    )
    assert scored.hundredths == 8750
    assert scored.confidence == 8000


def test_under_sixty_percent_of_the_weight_nothing_is_known() -> None:
    few = score(card(), facts(NOW, signal("SurveyAnswered", NOW, kind="nps", score=9)), all_feeds(NOW), NOW)
    assert (few.confidence, few.is_known(card())) == (4000, False)
    enough = score(card(), facts(NOW, days=STEADY), all_feeds(NOW), NOW)
    assert (enough.confidence, enough.is_known(card())) == (8000, True)


def test_open_tickets_are_known_to_be_none_only_where_a_help_desk_tells() -> None:
    nobody = all_feeds(NOW)
    silent = type(nobody)({"usage.v1": NOW - timedelta(days=300)}, ())
    assert score(card(), facts(NOW, days=STEADY), nobody, NOW).readings[2].points == 10_000
    assert score(card(), facts(NOW, days=STEADY), silent, NOW).readings[2].why == "missing"


def test_stopped_feed_says_nothing_and_makes_the_band_unknown() -> None:
    stopped = all_feeds(NOW, until=NOW - timedelta(days=9))
    scored = score(card(), facts(NOW, days=STEADY), stopped, NOW)
    assert {reading.why for reading in scored.readings} == {"stopped"}
    assert not scored.is_known(card())


def test_today_s_use_counts_tomorrow() -> None:
    """A window slides by complete days: within the day there is no saw-tooth."""
    scores = {
        score(card(), facts(NOW, days={**STEADY, 0: 500.0}), all_feeds(NOW), NOW.replace(hour=hour)).hundredths
        for hour in range(24)
    }
    assert len(scores) == 1
    today = score(card(), facts(NOW, days={**STEADY, 0: 500.0}), all_feeds(NOW), NOW)
    assert today.readings[0].ratio == 1.0
    tomorrow = NOW + timedelta(days=1)
    later = score(card(), facts(NOW, days={**dict.fromkeys(STEADY, 1.0), 0: 500.0}), all_feeds(tomorrow), tomorrow)
    assert later.readings[0].ratio == 1.5  # as much as one metric may count


def test_old_evidence_weighs_less_and_confidence_falls_with_it() -> None:
    fading = card(
        Group("usage", 50, (LEVEL,)),
        Group("sentiment", 50, (measure("survey", NPS, Aggregate("latest", 365), half_life_days=30),)),
    )
    known = facts(NOW, signal("SurveyAnswered", NOW - timedelta(days=30), kind="nps", score=0), days=STEADY)
    scored = score(fading, known, all_feeds(NOW), NOW)
    assert scored.readings[1].weight == 500
    assert scored.confidence == 7500


def test_stale_evidence_counts_as_the_card_says() -> None:
    aged = measure("survey", NPS, Aggregate("latest", 365), stale_days=60, stale=None)
    at = NOW - timedelta(days=61)
    scored = score(
        card(Group("sentiment", 100, (aged,))),
        facts(NOW, signal("SurveyAnswered", at, kind="nps", score=9)),
        all_feeds(NOW),
        NOW,
    )
    assert (scored.hundredths, scored.readings[0].why) == (None, "stale")


def test_what_happens_later_does_not_count() -> None:
    later = signal("SurveyAnswered", NOW + timedelta(seconds=1), kind="nps", score=0)
    ticket = signal("TicketOpened", NOW + timedelta(hours=1), "T", severity="urgent")
    quiet = facts(NOW, days=STEADY)
    assert score(
        card(), facts(NOW, later, ticket, days={**STEADY, 0: 3.0, -1: 9.0}), all_feeds(NOW), NOW
    ).hundredths == (score(card(), quiet, all_feeds(NOW), NOW).hundredths)


@pytest.mark.parametrize(("value", "points"), [(-1.0, 0), (0.0, 0), (5.0, 5000), (10.0, 10_000), (99.0, 10_000)])
def test_curve_is_straight_between_its_points_and_bounded(value: float, points: int) -> None:
    assert points_of(RISING, value) == points
    assert points_of(Normalise(RISING.curve, step=True), value) == (10_000 if value >= 10 else 0)


@st.composite
def scores(draw: st.DrawFn) -> tuple[Scorecard, Score]:
    """A card of one to nine of twelve measures, and any score under it."""
    names = draw(st.lists(st.sampled_from([f"m{index}" for index in range(12)]), min_size=1, max_size=9, unique=True))
    measures = tuple(measure(name, NPS, Aggregate("latest", 9)) for name in names)
    chosen = (
        card(Group("one", 40, measures[:1]), Group("rest", 60, measures[1:]))
        if len(measures) > 1
        else card(Group("one", 100, measures))
    )
    points = st.one_of(st.none(), st.integers(0, 10_000))
    readings = tuple(Reading(one, draw(points), draw(st.integers(1, 9000))) for one in measures)
    exact = _exact_mean(chosen, readings)
    return chosen, Score(NOW, None if exact is None else round(exact), 0, readings)


@given(scores())
def test_contributions_sum_exactly_to_the_score(drawn: tuple[Scorecard, Score]) -> None:
    chosen, scored = drawn
    parts = contributions(chosen, scored)
    assert sum(part.hundredths for part in parts) == (scored.hundredths or 0)
    for part in parts:
        assert part.reading.points is not None or part.hundredths == 0


@given(scores(), scores())
def test_changes_sum_exactly_to_the_difference(then: tuple[Scorecard, Score], now: tuple[Scorecard, Score]) -> None:
    """Between any two scores, and any two cards: what one of them does not measure counts as nothing there."""
    before, after = contributions(*then), contributions(*now)
    moved = changes(before, after)
    assert sum(change.hundredths for change in moved) == (now[1].hundredths or 0) - (then[1].hundredths or 0)
    assert all(change.hundredths for change in moved)
    assert [abs(change.hundredths) for change in moved] == sorted(
        (abs(change.hundredths) for change in moved), reverse=True
    )


def _exact_mean(chosen: Scorecard, readings: tuple[Reading, ...]) -> Fraction | None:
    """The mean of groups of means, with fractions: what the score must be, rounded half to even."""
    total, weight, start = Fraction(0), 0, 0
    for group in chosen.groups:
        some = [one for one in readings[start : start + len(group.measures)] if one.points is not None]
        start += len(group.measures)
        if some:
            whole = sum(one.weight for one in some)
            total += group.weight * Fraction(sum(one.weight * (one.points or 0) for one in some), whole)
            weight += group.weight
    return total / weight if weight else None


def test_score_is_rounded_half_to_even_without_a_float() -> None:
    def scored(*points: int) -> int | None:
        some: list[Measure] = [measure(f"m{index}", NPS, Aggregate("latest", 9)) for index in range(len(points))]
        chosen = card(Group("all", 100, tuple(some)))
        readings = tuple(Reading(one, point, 1) for one, point in zip(some, points, strict=True))
        shares, whole = _exact(chosen, readings)
        return _rounded(sum(shares), whole)

    assert [scored(0, 1), scored(1, 2), scored(3333, 3333, 3334)] == [0, 2, 3333]


def test_change_is_named_after_what_made_it() -> None:
    before = score(card(), facts(NOW, days=STEADY), all_feeds(NOW), NOW)
    after = score(
        card(), facts(NOW, signal("TicketOpened", NOW, "T", severity="urgent"), days=STEADY), all_feeds(NOW), NOW
    )
    moved = changes(contributions(card(), before), contributions(card(), after))
    assert sum(change.hundredths for change in moved) == (after.hundredths or 0) - (before.hundredths or 0)
    assert moved[0].measure == LOAD.name
    assert SURVEY.name not in {change.measure for change in moved}
