"""The way from events to cases by the pure rules alone: what the services must arrive at."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from services.health_scoring.domain import history
from services.health_scoring.domain.episode import Episode, follow
from services.health_scoring.domain.score import Health, assess
from services.health_scoring.domain.signals import Signals
from shared.contracts.event import UpstreamEvent
from shared.contracts.upstream import CustomerChanged, UsageRecorded

_SUBJECTS = ("ticket_id", "invoice_id", "contact_id")


@dataclass
class Patient:
    """A customer as its events tell of it, its bands one after the other, and its episode and case of risk.

    Attributes:
        case: the codes of the reasons that its case gives, None while it has none.
        facts: what would be announced of its episodes.
        known: its signals, until something new is heard.
    """

    since: date
    usage: dict[str, dict[date, float]] = field(default_factory=dict)
    last_used_at: datetime | None = None
    told: list[history.Event] = field(default_factory=list)
    register: CustomerChanged | None = None
    bands: list[str] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    episode: Episode | None = None
    case: frozenset[str] | None = None
    facts: list[str] = field(default_factory=list)
    known: Signals | None = None

    def take(self, event: UpstreamEvent) -> None:
        """Remember an event."""
        self.known = None
        match event:
            case UsageRecorded():
                self.last_used_at = max(event.occurred_at, self.last_used_at or event.occurred_at)
                day = event.occurred_at.date()
                if day >= self.since:
                    by_day = self.usage.setdefault(event.metric, {})
                    by_day[day] = by_day.get(day, 0.0) + event.quantity
            case CustomerChanged():
                self.register = event
            case _:
                said = event.model_dump(mode="json", include={"severity", "kind", "score", "by", "due_on"})
                subject = next((str(getattr(event, name)) for name in _SUBJECTS if hasattr(event, name)), None)
                self.told.append(history.Event(event.type, event.occurred_at, event.event_id, subject, said))

    def examine(self, now: datetime) -> Health:
        """Assess at `now`, and follow the episode and the case."""
        health = assess(self.signals(), now)
        self.scores.append((health.hundredths or 0) / 100)
        if not self.bands or self.bands[-1] != health.band:
            self.bands.append(health.band)
        step = follow(self.episode, health, new_id="episode")
        self.episode = step.episode
        if step.fact:
            self.facts.append(step.fact)
        if step.fact in {"detected", "updated"} and self.episode and (self.case or self.episode.severity == "risk"):
            self.case = frozenset(reason.code for reason in self.episode.reasons)
        return health

    def signals(self) -> Signals:
        """Return what is known."""
        if self.known is None:
            self.known = self._fold()
        return self.known

    def _fold(self) -> Signals:
        contacts = {contact.contact_id: contact.role for contact in self.register.contacts} if self.register else None
        return history.signals(self.told, usage=self.usage, last_used_at=self.last_used_at, contacts=contacts)


def admit(events: Iterable[UpstreamEvent], anchor: datetime) -> dict[str, Patient]:
    """Return every customer with its events up to the anchor taken."""
    since = (anchor - timedelta(days=101)).date()  # no measure looks further back
    patients: dict[str, Patient] = {}
    for event in events:
        if event.key_field == "customer_id":
            patients.setdefault(event.key, Patient(since)).take(event)
    return patients
