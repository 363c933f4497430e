"""What is known of one customer, by event time: the input of its score, at any moment.

Nothing here depends on the order of arrival: a day of use is a sum, a signal has its place by when it happened, and
the master data are the latest. Days are UTC and counted as ordinals (`date.toordinal`).
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cached_property, lru_cache
from itertools import accumulate
from math import fsum
from typing import Any

_EXACT_BELOW = 2.0**53  # whole numbers below it are exact as floats, and so are their sums and differences


@dataclass(frozen=True)
class Usage:
    """The use of one metric: a row per day on which it was used, by rising day; UTC.

    first_at, last_ids: when it was first used on a day, and an event of it, for the days of which they are asked.
    """

    days: Sequence[int]
    quantities: Sequence[float]
    events: Sequence[int]
    first_at: Mapping[int, datetime]
    last_ids: Mapping[int, str] = field(default_factory=dict)

    def span(self, start: int, end: int) -> slice:
        """Return which rows are of day `start` up to, without, day `end`."""
        return slice(bisect_left(self.days, start), bisect_left(self.days, end))

    @cached_property
    def _totals(self) -> list[float] | None:
        """What was used before each day from the first on; None where sums of floats would not be exact."""
        if not self.days or not all(map(float.is_integer, self.quantities)) or fsum(self.quantities) >= _EXACT_BELOW:
            return None
        by_day = [0.0] * (self.days[-1] - self.days[0] + 2)
        for day, quantity in zip(self.days, self.quantities, strict=True):
            by_day[day - self.days[0] + 1] = quantity
        return list(accumulate(by_day))

    def quantity(self, start: int, end: int) -> float:
        """Return what was used from day `start` up to, without, day `end`: rounded once, in any order of the days."""
        totals = self._totals
        if totals is None:
            return fsum(self.quantities[self.span(start, end)])
        first, last = self.days[0], len(totals) - 1
        end, start = end - first, start - first
        if end <= 0 or start >= last:
            return 0.0
        return totals[min(last, end)] - totals[max(0, start)]

    def was_used(self, start: int, end: int) -> bool:
        """Tell whether it was used from day `start` up to, without, day `end`."""
        index = bisect_left(self.days, start)
        return index < len(self.days) and self.days[index] < end

    def last_day(self, at: datetime) -> int | None:
        """Return the last day of use by the moment; today counts from its first use on."""
        index = bisect_right(self.days, at.toordinal()) - 1
        if index >= 0 and self.days[index] == at.toordinal() and self.first_at[self.days[index]] > at:
            index -= 1
        return self.days[index] if index >= 0 else None

    def first_at_of(self, day: int) -> datetime | None:
        """Return when it was first used on the day, None if it was not."""
        return self.first_at.get(day)

    def plus(self, at: datetime, quantity: float, event_id: str) -> "Usage":
        """Return the use with one more event."""
        day = at.toordinal()
        index = bisect_left(self.days, day)
        known = index < len(self.days) and self.days[index] == day
        end = index + known
        return Usage(
            [*self.days[:index], day, *self.days[end:]],
            [*self.quantities[:index], (self.quantities[index] if known else 0.0) + quantity, *self.quantities[end:]],
            [*self.events[:index], (self.events[index] if known else 0) + 1, *self.events[end:]],
            {**self.first_at, day: min(at, self.first_at.get(day, at))},
            {**self.last_ids, day: event_id},
        )


NO_USE = Usage((), (), (), {})


@dataclass(frozen=True, order=True)
class Signal:
    """A support or relationship event: when, its id, what it is about (ticket, invoice, contact), what it says."""

    at: datetime
    source: str
    event_id: str
    type: str = field(compare=False)
    subject: str = field(compare=False)
    says: Mapping[str, Any] = field(compare=False)

    @property
    def day(self) -> int:
        """The UTC day."""
        return self.at.toordinal()


@dataclass(frozen=True)
class Onboarding:
    """The implementation: how many days it usually takes, when it began, when it was finished."""

    expected_days: int
    started_on: date
    completed_on: date | None


@dataclass(frozen=True)
class Profile:
    """The customer's master data, as far as the score needs them. contacts: role by contact id."""

    segment: str
    started_on: date
    seats: int | None = None
    contacts: Mapping[str, str] = field(default_factory=dict)
    onboarding: Onboarding | None = None


@dataclass(frozen=True)
class Ticket:
    """A ticket's way: when it was opened, escalated, and each time resolved or opened again (at, resolved, id)."""

    severity: str
    opened: Signal
    escalated_at: datetime | None
    turns: tuple[tuple[datetime, bool, str], ...]

    def is_open(self, at: datetime) -> bool:
        """Tell whether it is open at the moment."""
        if self.opened.at > at:
            return False
        resolved = False
        for when, what, _ in self.turns:
            if when > at:
                break
            resolved = what
        return not resolved

    def was_escalated(self, at: datetime) -> bool:
        """Tell whether it was escalated by the moment."""
        return self.escalated_at is not None and self.escalated_at <= at


@dataclass(frozen=True)
class Invoice:
    """An overdue invoice's way: when it was due, and each time it was said to be overdue or paid (at, paid, id)."""

    due_on: date
    opened: Signal
    turns: tuple[tuple[datetime, bool, str], ...]

    def is_open(self, at: datetime) -> bool:
        """Tell whether it is known to be overdue and unpaid at the moment."""
        paid = True
        for when, what, _ in self.turns:
            if when > at:
                break
            paid = what
        return not paid


