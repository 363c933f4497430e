"""How much a customer uses the product on a day: its size, the weekday, growth, chance, and how things are going."""

from bisect import bisect_right
from datetime import date, timedelta
from random import Random

from amicable.demo.customers import Customer

_PER_SEAT = {"active_users": 0.62, "jobs_scheduled": 2.4, "reports_exported": 0.18, "api_calls": 34.0}
_METRICS = {"smb": 2, "mid-market": 3, "enterprise": 4}
_WEEKDAYS = (1.0, 1.08, 1.05, 1.02, 0.88, 0.55, 0.5)
_GROWTH_A_YEAR = 0.12
_NOISE = 0.07


def metrics(customer: Customer) -> tuple[str, ...]:
    """Return what is measured of the customer: the larger it is, the more of the product it uses."""
    return tuple(_PER_SEAT)[: _METRICS[customer.segment]]


class Curve:
    """How things are going, over time: 1 is as usual, 0 is no use at all; straight lines between points."""

    def __init__(self) -> None:
        """As usual, for ever."""
        self._days: list[date] = []
        self._factors: list[float] = []

    def bend(self, origin: date, points: tuple[tuple[int, float], ...]) -> None:
        """Go through these points (days after `origin`, factor) and stay at the last; days must grow."""
        for offset, factor in points:
            self._days.append(origin + timedelta(days=offset))
            self._factors.append(factor)

    def ended_by(self, day: date) -> bool:
        """Whether the last bend is over before the day."""
        return not self._days or self._days[-1] < day

    def at(self, day: date) -> float:
        """Return the factor on a day."""
        after = bisect_right(self._days, day)
        if after == 0:
            return self._factors[0] if self._factors else 1.0
        if after == len(self._days):
            return self._factors[-1]
        start, end = self._days[after - 1], self._days[after]
        share = (day - start).days / (end - start).days
        return self._factors[after - 1] + share * (self._factors[after] - self._factors[after - 1])


def used(customer: Customer, metric: str, day: date, *, years: float, factor: float, seed: int) -> int:
    """Return the quantity of a day, `years` after the customer began; the same for the same arguments."""
    usual = customer.seats * _PER_SEAT[metric] * _WEEKDAYS[day.weekday()] * (1 + _GROWTH_A_YEAR * years)
    chance = Random(f"{seed}/{customer.customer_id}/{metric}/{day}").gauss(1.0, _NOISE)  # noqa: S311  # not a secret
    return max(0, round(usual * factor * min(max(chance, 0.8), 1.2)))
