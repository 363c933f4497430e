"""Keeps the endless story interesting and bounded: now and then a customer falls on hard times, never many at once."""

from datetime import timedelta
from random import Random

from amicable.demo.company import Company
from amicable.demo.dates import ONE_DAY
from amicable.demo.life import Life
from amicable.demo.misfortunes import WAYS
from amicable.demo.script import cast

_AT_ONCE = 6
_CHANCE_A_DAY = 0.4
_REST = timedelta(days=50)


class Director:
    """Chooses who is next. A customer that has had its share is left alone for a while."""

    def __init__(self, company: Company) -> None:
        """The same company is always given the same story."""
        self._lives = list(company.lives.values())
        self._random = Random(f"director/{company.anchor}")  # noqa: S311  # not a secret
        self._rested_from = {life.customer.customer_id: life.day for life in self._lives}

    def direct(self) -> None:
        """Perhaps begin a misfortune with the next day."""
        in_trouble = sum(not life.calm for life in self._lives)
        if in_trouble >= _AT_ONCE or self._random.random() > _CHANCE_A_DAY:
            return
        ready = [life for life in self._lives if self._is_ready(life)]
        if ready:
            life = self._random.choice(ready)
            cast(self._random.choice(WAYS)(self._random), life, life.day - ONE_DAY)
            self._rested_from[life.customer.customer_id] = life.day + _REST

    def _is_ready(self, life: Life) -> bool:
        return life.calm and life.day >= self._rested_from[life.customer.customer_id] and life.curve.ended_by(life.day)
