"""A message on its way: to whom, on which channel, and what it holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.notifications.domain.packing import Kind
from services.notifications.domain.recipient import Recipient
from services.notifications.domain.standing_in import Instead
from services.notifications.domain.urgency import Urgency

SHOWN = 200  # items of one message; the rest are counted


@dataclass(frozen=True)
class Item:
    """One fact in a message. says: what its template needs. stands_for: the name of whoever is away. instead: why it
    comes to somebody whom the rule does not mean. names: of the people that it speaks of, by their ids.
    """

    notice_id: str
    rule: str
    template: str
    urgency: Urgency
    customer_id: str | None
    customer: str | None
    fact_id: str
    fact_type: str
    correlation_id: str
    happened_at: datetime
    says: Mapping[str, Any]
    ask_id: str | None = None
    stands_for: str | None = None
    instead: Instead | None = None
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Message:
    """items: what the message is named after, then the most urgent first, at most SHOWN; more: how many others it tells
    of. attempt: from 1.
    """

    message_id: str
    channel: str
    kind: Kind
    urgency: Urgency
    recipient: Recipient
    address: str | None
    to_contact: bool
    active: bool
    made_at: datetime
    began_at: datetime
    attempt: int
    expires_at: datetime | None
    items: tuple[Item, ...]
    more: int = 0
