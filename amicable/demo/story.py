"""The story after the history, a day at a time: first the one that is written down, then an endless one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from amicable.demo.company import Company
from amicable.demo.dates import ONE_DAY
from amicable.demo.director import Director
from amicable.demo.happening import Happening, Note
from shared.contracts.event import UpstreamEvent

WRITTEN_DAYS = 14
_LAST_MINUTE = time(23, 59, tzinfo=UTC)  # so that what is decided of a day bears its date


@dataclass(frozen=True)
class Day:
    """A day of the story (UTC): what happened up to `moment`, its last minute, in the order of time."""

    number: int
    moment: datetime
    happenings: tuple[Happening, ...]

    @property
    def date(self) -> date:
        """The day that is told."""
        return self.moment.date()

    @property
    def events(self) -> list[UpstreamEvent]:
        """What upstream systems send of it."""
        return [event for happening in self.happenings for event in happening.events]

    @property
    def notes(self) -> list[Note]:
        """What is worth a line."""
        return [happening.note for happening in self.happenings if happening.note]


def tell(company: Company, days: int | None = None) -> Iterator[Day]:
    """Yield so many days, or days without end. The history must have been taken before.

    The first is what the anchor leaves of its own day.
    """
    director = Director(company)
    day, number = company.anchor.date(), 0
    if datetime.combine(day, _LAST_MINUTE) <= company.anchor:
        day += ONE_DAY
    while days is None or number < days:
        number += 1
        if number > WRITTEN_DAYS:
            director.direct()
        moment = datetime.combine(day, _LAST_MINUTE)
        yield Day(number, moment, tuple(company.until(moment)))
        day += ONE_DAY
