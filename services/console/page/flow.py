"""How customers moved between bands, month by month, as it is drawn and told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.console.store.value import MONTHS, Flow

_RANK = {"red": 0, "yellow": 1, "green": 2}


@dataclass(frozen=True)
class Month:
    """A month's moves, in customers. unknown: moves to or from not knowing; most: of any month, for scale."""

    first: date
    better: int
    worse: int
    unknown: int
    most: int


def months_of(flows: Sequence[Flow], today: date) -> list[Month]:
    """Return the last months, the earliest first, also those in which nothing moved."""
    months = [_month(today, back) for back in range(MONTHS - 1, -1, -1)]
    counted = [(month, _count(flows, month, 1), _count(flows, month, -1), _count(flows, month, 0)) for month in months]
    most = max((max(better, worse, unknown) for _, better, worse, unknown in counted), default=0) or 1
    return [Month(*each, most) for each in counted]


def _month(today: date, back: int) -> date:
    months = today.year * 12 + today.month - 1 - back
    return date(months // 12, months % 12 + 1, 1)


def _count(flows: Sequence[Flow], month: date, direction: int) -> int:
    return sum(flow.customers for flow in flows if flow.month == month and _direction(flow) == direction)


def _direction(flow: Flow) -> int:
    before, after = _RANK.get(flow.before), _RANK.get(flow.after)
    if before is None or after is None:
        return 0
    return 1 if after > before else -1
