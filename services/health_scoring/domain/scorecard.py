"""A scorecard: what is measured, how much it counts, and from where on a customer is green, yellow or red.

Points are hundredths of a point, 0 to 10,000, everywhere in the domain but on curves, where they are 0 to 100: sums of
hundredths are exact.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

Band = Literal["green", "yellow", "red", "unknown"]
Severity = Literal["watch", "risk"]
POINT = 100  # hundredths
ANY_SEGMENT = "*"  # of a card: all segments that no other card names
MOST = 100 * POINT
HORIZON_DAYS = 140  # use that is older than this is not looked at: window and baseline of a measure fit into it

Aggregation = Literal[
    "sum", "count", "active_days", "distinct_users", "distinct_metrics", "days_since_last", "open_load",
    "oldest_open_days", "hours_to_resolve", "share", "mean", "latest", "onboarding_overdue_days",
]  # fmt: skip
RuleKind = Literal["fall", "contact_left", "open_tickets", "silence", "onboarding_overdue"]

_NOTHING: Mapping[str, tuple[str, ...]] = MappingProxyType({})
_ALIKE: Mapping[str, int] = MappingProxyType({})
TOPIC_OF_EVENT = MappingProxyType(
    {"UsageRecorded": "usage.v1"}
    | dict.fromkeys(("TicketOpened", "TicketEscalated", "TicketResolved", "TicketReopened"), "support.v1")
    | dict.fromkeys(
        (
            "SurveyAnswered", "MeetingHeld", "MeetingMissed", "InvoiceOverdue", "InvoicePaid", "ContactLeft",
            "CustomerLeft",
        ),
        "relationship.v1",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """Which events a measure looks at: of which types; of usage, of which metric ("*": all); with which values."""

    events: tuple[str, ...]
    metric: str = "*"
    where: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NOTHING)

    @cached_property
    def topics(self) -> frozenset[str]:
        """The topics that bring these events."""
        return frozenset(TOPIC_OF_EVENT[event] for event in self.events)


@dataclass(frozen=True)
class Aggregate:
    """How events become one number.

    days: the window, in UTC days (of usage the complete ones before today; of other events, today so far as well).
    per_seat: divided by the customer's seats. among: for a share, the types of events that it is a share of.
    percentile: of hours to resolve. load: what an open ticket counts by its severity; `escalated` multiplies it.
    """

    kind: Aggregation
    days: int = 0
    per_seat: bool = False
    among: tuple[str, ...] = ()
    percentile: int = 50
    load: Mapping[str, int] = field(default_factory=lambda: _ALIKE)
    escalated: int = 1


@dataclass(frozen=True)
class Normalise:
    """How the number becomes 0 (worst) to 100 (best).

    curve: (number, points) by rising number; between two of them straight, or with `step` as the lower one; bounded.
    baseline_days: if given, the number is first divided by the customer's own median over that many days before the
    window, in blocks as long as the window; a baseline needs at least `baseline_blocks` complete ones.
    """

    curve: tuple[tuple[float, float], ...]
    step: bool = False
    baseline_days: int = 0
    baseline_blocks: int = 1

    @cached_property
    def numbers(self) -> tuple[float, ...]:
        """The numbers at which the curve has its points."""
        return tuple(number for number, _ in self.curve)


@dataclass(frozen=True)
class Measure:
    """One measure, with its weight inside its group.

    half_life_days: the weight halves with every so many days of age of the newest evidence. missing, stale: the points
    where there is nothing to measure, or nothing newer than `stale_days`; None: unknown, and the weight goes to the
    other measures while confidence falls.
    """

    name: str
    weight: int
    source: Source
    aggregate: Aggregate
    normalise: Normalise
    says: str
    missing: int | None = None
    stale_days: int | None = None
    stale: int | None = None
    half_life_days: int | None = None

    @cached_property
    def is_daily(self) -> bool:
        """Whether it says the same at every hour of a UTC day: it looks at complete days of use alone."""
        ages = self.stale_days is not None or self.half_life_days is not None
        return self.source.events == ("UsageRecorded",) and self.aggregate.kind != "days_since_last" and not ages

    @cached_property
    def is_of_signals(self) -> bool:
        """Whether it looks at other events than use; within a UTC day it says something else only after one of them."""
        return bool(self.source.events) and "UsageRecorded" not in self.source.events

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The types of events without which it says the same of every customer; empty where it always depends on them.

        (What is compared with the usual depends on since when there is any, and what is divided by seats on those.)
        """
        depends = self.normalise.baseline_days or self.aggregate.per_seat or not self.is_of_signals
        return frozenset() if depends else frozenset((*self.source.events, *self.aggregate.among))

    @cached_property
    def known(self) -> dict[str, Any]:
        """What was worked out of the measure alone, by name."""
        return {}


@dataclass(frozen=True)
class Group:
    """Measures that belong together; `weight` of 100 in the score."""

    name: str
    weight: int
    measures: tuple[Measure, ...]


@dataclass(frozen=True)
class Thresholds:
    """From how many points on a customer is green or yellow, once it has been one for so many months."""

    from_months: int
    green: int
    yellow: int


@dataclass(frozen=True)
class Hold:
    """How long a worse band, or a better one (by so many points), must hold before it counts. Hours."""

    worse_hours: int = 24
    better_by: int = 5 * POINT
    better_hours: int = 7 * 24


@dataclass(frozen=True)
class Rule:
    """Something that is a risk by itself and acts at once: the band is at least this bad while it holds.

    fall: `points` in `days` days. contact_left: somebody of `roles`, within `days`. open_tickets: `count` of
    `severities`. silence: no use for `days`. onboarding_overdue: `days` past the expected end.
    """

    name: str
    kind: RuleKind
    band: Literal["yellow", "red"]
    severity: Severity
    says: str
    days: int = 0
    points: int = 0
    count: int = 0
    roles: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scorecard:
    """A card in one version. Thresholds by rising tenure, the first from month 0."""

    name: str
    version: int
    segments: tuple[str, ...]
    groups: tuple[Group, ...]
    thresholds: tuple[Thresholds, ...]
    rules: tuple[Rule, ...] = ()
    hold: Hold = Hold()
    known_from: int = 6000  # hundredths of a percent of the weight

    @cached_property
    def measures(self) -> tuple[Measure, ...]:
        """All measures, in the card's order."""
        return tuple(measure for group in self.groups for measure in group.measures)

    @cached_property
    def parts(self) -> tuple[tuple[slice, int, int], ...]:
        """Of each group: which of the card's measures it has, its weight, and the sum of their weights."""
        found, start = [], 0
        for group in self.groups:
            end = start + len(group.measures)
            found.append((slice(start, end), group.weight, sum(measure.weight for measure in group.measures)))
            start = end
        return tuple(found)

    @cached_property
    def topics(self) -> frozenset[str]:
        """The topics that the card's measures look at."""
        return frozenset(topic for measure in self.measures for topic in measure.source.topics)

    def band(self, points: int, months: int) -> Band:
        """Return the band of a score for a customer of so many months, without any hold."""
        bounds = next(bounds for bounds in reversed(self.thresholds) if months >= bounds.from_months)
        if points >= bounds.green:
            return "green"
        return "yellow" if points >= bounds.yellow else "red"
