"""What notifications publishes on notifications.v1. Named after its subject: a notice is one message to one person."""

from typing import Literal

from shared.contracts.event import DomainEvent
from shared.contracts.fields import Id


class NoticeSent(DomainEvent):
    """A message about the customer was handed over to a channel; `fact_id` is the event that it tells of."""

    type: Literal["NoticeSent"] = "NoticeSent"
    notice_id: Id
    person_id: Id
    channel: Literal["mail"]
    fact_id: Id
    fact_type: Id


class NoticeFailed(DomainEvent):
    """A message could not be handed over for good; `reason` is the channel's answer without personal data."""

    type: Literal["NoticeFailed"] = "NoticeFailed"
    notice_id: Id
    person_id: Id
    channel: Literal["mail"]
    fact_id: Id
    reason: Id
