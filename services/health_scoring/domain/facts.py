"""What is known of one customer, by event time: the input of its score, at any moment.

Nothing here depends on the order of arrival: a day of use is a sum, a signal has its place by when it happened, and
the master data are the latest. Days are UTC and counted as ordinals (`date.toordinal`).
"""

from bisect import bisect_right, insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import accumulate
from math import fsum
from operator import sub
from typing import Any, NamedTuple

_SMALL = 2.0**40  # whole numbers below it are exact as floats, and so are the sums of thousands of them


class Days(NamedTuple):
    """Days as bits: 1 << day - `start`."""

    start: int
    bits: int

    def between(self, start: int, end: int) -> int:
        """Return those from day `start` up to, without, day `end`, as bits with the same start."""
        if end <= self.start or not self.bits:
            return 0
        low = start - self.start if start > self.start else 0
        return (self.bits & ((1 << end - self.start) - 1)) >> low << low

    def last(self, start: int, end: int) -> int | None:
        """Return the last of them from day `start` up to, without, day `end`; None if there is none."""
        found = self.between(start, end)
        return self.start + found.bit_length() - 1 if found else None


@dataclass(frozen=True)
class Usage:
    """The use of one metric, day by day from a day on; UTC.

    begun: the first day on which it was ever used. seen: the days on which it was. quantities, events: of each day from
    the start of `seen` on, 0 where there was none. whole: all quantities are whole numbers, and small enough for exact
    sums. first_at, last_ids, last_at: when it was first used on a day, the last event of it, and when that was, for the
    days of which they are asked.
    """

    begun: int
    seen: Days
    quantities: Sequence[float]
    events: Sequence[int]
    whole: bool
    first_at: Mapping[int, datetime]
    last_ids: Mapping[int, str] = field(default_factory=dict)
    last_at: Mapping[int, datetime] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        days: Sequence[int],
        quantities: Sequence[float],
        events: Sequence[int],
        first_at: Mapping[int, datetime],
        last_ids: Mapping[int, str] | None = None,
    ) -> "Usage":
        """Return the use by the days on which there was some, which rise."""
        return NO_USE.with_days(days, quantities, events, first_at, last_ids or {}, {})

    def with_days(
        self,
        days: Sequence[int],
        quantities: Sequence[float],
        events: Sequence[int],
        first_at: Mapping[int, datetime],
        last_ids: Mapping[int, str],
        last_at: Mapping[int, datetime],
    ) -> "Usage":
        """Return the use with these days, which rise, as they are told here; the others stay."""
        if not days:
            return self
        start, size = self.seen.start, len(self.quantities)
        if not size:
            start = days[0]
        before = max(0, start - days[0])
        after = max(0, days[-1] + 1 - start - size)
        by_day = [*[0] * before, *self.quantities, *[0] * after]
        events_by_day = [*[0] * before, *self.events, *[0] * after]
        start, bits = start - before, self.seen.bits << before
        for day, quantity, count in zip(days, quantities, events, strict=True):
            by_day[day - start] = quantity
            events_by_day[day - start] = count
            bits |= 1 << day - start
        whole = self.whole and all(map(_is_whole, quantities))
        begun, seen = min(self.begun, days[0]), Days(start, bits)
        return Usage(begun, seen, by_day, events_by_day, whole, first_at, last_ids, last_at)

    def cut(self, start: int, end: int) -> "Usage":
        """Return the use without the days before `start` and from day `end` on; when it began stays known."""
        first, last = self._rows(start, end)
        days = Days(self.seen.start + first, self.seen.between(start, end) >> first)
        return replace(self, seen=days, quantities=self.quantities[first:last], events=self.events[first:last])

    @cached_property
    def _totals(self) -> list[float]:
        """What was used before each day from the first on."""
        return list(accumulate(self.quantities, initial=0))

    def _rows(self, start: int, end: int) -> tuple[int, int]:
        """Return which rows are of day `start` up to, without, day `end`."""
        size, first, last = len(self.quantities), start - self.seen.start, end - self.seen.start
        return max(first, 0), max(min(last, size), 0)

    def quantity(self, start: int, end: int) -> float:
        """Return what was used from day `start` up to, without, day `end`: rounded once, in any order of the days."""
        first, last = self._rows(start, end)
        if first >= last:
            return 0.0
        return float(self._totals[last] - self._totals[first]) if self.whole else fsum(self.quantities[first:last])

    def of_blocks(self, first: int, end: int, days: int) -> list[float]:
        """Return what was used in each block of so many days, from the day `first` up to, without, the day `end`."""
        begin, size = first - self.seen.start, end - self.seen.start
        if not self.whole or begin < 0 or first >= end:
            return [self.quantity(start, start + days) for start in range(first, end, days)]
        totals = self._totals
        if size >= len(totals):
            totals = totals + totals[-1:] * (size + 1 - len(totals))
        marks = totals[begin : size + 1 : days]
        return list(map(sub, marks[1:], marks))

    def count(self, start: int, end: int) -> int:
        """Return how many events there were from day `start` up to, without, day `end`."""
        first, last = self._rows(start, end)
        return sum(self.events[first:last])

    def was_used(self, start: int, end: int) -> bool:
        """Tell whether it was used from day `start` up to, without, day `end`."""
        return self.seen.between(start, end) != 0

    def last_day(self, at: datetime) -> int | None:
        """Return the last day of use by the moment; today counts from its first use on."""
        today = at.toordinal()
        last = self.seen.last(0, today + 1)
        if last == today and self.first_at[today] > at:
            last = self.seen.last(0, today)
        return last

    def first_at_of(self, day: int) -> datetime | None:
        """Return when it was first used on the day, None if it was not."""
        return self.first_at.get(day)

    def plus(self, at: datetime, quantity: float, event_id: str) -> "Usage":
        """Return the use with one more event: the same as the store makes of it."""
        day = at.toordinal()
        last = (self.last_at[day], self.last_ids[day]) if day in self.last_at else (at, event_id)
        last_at, last_id = max(last, (at, event_id))
        return self.with_days(
            [day],
            [_sum(self.quantity(day, day + 1), quantity)],
            [self.count(day, day + 1) + 1],
            {**self.first_at, day: min(at, self.first_at.get(day, at))},
            {**self.last_ids, day: last_id},
            {**self.last_at, day: last_at},
        )


