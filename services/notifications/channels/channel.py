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
        """Return the host that it goes to: what fails together is given a rest together."""


class Permanent(Exception):
    """The message will never be taken."""


class Transient(Exception):
    """The message may be taken later."""


class Throttled(Exception):
    """The other side wants fewer messages. retry_after: when it will take one again, as far as it said so."""

    def __init__(self, text: str, retry_after: timedelta | None = None) -> None:
        """The text says who asked for a rest, without personal data."""
        super().__init__(text)
        self.retry_after = retry_after
