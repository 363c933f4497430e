"""The meetings that a letter tells of, for the reader's calendar. Titles are neutral: calendars are often shared."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar

from services.notifications.domain.parcel import Attachment
from services.notifications.domain.plain import one_line
from services.notifications.letters.catalogue import UNKNOWN, Entry, entries
from services.notifications.letters.content import link

LENGTH = timedelta(hours=1)  # facts say when it begins
PRODUCT = "-//Amicable//Meeting//EN"
MOST = 20  # meetings that go along with one letter


def attachments(told: Iterable[Mapping[str, Any]]) -> tuple[Attachment, ...]:
    """Return the first meetings that a letter tells of, whose time is known and that a calendar may hold, each as it
    was told last.

    told: what is said of each thing, with its template.
    """
    meetings: dict[str, _Meeting] = {}
    for says in told:
        meeting = _meeting(entries().get(str(says.get("template")), UNKNOWN), says)
        if meeting is not None and meeting.is_newer_than(meetings.get(meeting.uid)):
            meetings[meeting.uid] = meeting
    first = list(meetings.values())[:MOST]
    return tuple(
        _attached(meeting, "meeting.ics" if number == 1 else f"meeting-{number}.ics")
        for number, meeting in enumerate(first, 1)
    )


@dataclass(frozen=True)
class _Meeting:
    uid: str
    begins: datetime
    told_at: datetime
    sequence: int
    title: str
    link: str | None

    def is_newer_than(self, other: "_Meeting | None") -> bool:
        return other is None or (self.sequence, self.told_at) > (other.sequence, other.told_at)


def _meeting(entry: Entry, says: Mapping[str, Any]) -> _Meeting | None:
    if entry.meeting is None or says.get("brief") or not (begins := _moment(says.get(entry.meeting.at))):
        return None
    return _Meeting(
        uid=f"{_uid(entry, says)}@amicable",
        begins=begins,
        told_at=_moment(says.get("when")) or begins,
        sequence=says["revision"] if isinstance(says.get("revision"), int) else 0,
        title=entry.meeting.what.replace("{{ customer }}", one_line(str(says.get("customer") or "us"), 100)),
        link=link(says.get("link")),
    )


def _attached(meeting: _Meeting, name: str) -> Attachment:
    event = icalendar.Event()
    event.add("uid", meeting.uid)
    event.add("dtstamp", meeting.told_at)
    event.add("sequence", meeting.sequence)
    event.add("dtstart", meeting.begins)
    event.add("duration", LENGTH)
    event.add("class", "PRIVATE")
    event.add("summary", meeting.title)
    if meeting.link is not None:
        event.add("description", meeting.link)
    whole = icalendar.Calendar()
    whole.add("prodid", PRODUCT)
    whole.add("version", "2.0")
    whole.add("method", "PUBLISH")
    whole.add_component(event)
    return Attachment(name, "text/calendar; method=PUBLISH; charset=utf-8", bytes(whole.to_ical()))


def _moment(value: object) -> datetime | None:
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _uid(entry: Entry, says: Mapping[str, Any]) -> str:
    """Return the same for the same meeting, wherever it is moved to."""
    meant = "/".join(str(says.get(name, "")) for name in ("case_id", entry.meeting.id if entry.meeting else ""))
    return hashlib.sha256(meant.encode()).hexdigest()[:32]
