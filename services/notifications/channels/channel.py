"""What a channel is, and the three ways in which it can fail, each with a text that holds no personal data."""

from datetime import timedelta
from typing import Protocol

from services.notifications.domain.parcel import Parcel


class Channel(Protocol):
    """Something that hands a message over."""

    name: str

    async def send(self, parcel: Parcel) -> None:
        """Hand the message over. Raises Permanent, Throttled or Transient; whatever else is a fault of the channel."""

    def destination(self, parcel: Parcel) -> str:
        """Return the host that it goes to: where nobody answers, all that goes there is given a rest together."""

    def wrong(self, address: str) -> str | None:
        """Say what keeps an address that a person names from being one of this channel; None where nothing does."""

    async def close(self) -> None:
        """Let go of its connections, when all have left at a stop; once or often is the same."""


class Permanent(Exception):
    """The message will never be taken."""


class Gone(Permanent):
    """Nothing will ever be taken at this address."""


class Transient(Exception):
    """The message may be taken later; the host answers."""


class Unreachable(Transient):
    """The message may be taken later; nobody answers at the host, whomever it is for."""


class Throttled(Exception):
    """The other side wants fewer messages. retry_after: when it will take one again, as far as it said so."""

    def __init__(self, text: str, retry_after: timedelta | None = None) -> None:
        """The text says who asked for a rest, without personal data."""
        super().__init__(text)
        self.retry_after = retry_after
