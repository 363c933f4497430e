"""What happens: the events that upstream systems send of it, and, where it is worth a line, the line."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.contracts.event import UpstreamEvent

Tone = Literal["good", "bad"]


@dataclass(frozen=True)
class Note:
    """A line about a customer for whoever watches."""

    customer_id: str
    text: str
    tone: Tone


@dataclass(frozen=True)
class Happening:
    """Something that happens at a moment."""

    at: datetime
    events: tuple[UpstreamEvent, ...] = ()
    note: Note | None = None