def _sum(one: float, other: float) -> float:
    """Add decimals, as the store does: of 0.1 and 0.2 floats make something else than 0.3."""
    return float(Decimal(repr(one)) + Decimal(repr(other)))


def _is_whole(quantity: float) -> bool:
    return abs(quantity) < _SMALL and quantity == int(quantity)


NO_USE = Usage(date.max.toordinal(), Days(0, 0), (), (), whole=True, first_at={})


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
    users: the days on which each user was seen, as bits (1 << day - `users_from`, the first day of all). signals: in
    order.
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
    def known(self) -> dict[tuple[int, ...], Any]:
        """What was worked out and is the same at other moments: by what it was worked out of."""
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
    def kinds(self) -> frozenset[str]:
        """The types of the signals."""
        return frozenset(self.by_type)

    @cached_property
    def used(self) -> Days:
        """The days on which anything was used."""
        known = [use.seen for use in self.usage.values() if use.seen.bits]
        start = min((days.start for days in known), default=0)
        bits = 0
        for days in known:
            bits |= days.bits << days.start - start
        return Days(start, bits)

    @cached_property
    def first_day(self) -> int | None:
        """The first day of use."""
        return min((use.begun for use in self.usage.values()), default=None)

    def first_uses(self, start: int) -> Iterable[datetime]:
        """Yield when each metric was first used on each day, from day `start` on."""
        for use in self.usage.values():
            yield from (at for day, at in use.first_at.items() if day >= start)

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
        users, start = with_seen(self.users, self.users_from, user, at.toordinal())
        return replace(self, usage=usage, users=users, users_from=start)


def with_seen(users: Mapping[str, int], start: int, user: str, day: int) -> tuple[dict[str, int], int]:
    """Return the days of each user as bits, and the day of the first bit (0: nobody was ever seen), with one more."""
    first = min(start, day) if start else day
    moved = {name: bits << start - first for name, bits in users.items()} if first < start else dict(users)
    moved[user] = moved.get(user, 0) | 1 << day - first
    return moved, first


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
