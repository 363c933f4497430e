"""What notifications decides: who hears of what, when, on which channel, and when to try again."""

from services.notifications.domain.recipient import Recipient

__all__ = ["Recipient"]
