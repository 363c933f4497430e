"""The endless story stays interesting and bounded, and cases of customers that are well again get closed."""

from base64 import b64encode
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

import pytest

from amicable.demo.closing import Closing
from amicable.demo.company import Company
from amicable.demo.story import tell
from services.health_scoring.domain.feeds import Gap
from tests.demo import facts
from tests.demo.conftest import ANCHORS
from tests.demo.rules import Clinic

DAYS = 100


@dataclass(frozen=True)
class Story:
    """A long story: bands day by day, lines day by day, all ids, and when feeds seemed dead."""

    bands: list[Counter[str]]
    lines: list[int]
    ids: list[str]
    gaps: list[Gap]


@pytest.fixture(scope="module")
def story() -> Story:
    """The story that is told for months."""
    company = Company(ANCHORS[1])
    clinic = Clinic(company.history())
    bands, lines, ids = [], [], []
    for day in islice(tell(company), DAYS):
        for event in day.events:
            clinic.take(event)
            ids.append(f"{event.source}:{event.event_id}")
        bands.append(Counter(str(judged.standing.band) for judged in clinic.examine(day.moment).values()))
        lines.append(len(day.notes))
    return Story(bands, lines, ids, [gap for gap in clinic.feeds(day.moment).gaps if gap.start > company.anchor])


def test_most_customers_are_well_at_any_time(story: Story) -> None:
    assert min(band["green"] for band in story.bands) >= 27
    assert max(band["red"] for band in story.bands) <= 5


def test_customers_decline_and_recover(story: Story) -> None:
    late = story.bands[40:]
    assert any(band["red"] for band in late)
    assert any(band["green"] >= 36 for band in late)


def test_there_is_something_to_tell_every_week(story: Story) -> None:
    assert all(sum(story.lines[start : start + 7]) > 0 for start in range(DAYS - 7))


def test_no_feed_seems_dead_however_long_it_goes_on(story: Story) -> None:
    assert story.gaps == []


def test_ids_stay_unique(story: Story) -> None:
    assert len(story.ids) == len(set(story.ids))


def test_a_case_is_closed_a_week_after_its_risk_was_over_and_not_before() -> None:
    closing = Closing("kafka:9092", b64encode(bytes(32)).decode())
    closing.learn([facts.case("a", "ana.ruiz"), facts.case("b", "ana.ruiz"), facts.cleared("a")])
    assert closing.ripe(facts.NOW + timedelta(days=6)) == []
    assert [customer for customer, _ in closing.ripe(facts.NOW + timedelta(days=7))] == ["a"]


def test_a_case_is_not_closed_once_a_new_risk_was_announced() -> None:
    closing = Closing("kafka:9092", b64encode(bytes(32)).decode())
    closing.learn([facts.case("a", "ana.ruiz"), facts.cleared("a"), facts.risk("a")])
    assert closing.ripe(facts.NOW + timedelta(days=9)) == []
