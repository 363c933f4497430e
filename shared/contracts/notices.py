"""What notifications publishes on notifications.v1. Named after its subject: a notice tells one person of one fact."""

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.event import DomainEvent
from shared.contracts.fields import Id, PersonalLine, PersonalText

ChannelName = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9_]*$", strict=True)]


class NoticeSent(DomainEvent):
    """A person was told of a fact about the customer: the message was handed over to a channel.

    fact_id: the event that it tells of. message_id: the message that it went in, with others where they were put
    together; its Message-ID begins with it. ask_id: what the person may take in hand by it.
    """

    type: Literal["NoticeSent"] = "NoticeSent"
    notice_id: Id
    person_id: Id
    channel: ChannelName
    fact_id: Id
    fact_type: Id
    message_id: Id | None = None
    ask_id: Id | None = None


class NoticeFailed(DomainEvent):
    """A message could not be handed over for good; `reason` is the channel's answer without personal data."""

    type: Literal["NoticeFailed"] = "NoticeFailed"
    notice_id: Id
    person_id: Id
    channel: ChannelName
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


class NoticeAcknowledged(DomainEvent):
    """Somebody has taken in hand what a notice asked for."""

    type: Literal["NoticeAcknowledged"] = "NoticeAcknowledged"
    ask_id: Id
    person_id: Id
    fact_id: Id


class NoticeSettled(DomainEvent):
    """What a notice asked for is done, without anybody having taken it in hand; done_by: the fact that shows it."""

    type: Literal["NoticeSettled"] = "NoticeSettled"
    ask_id: Id
    fact_id: Id
    done_by: Id


class NoticeEscalated(DomainEvent):
    """Nobody has taken it in hand in time: it went to the next in line."""

    type: Literal["NoticeEscalated"] = "NoticeEscalated"
    ask_id: Id
    fact_id: Id
