"""The way from events to cases by the pure rules alone: what the services must arrive at."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.health_scoring.cards_in_force import card_of
from services.health_scoring.domain import episode as episodes
from services.health_scoring.domain.course import Course
from services.health_scoring.domain.episode import Episode
from services.health_scoring.domain.facts import Facts, Onboarding, Profile, Signal, Usage, seen
from services.health_scoring.domain.feeds import Feeds, feeds, hour_of
from services.health_scoring.domain.judgement import Judgement, judge
from services.health_scoring.domain.scorecard import Scorecard
from services.health_scoring.scorecards.shipped import default_cards
from shared.contracts.event import UpstreamEvent
from shared.contracts.topics import UPSTREAM_TOPIC_OF_TYPE
from shared.contracts.upstream import CustomerChanged, PersonChanged, UsageRecorded

_SUBJECTS = ("ticket_id", "invoice_id", "contact_id")
_SAID = ("severity", "kind", "score", "by", "due_on")


@dataclass
class Patient:
    """A customer as its events tell of it, its bands one after the other, and its episode and case of risk.

    Attributes:
        case: the codes of the reasons that its case gives, None while it has none.
        facts: what would be announced of its episodes.
        found: when its first episode opened, and the codes of the reasons given then.
        since: the earliest moment of what was heard since it was examined last.
    """

    usage: dict[str, dict[int, list[Any]]] = field(default_factory=dict)
    users: list[tuple[str, int]] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)
    register: CustomerChanged | None = None
    roles: dict[str, str] = field(default_factory=dict)
    since: datetime | None = None
    course: Course | None = None
    bands: list[str] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    episode: Episode | None = None
    case: frozenset[str] | None = None
    facts: list[str] = field(default_factory=list)
    found: tuple[datetime, tuple[str, ...]] | None = None

    def take(self, event: UpstreamEvent) -> None:
        """Remember an event."""
        at = event.occurred_at
        self.since = min(at, self.since or at)
        match event:
            case UsageRecorded():
                row = self.usage.setdefault(event.metric, {}).setdefault(at.toordinal(), [0.0, 0, at, event.event_id])
                row[:] = [row[0] + event.quantity, row[1] + 1, min(row[2], at), event.event_id]
                if event.user_id:
                    self.users.append((event.user_id, at.toordinal()))
            case CustomerChanged():
                self.register, self.course = event, None
                self.roles |= {contact.contact_id: contact.role for contact in event.contacts}
            case _:
                said = event.model_dump(mode="json", include=set(_SAID))
                subject = next((str(getattr(event, name)) for name in _SUBJECTS if getattr(event, name, None)), "")
                self.signals.append(Signal(at, event.source, event.event_id, event.type, subject, said))

    def examine(self, now: datetime, known: Feeds) -> Judgement | None:
        """Judge at `now`, and follow the episode and the case; None for whom nobody has announced."""
        if self.register is None:
            return None
        judged = judge(self._card(), self._facts(), known, now, before=self.course, since=self.since)
        self.course, self.since = judged.course, None
        self.scores.append((judged.score.hundredths or 0) / 100)
        if not self.bands or self.bands[-1] != judged.standing.band:
            self.bands.append(judged.standing.band)
        codes = judged.codes if judged.standing.open_since else ()
        step = episodes.follow(self.episode, judged.standing, codes, lambda: judged.reasons, new_id="episode")
        self.episode = step.episode
        if step.fact:
            self.facts.append(step.fact)
        if step.fact == "detected" and step.episode and not self.found:
            self.found = now, tuple(reason.code for reason in step.episode.reasons)
        if step.fact in {"detected", "updated"} and self.episode and (self.case or self.episode.severity == "risk"):
            self.case = frozenset(reason.code for reason in self.episode.reasons)
        return judged

    def _card(self) -> Scorecard:
        return card_of(default_cards(), self.register.segment if self.register else "")

    def _facts(self) -> Facts:
        usage = {}
        for metric, rows in sorted(self.usage.items()):
            days = sorted(rows)
            quantities, events = ([rows[day][index] for day in days] for index in range(2))
            first_at, ids = ({day: rows[day][index] for day in days} for index in (2, 3))
            usage[metric] = Usage.of(days, quantities, events, first_at, ids)
        users = seen((user, (day,)) for user, day in self.users)
        return Facts(self._profile(), usage, *users, tuple(sorted(self.signals)))

    def _profile(self) -> Profile | None:
        told = self.register
        if told is None:
            return None
        work = told.onboarding
        return Profile(
            told.segment,
            told.started_on,
            told.seats,
            self.roles,
            Onboarding(work.expected_days, work.started_on, work.completed_on) if work else None,
        )


class Clinic:
    """All customers, and the feeds that tell of them."""

    def __init__(self, events: Iterable[UpstreamEvent]) -> None:
        """Take what has happened so far."""
        self.patients: dict[str, Patient] = {}
        self._active: dict[tuple[str, str], set[int]] = defaultdict(set)
        for event in events:
            self.take(event)

    def take(self, event: UpstreamEvent) -> None:
        """Remember an event."""
        if isinstance(event, PersonChanged):
            return
        if not isinstance(event, CustomerChanged):
            self._active[UPSTREAM_TOPIC_OF_TYPE[event.type].name, event.source].add(hour_of(event.occurred_at))
        self.patients.setdefault(event.key, Patient()).take(event)

    def feeds(self, now: datetime) -> Feeds:
        """Return the feeds as they are at `now`."""
        return feeds({feed: sorted(hours) for feed, hours in self._active.items()}, now)

    def examine(self, now: datetime, *names: str) -> dict[str, Judgement]:
        """Judge everybody, or only the named ones, at `now`."""
        known = self.feeds(now)
        found = {name: self.patients[name].examine(now, known) for name in names or self.patients}
        return {name: judged for name, judged in found.items() if judged is not None}
