"""What notifications publishes on notifications.v1. Named after its subject: a notice is one message to one person."""

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.event import DomainEvent
from shared.contracts.fields import Id, PersonalLine, PersonalText


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


class NoticeShown(DomainEvent):
    """A message to one of our people for the console to show: a row of theirs, once for each `notice_id`.

    link: where it leads, below the console's own address or above all of it.
    """

    type: Literal["NoticeShown"] = "NoticeShown"
    notice_id: Id
    person_id: Id
    urgency: Literal["low", "normal", "high", "critical"]
    title: PersonalLine
    text: PersonalText
    link: Annotated[str, Field(max_length=2_000, strict=True)] | None = None
    fact_id: Id
    fact_type: Id