@dataclass(frozen=True)
class Facts:
    """Everything that a customer's score is made from.

    profile: None while the customer was never announced (it is then not scored). usage: by metric and day.
    users: the days on which each user was seen, as bits (1 << day - `users_from`). signals: in order.
    """

    profile: Profile | None
    usage: Mapping[str, Usage] = field(default_factory=dict)
    users: Mapping[str, int] = field(default_factory=dict)
    users_from: int = 0
    signals: tuple[Signal, ...] = ()

    @cached_property
    def _moments(self) -> list[datetime]:
        return [signal.at for signal in self.signals]

    def signals_until(self, at: datetime) -> int:
        """Return how many of the signals have happened by the moment."""
        return bisect_right(self._moments, at)

    @cached_property
    def by_day(self) -> dict[tuple[int, int, int], Any]:
        """What was worked out of use for a whole day, by measure, feeds and day: the same at every hour of it."""
        return {}

    @cached_property
    def _found(self) -> dict[int, tuple[object, list[Signal], list[datetime]]]:
        return {}

    def matching(
        self, asked: object, kinds: Iterable[str], matches: Callable[[Signal], bool]
    ) -> tuple[list[Signal], list[datetime]]:
        """Return the signals of these types that match, in order, and their moments; found once for each `asked`."""
        known = self._found.get(id(asked))
        if known is None or known[0] is not asked:
            found = [signal for kind in kinds for signal in self.by_type.get(kind, ()) if matches(signal)]
            found.sort()
            known = self._found[id(asked)] = (asked, found, [signal.at for signal in found])
        return known[1], known[2]

    @cached_property
    def by_type(self) -> Mapping[str, tuple[Signal, ...]]:
        """The signals of each type, in order."""
        found: dict[str, list[Signal]] = {}
        for signal in self.signals:
            found.setdefault(signal.type, []).append(signal)
        return {kind: tuple(some) for kind, some in found.items()}

    @cached_property
    def all_days(self) -> list[int]:
        """The days on which anything was used, in order."""
        return sorted({day for use in self.usage.values() for day in use.days})

    @cached_property
    def first_day(self) -> int | None:
        """The first day of use."""
        return min((use.days[0] for use in self.usage.values() if use.days), default=None)

    def first_uses(self, start: int) -> Iterable[datetime]:
        """Yield when each metric was first used on each day, from day `start` on."""
        for use in self.usage.values():
            yield from (use.first_at[day] for day in use.days[bisect_left(use.days, start) :])

    def used_on(self, day: int, at: datetime) -> bool:
        """Tell whether anything was used on the day by the moment."""
        firsts = (use.first_at_of(day) for use in self.usage.values())
        return any(first is not None and first <= at for first in firsts)

    @cached_property
    def tickets(self) -> tuple[Ticket, ...]:
        """The tickets that were opened, by the time of their opening."""
        opened: dict[str, Signal] = {}
        escalated: dict[str, datetime] = {}
        turns: dict[str, list[tuple[datetime, bool, str]]] = {}
        for signal in self.signals:
            match signal.type:
                case "TicketOpened":
                    opened.setdefault(signal.subject, signal)
                case "TicketEscalated":
                    escalated.setdefault(signal.subject, signal.at)
                case "TicketResolved" | "TicketReopened":
                    turn = (signal.at, signal.type == "TicketResolved", signal.event_id)
                    turns.setdefault(signal.subject, []).append(turn)
        return tuple(
            Ticket(first.says["severity"], first, escalated.get(name), tuple(turns.get(name, ())))
            for name, first in opened.items()
        )

    @cached_property
    def invoices(self) -> tuple[Invoice, ...]:
        """The invoices that were overdue, by the time this was first said."""
        opened: dict[str, Signal] = {}
        turns: dict[str, list[tuple[datetime, bool, str]]] = {}
        for signal in self.signals:
            if signal.type == "InvoiceOverdue":
                opened.setdefault(signal.subject, signal)
            if signal.type in {"InvoiceOverdue", "InvoicePaid"}:
                turn = (signal.at, signal.type == "InvoicePaid", signal.event_id)
                turns.setdefault(signal.subject, []).append(turn)
        return tuple(
            Invoice(date.fromisoformat(first.says["due_on"]), first, tuple(turns[name]))
            for name, first in opened.items()
        )

    @cached_property
    def left_at(self) -> datetime | None:
        """When the customer ended the relationship by itself; None if it did not."""
        return min((signal.at for signal in self.by_type.get("CustomerLeft", ())), default=None)

    def with_signal(self, signal: Signal) -> "Facts":
        """Return the facts with one more signal."""
        signals = list(self.signals)
        insort(signals, signal)
        return replace(self, signals=tuple(signals))

    def with_use(self, metric: str, at: datetime, quantity: float, event_id: str, user: str | None) -> "Facts":
        """Return the facts with one more use."""
        usage = {**self.usage, metric: self.usage.get(metric, NO_USE).plus(at, quantity, event_id)}
        if user is None:
            return replace(self, usage=usage)
        users, start = seen([*_days_of_users(self), (user, (at.toordinal(),))])
        return replace(self, usage=usage, users=users, users_from=start)


def _days_of_users(known: Facts) -> Iterable[tuple[str, list[int]]]:
    for user, bits in known.users.items():
        yield user, [known.users_from + index for index in range(bits.bit_length()) if bits >> index & 1]


@lru_cache(maxsize=2048)
def midnight(day: int) -> datetime:
    """Return the moment at which the UTC day begins."""
    return datetime.fromordinal(day).replace(tzinfo=UTC)


def seen(users: Iterable[tuple[str, Iterable[int]]]) -> tuple[dict[str, int], int]:
    """Return the days of each user as bits, and the day of the first bit, from the days on which each was seen."""
    known = [(user, list(days)) for user, days in users]
    start = min((min(days) for _, days in known), default=0)
    bits: dict[str, int] = {}
    for user, days in known:
        for day in days:
            bits[user] = bits.get(user, 0) | 1 << day - start
    return bits, start
