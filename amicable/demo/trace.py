"""Follows a fact back to what caused it, as far as the topics tell."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.contracts import health, notices, upstream
from shared.contracts.event import DomainEvent, Message
from shared.contracts.plans.facts import CaseOpened


@dataclass(frozen=True)
class Link:
    """One cause: a message by its id (`at` is None where the message is not there), and what it says in a few words."""

    type: str
    event_id: str
    at: datetime | None
    says: str


def trace(fact: DomainEvent, by_id: Mapping[str, Message]) -> tuple[Link, ...]:
    """Return the causes of a fact, the nearest first: up to an upstream event, the clock, or what is not known."""
    return tuple(_causes(fact, by_id))


def link(message: Message) -> Link:
    """Return a message as a link of a chain."""
    return Link(message.type, message.event_id, message.occurred_at, says(message))


def _causes(fact: DomainEvent, by_id: Mapping[str, Message]) -> Iterator[Link]:
    seen = {fact.event_id}
    while fact.causation_id not in seen:
        seen.add(fact.causation_id)
        cause = by_id.get(fact.causation_id)
        if cause is None:
            yield _unseen(fact.causation_id)
            return
        yield link(cause)
        if not isinstance(cause, DomainEvent):
            return
        fact = cause


def is_clock(event_id: str) -> bool:
    """Tell whether a cause is no event but the clock: time alone changes a score."""
    return event_id.startswith("clock:")


def _unseen(event_id: str) -> Link:
    if is_clock(event_id):
        return Link("clock", event_id, None, "time passed")
    return Link("unknown", event_id, None, "an event that the topics do not hold")


def says(message: Message) -> str:
    """Return what a message says, in a few words and without personal data."""
    match message:
        case health.RiskDetected() | health.RiskUpdated():
            return "; ".join(reason.text for reason in message.reasons)
        case CaseOpened():
            return f"a case for {message.case.csm or 'nobody'}"
        case notices.NoticeSent():
            return f"a {message.channel} to {message.person_id}"
        case upstream.UsageRecorded():
            return f"{message.quantity:,g} {message.metric.replace('_', ' ')}"
        case upstream.TicketOpened():
            return f"{message.severity} ticket"
        case upstream.SurveyAnswered():
            return f"{message.kind.upper()} {message.score:g}"
        case upstream.MeetingMissed():
            return f"by {message.by}"
        case _:
            return ""
