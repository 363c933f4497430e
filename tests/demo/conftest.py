"""The demo's company and written story at several anchors, each made once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from amicable.demo.company import Company
from amicable.demo.story import WRITTEN_DAYS, Day, tell
from shared.contracts.event import UpstreamEvent

ANCHORS = tuple(
    datetime.fromisoformat(text).replace(tzinfo=UTC)
    for text in (
        "2026-11-16T00:00",  # a Monday, at midnight
        "2026-11-17T06:30",
        "2026-11-18T13:00",
        "2026-11-20T23:59",
        "2026-11-21T03:00",
        "2026-11-22T17:00",  # a Sunday
        "2024-02-29T12:00",
        "2026-03-28T23:30",  # the night in which Europe's clocks go forward
        "2026-10-25T00:30",  # ... and back
        "2026-12-31T23:30",
        "2027-05-31T09:00",
    )
)


@dataclass(frozen=True)
class Told:
    """A company's history up to the anchor, and the days of its written story."""

    anchor: datetime
    history: Sequence[UpstreamEvent]
    days: Sequence[Day]

    @property
    def events(self) -> list[UpstreamEvent]:
        """All of it."""
        return [*self.history, *(event for day in self.days for event in day.events)]


def tell_everything(anchor: datetime, seed: int = 7) -> Told:
    """Make a company and have it told."""
    company = Company(anchor, seed)
    return Told(anchor, company.history(), tuple(tell(company, WRITTEN_DAYS)))


@pytest.fixture(scope="package", params=ANCHORS, ids=lambda anchor: f"{anchor:%a-%Y-%m-%d-%H:%M}")
def told(request: pytest.FixtureRequest) -> Told:
    """The story as it is told from one of the anchors: every weekday and time of day, and where calendars are odd."""
    return tell_everything(request.param)
