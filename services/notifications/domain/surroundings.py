"""What is known when somebody is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.notifications.domain.choices import Choices
from services.notifications.domain.directory import Directory
from services.notifications.domain.rule import FALLBACK, Role
from services.notifications.domain.telling_time import is_away

PATIENCE = timedelta(hours=24)


@dataclass(frozen=True)
class Surroundings:
    """Our people, what each chose, and which channels there are. fallback: who is told of what nobody else is there
    for; patience: how long whoever is meant, and not known, is waited for.
    """

    people: Directory
    choices: Mapping[str, Choices]
    channels: frozenset[str]
    now: datetime
    fallback: tuple[Role, ...] = FALLBACK
    patience: timedelta = PATIENCE

    def of(self, person_id: str) -> Choices:
        """Return what a person chose, else what is usual."""
        return self.choices.get(person_id) or Choices()

    def is_here(self, person_id: str) -> bool:
        """Tell whether the person is one of our active people, and not away."""
        return self.is_active(person_id) and not self.is_away(person_id)

    def is_active(self, person_id: str) -> bool:
        """Tell whether the person is one of our active people."""
        return person_id in self.people.by_id and self.people.by_id[person_id].active

    def is_away(self, person_id: str) -> bool:
        """Tell whether the person is away now."""
        return is_away(self.of(person_id), self.people.by_id[person_id].time_zone, self.now)
