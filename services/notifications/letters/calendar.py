"""The meeting that a letter tells of, for the reader's calendar. Its title is neutral: calendars are often shared."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar

from services.notifications.domain.parcel import Attachment
from services.notifications.domain.plain import one_line
from services.notifications.letters.catalogue import Entry
from services.notifications.letters.content import Content

LENGTH = timedelta(hours=1)  # facts say when it begins
PRODUCT = "-//Amicable//Meeting//EN"


def attachments(entry: Entry, says: Mapping[str, Any], content: Content) -> tuple[Attachment, ...]:
    """Return the meeting, if the letter tells of one whose time is known and that a calendar may hold."""
    if entry.meeting is None or says.get("brief") or not (begins := _moment(says.get(entry.meeting.at))):
        return ()
    event = icalendar.Event()
    event.add("uid", f"{_uid(entry, says)}@amicable")
    event.add("dtstamp", _moment(says.get("when")) or begins)
    event.add("sequence", says["revision"] if isinstance(says.get("revision"), int) else 0)
    event.add("dtstart", begins)
    event.add("duration", LENGTH)
    event.add("class", "PRIVATE")
    event.add("summary", entry.meeting.what.replace("{{ customer }}", one_line(str(says.get("customer") or "us"), 100)))
    if content.button is not None:
        event.add("description", content.button[1])
    whole = icalendar.Calendar()
    whole.add("prodid", PRODUCT)
    whole.add("version", "2.0")
    whole.add("method", "PUBLISH")
    whole.add_component(event)
    return (Attachment("meeting.ics", "text/calendar; method=PUBLISH; charset=utf-8", bytes(whole.to_ical())),)


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
