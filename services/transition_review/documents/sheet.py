"""What agenda and preparation sheet are made of: the talk as it was prepared, and who is who in it. Internal."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.transition_review.domain.names import Names
from services.transition_review.domain.talk import Talk, TalkChannel
from shared.documents.tree import Line, Lines
from shared.documents.wording import clock, local_day, weekday

CHANNEL: Mapping[TalkChannel, str] = {"in_person": "In person", "phone": "By phone", "video": "By video"}


@dataclass(frozen=True)
class Colleague:
    """One of our people who has a part in the ending, and which."""

    name: str
    does: str


@dataclass(frozen=True)
class Sheet:
    """A talk, ready to be drawn. roles: of the customer's contacts, by their ids; version: of the plan as it is now."""

    names: Names
    time_zone: str
    at: datetime
    version: int
    talk: Talk
    roles: Mapping[str, str]
    colleagues: tuple[Colleague, ...]

    @property
    def is_outdated(self) -> bool:
        """Tell whether the plan was changed after the agenda was made."""
        return self.talk.made_for is not None and self.talk.made_for != self.version


def when(sheet: Sheet) -> str:
    """Return when the talk is, or was."""
    at = sheet.talk.held_at or sheet.talk.planned_for
    there = local_day(at, sheet.time_zone)
    return f"{weekday(there)}, {clock(at, sheet.time_zone)} ({sheet.time_zone})"


def our_people(sheet: Sheet) -> Lines:
    """Return who speaks for us."""
    return tuple(Line(sheet.names.person("us", one)) for one in sheet.talk.speakers)


def their_people(sheet: Sheet) -> Lines:
    """Return whom we talk to, with their roles."""
    return tuple(Line(f"{sheet.names.person('customer', one)}{_role(sheet, one)}") for one in sheet.talk.contacts)


def _role(sheet: Sheet, contact_id: str) -> str:
    role = sheet.roles.get(contact_id)
    return f", {role}" if role else ""
