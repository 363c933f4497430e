"""What is handed to a channel: one message to one address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Attachment:
    """A file that goes along. media_type: with its parameters, such as `text/calendar; method=PUBLISH`."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Parcel:
    """One message, written for one address of one channel.

    key: stable for this recipient, channel and fact: Message-ID, idempotency key. address: of the channel (mail
    address, URL). subject: neutral. text, html: say the same; html None where a channel has none. headers: e.g.
    List-Unsubscribe. fact: what a machine gets (JSON values).
    """

    key: str
    address: str
    name: str
    subject: str
    text: str
    html: str | None
    headers: Mapping[str, str]
    attachments: tuple[Attachment, ...]
    fact: Mapping[str, Any]
    link: str | None
    urgency: str
    sent_at: datetime
