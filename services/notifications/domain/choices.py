"""What a person chose: where, when and how often to be told, of whom not, and who stands in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Literal

from services.notifications.domain.urgency import Urgency

ADDRESSED = frozenset({"mail", "console"})  # channels that know whom they reach by people.v1
USUAL = "mail"
Timing = Literal["at_once", "hourly", "daily", "weekly", "never"]

EVERY_DAY = frozenset(range(7))
CHANNELS: Mapping[Urgency, tuple[str, ...]] = {
    "low": ("mail",), "normal": ("mail",), "high": ("mail",), "critical": ("mail",),
}  # fmt: skip
TIMINGS: Mapping[Urgency, Timing] = {"low": "daily", "normal": "at_once", "high": "at_once", "critical": "at_once"}


@dataclass(frozen=True)
class QuietHours:
    """From one time of the day to another, by the person's own clock; over midnight where it ends before it begins."""

    begins: time
    ends: time

    def hold(self, at: time) -> bool:
        """Tell whether it is quiet at this time of the day."""
        if self.begins <= self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends


@dataclass(frozen=True)
class Absence:
    """Away from the beginning of a day to the end of another. substitute: who stands in."""

    first_day: date
    last_day: date
    substitute: str | None = None


@dataclass(frozen=True)
class Choices:
    """working_days: 0 is Monday. country: whose public holidays are free. muted: customers, until when each.

    broken: channels whose address takes nothing any more. links_from: links made before then do nothing.
    """

    channels: Mapping[Urgency, tuple[str, ...]] = field(default_factory=lambda: CHANNELS)
    timings: Mapping[Urgency, Timing] = field(default_factory=lambda: TIMINGS)
    addresses: Mapping[str, str] = field(default_factory=dict)
    quiet: QuietHours | None = None
    working_days: frozenset[int] = EVERY_DAY
    country: str | None = None
    digest_at: time = time(8)
    digest_day: int = 0
    muted: Mapping[str, datetime] = field(default_factory=dict)
    absence: Absence | None = None
    links_from: datetime | None = None
    broken: frozenset[str] = frozenset()

    def on(self, urgency: Urgency) -> tuple[str, ...]:
        """Return the channels for something so urgent; mail stands in for those that are broken."""
        chosen = self.channels.get(urgency) or CHANNELS[urgency]
        return tuple(dict.fromkeys(USUAL if one in self.broken else one for one in chosen))

    def timing(self, urgency: Urgency) -> Timing:
        """Return when something so urgent is told; what is critical is told at once."""
        return "at_once" if urgency == "critical" else self.timings.get(urgency, TIMINGS[urgency])

    def mutes(self, customer_id: str | None, urgency: Urgency, now: datetime) -> bool:
        """Tell whether nothing is to be said of the customer now; what is critical is said all the same."""
        until = self.muted.get(customer_id or "")
        return urgency != "critical" and until is not None and now < until
