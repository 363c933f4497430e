"""What is told of a judgement, against what was told before."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.health_scoring.announcing import Beside, announce
from services.health_scoring.domain.judgement import Judgement, judge
from services.health_scoring.store.health import Due, Kept
from tests.services.health_scoring.cards import SPONSOR, all_feeds, card, facts, signal

NOW = datetime(2026, 3, 15, 12, 20, tzinfo=UTC)
DUE = Due("acme", 0, NOW, "e1")
CARD = card(rules=(SPONSOR,))
STEADY = dict.fromkeys(range(200), 10.0)
WELL = judge(CARD, facts(NOW, days=STEADY), all_feeds(NOW), NOW)
FALLEN = judge(CARD, facts(NOW, days={**STEADY, **dict.fromkeys(range(15), 2.5)}), all_feeds(NOW), NOW)


def told(judged: Judgement, before: Kept | None = None, now: datetime = NOW) -> tuple[Kept, list[Any]]:
    kept, messages = announce(DUE, judged, before, Beside(), now)
    return kept, [message for _, message in messages]


def test_first_score_and_band_are_told_and_the_same_once_more_is_not() -> None:
    kept, (scored, changed) = told(WELL)
    assert (changed.type, changed.before, changed.after) == ("HealthBandChanged", "unknown", "green")
    assert (scored.type, scored.revision, scored.score, scored.band) == ("HealthScored", 1, "100.00", "green")
    assert told(WELL, kept, NOW + timedelta(minutes=5))[1] == []


@pytest.mark.parametrize(("moved", "is_told"), [(0, False), (99, False), (-99, False), (100, True), (-100, True)])
def test_score_is_told_when_it_has_moved_by_a_point(moved: int, is_told: bool) -> None:
    """Against what was told last, so that many small steps are told as well."""
    kept, _ = told(WELL)
    after, messages = told(WELL, replace(kept, published_hundredths=10_000 - moved))
    assert [message.type for message in messages] == ["HealthScored"] * is_told
    assert after.published_hundredths == (10_000 if is_told else 10_000 - moved)


def test_other_band_is_told_with_both_and_since_when() -> None:
    kept, _ = told(WELL)
    _, messages = told(FALLEN, kept)
    scored, changed, detected = messages
    assert [message.type for message in messages] == ["HealthScored", "HealthBandChanged", "RiskDetected"]
    assert (changed.before, changed.after, changed.since) == ("green", "red", FALLEN.standing.since)
    assert (changed.score, scored.score, changed.occurred_at) == ("25.00", "25.00", NOW)
    assert (detected.severity, detected.since) == ("risk", FALLEN.standing.open_since)
    assert (detected.causation_id, detected.reasons[0].code) == ("e1", "level")
    assert (detected.reasons[0].evidence.value, detected.reasons[0].evidence.usual) == (35.0, 140.0)
    assert detected.reasons[0].evidence.event_ids == (f"u{NOW.toordinal()}",)


def test_episode_keeps_its_id_until_it_is_cleared_and_the_next_has_another() -> None:
    first, (_, _, detected) = told(FALLEN)
    gone = facts(
        NOW, signal("ContactLeft", NOW, "boss"), days={**STEADY, **dict.fromkeys(range(15), 2.5)},
        contacts={"boss": "sponsor"},
    )  # fmt: skip
    more, (updated,) = told(judge(CARD, gone, all_feeds(NOW), NOW), first)
    assert [reason.code for reason in updated.reasons] == ["sponsor_left", "level"]
    over, (_, _, cleared) = told(WELL, more)
    assert (updated.type, cleared.type) == ("RiskUpdated", "RiskCleared")
    assert detected.episode_id == updated.episode_id == cleared.episode_id
    assert (over.episode, over.episodes) == (None, 1)
    again = told(FALLEN, over)[1][-1]
    assert (again.type, again.episode_id != detected.episode_id) == ("RiskDetected", True)
    assert told(FALLEN)[1][-1].episode_id == detected.episode_id  # also after a crash
