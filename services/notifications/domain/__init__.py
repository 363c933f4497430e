"""The rules of a notice: what is told to whom, when it is too late to tell, and when to try again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from services.notifications.domain.recipient import Recipient

LATE = timedelta(hours=24)
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=15)

__all__ = [
    "FIRST_PAUSE",
    "LATE",
    "LONGEST_PAUSE",
    "Intent",
    "Notice",
    "Recipient",
    "State",
    "pause_before",
    "state_at_arrival",
]

State = Literal["pending", "sent", "failed", "expired"]


@dataclass(frozen=True)
class Notice:
    """One message to one person about one fact; `attempt` counts from 1.

    customer_id, customer_name: None where it is about no customer. says: what the fact's template needs. expires_at:
    of what was released to a contact of the customer.
    """

    notice_id: str
    customer_id: str | None
    customer_name: str | None
    fact_id: str
    fact_type: str
    happened_at: datetime
    says: Mapping[str, Any]
    recipient: Recipient
    attempt: int
    expires_at: datetime | None = None

    @property
    def key(self) -> str:
        """What order is kept for: the customer, else the person."""
        return self.customer_id or self.recipient.person_id


@dataclass(frozen=True)
class Intent:
    """A message that is to be sent: to whoever looks after the customer then, to a person, or to a contact.

    expires_at: when it is too late for what was released to a contact.
    """

    notice_id: str
    bucket: int
    customer_id: str | None
    person_id: str | None
    says: Mapping[str, Any]
    state: State
    contact_id: str | None = None
    expires_at: datetime | None = None


def state_at_arrival(happened_at: datetime, now: datetime, *, quiet: bool) -> State:
    """A fact older than 24 hours when it arrives is recorded and sent to nobody; so is a quiet replay."""
    return "expired" if quiet or now - happened_at > LATE else "pending"


def pause_before(attempt: int, jitter: float) -> timedelta:
    """Return how long to wait before the next attempt: doubling, at most 15 minutes; `jitter` from 0 to 1 halves it."""
    doubled = FIRST_PAUSE * 2.0 ** min(attempt - 1, 20)
    return min(doubled, LONGEST_PAUSE) * (0.5 + jitter / 2)
