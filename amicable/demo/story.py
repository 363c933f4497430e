"""The story after the history, a day at a time: first the one that is written down, then an endless one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from amicable.demo.company import Company
from amicable.demo.director import Director
from amicable.demo.happening import Happening, Note
from shared.contracts.event import UpstreamEvent

WRITTEN_DAYS = 14


@dataclass(frozen=True)
class Day:
    """A day of the story: what happened in the 24 hours up to `moment`, in the order of time."""

    number: int
    moment: datetime
    happenings: tuple[Happening, ...]

    @property
    def events(self) -> list[UpstreamEvent]:
        """What upstream systems send of it."""
        return [event for happening in self.happenings for event in happening.events]

    @property
    def notes(self) -> list[Note]:
        """What is worth a line."""
        return [happening.note for happening in self.happenings if happening.note]


def tell(company: Company, days: int | None = None) -> Iterator[Day]:
    """Yield so many days after the company's anchor, or days without end. The history must have been taken before."""
    director = Director(company)
    number = 0
    while days is None or number < days:
        number += 1
        if number > WRITTEN_DAYS:
            director.direct()
        moment = company.anchor + timedelta(days=number)
        yield Day(number, moment, tuple(company.until(moment)))
