"""The demo's company as of an anchor: its people, its customers, a year of events, and the days after it."""

import heapq
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from amicable.demo import ordinary
from amicable.demo.customers import CUSTOMERS, Customer
from amicable.demo.happening import Happening
from amicable.demo.life import Life
from amicable.demo.people import PEOPLE
from amicable.demo.script import cast
from amicable.demo.scripts import CAST
from shared.contracts.event import UpstreamEvent

HISTORY = timedelta(days=365)
_DAYS_A_MONTH = 30.44


class Company:
    """A small company, the same for the same anchor and seed. Time goes forward only."""

    def __init__(self, anchor: datetime, seed: int = 7) -> None:
        """`anchor` is an aware moment: where the history ends and the story begins."""
        self.anchor = anchor.astimezone(UTC)
        self.lives = {customer.customer_id: self._begin(customer, seed) for customer in CUSTOMERS}
        self._to_come: list[tuple[datetime, str, int, Happening]] = []
        self._count = 0

    def history(self) -> list[UpstreamEvent]:
        """Return everything that happened in the year up to the anchor, in the order of time."""
        since = self.anchor - HISTORY
        people = [person.announced(since) for person in PEOPLE]
        return [*people, *(event for happening in self.until(self.anchor) for event in happening.events)]

    def until(self, moment: datetime) -> Iterator[Happening]:
        """Yield what happens up to this moment and was not told yet, in the order of time."""
        for life in self.lives.values():
            self._live(life, moment)
        while self._to_come and self._to_come[0][0] <= moment:
            yield heapq.heappop(self._to_come)[-1]

    def _begin(self, customer: Customer, seed: int) -> Life:
        today = self.anchor.astimezone(ZoneInfo(customer.country.time_zone)).date()
        days = round(customer.months * _DAYS_A_MONTH) + Random(f"{seed}/{customer.customer_id}").randrange(10)  # noqa: S311
        life = Life(customer, today - timedelta(days=days), today - HISTORY, seed)
        if customer.customer_id in CAST:
            cast(CAST[customer.customer_id], life, today)
        return life

    def _live(self, life: Life, moment: datetime) -> None:
        """Live the days that have begun by the moment."""
        while life.at(0) <= moment:
            ordinary.plan(life)
            for happening in life.live():
                self._count += 1
                heapq.heappush(self._to_come, (happening.at, life.customer.customer_id, self._count, happening))
