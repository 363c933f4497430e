"""Every topic: what travels on it, who writes it, and how long Kafka keeps it.

One topic per producer (but releases.v1), the same number of partitions everywhere, key = customer (people.v1: person).
"""

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from types import MappingProxyType

from shared.contracts import (
    answers,
    choices,
    feeds,
    health,
    health_commands,
    notes,
    notices,
    notification_commands,
    parked,
    releases,
    upstream,
)
from shared.contracts.endings import alternatives, terminations
from shared.contracts.endings.commands import COMMANDS as ENDING_COMMANDS
from shared.contracts.endings.facts import FACTS as TRANSITION_FACTS
from shared.contracts.event import DomainEvent, Fact, Message
from shared.contracts.plans.commands import COMMANDS as PLAN_COMMANDS
from shared.contracts.plans.facts import FACTS as PLAN_FACTS

DAY_MS = 86_400_000
FOR_EVER = "-1"


class Kind(Enum):
    """How a topic's messages are taken."""

    UPSTREAM = "upstream"  # strict, any order, once per (day, source, event_id)
    DOMAIN = "domain"  # numbered by epoch and seq, in order
    SNAPSHOT = "snapshot"  # the highest revision wins
    RELEASE = "release"  # without numbers: it is sent within its life, or never
    COMMAND = "command"  # from a person, with a signed token
    ANSWER = "answer"  # to a command


@dataclass(frozen=True)
class Topic:
    """A topic: its name, kind, the types on it, the services that write it (none: upstream or people), its life."""

    name: str
    kind: Kind
    types: tuple[type[Message], ...]
    producers: tuple[str, ...] = ()
    compacted: bool = False
    retention_ms: str = FOR_EVER
    secret: bool = False  # what was sent is not kept in the outbox
    readers: frozenset[str] | None = None  # who alone may read it; None: whoever consumes it
    outside: tuple[str, ...] = ()  # teams that read it with clients of their own, each in a group of its name
    envelope: type[Fact] = DomainEvent  # what can be read of a fact whose type is not known

    @cached_property
    def by_type(self) -> MappingProxyType[str, type[Message]]:
        """The topic's message classes by their `type`."""
        return MappingProxyType({kind.model_fields["type"].default: kind for kind in self.types})

    @property
    def settings(self) -> dict[str, str]:
        """Kafka's settings for the topic."""
        chosen = {"cleanup.policy": "compact" if self.compacted else "delete", "max.message.bytes": "1048576"}
        if not self.compacted:
            chosen["retention.ms"] = self.retention_ms
        if self.kind is Kind.COMMAND:  # a token's time is judged at the append time, which the broker must then set
            chosen["message.timestamp.type"] = "LogAppendTime"
        return chosen


USAGE = Topic("usage.v1", Kind.UPSTREAM, (upstream.UsageRecorded,))
SUPPORT = Topic(
    "support.v1",
    Kind.UPSTREAM,
    (upstream.TicketOpened, upstream.TicketEscalated, upstream.TicketResolved, upstream.TicketReopened),
)
RELATIONSHIP = Topic(
    "relationship.v1",
    Kind.UPSTREAM,
    (
        upstream.SurveyAnswered,
        upstream.MeetingHeld,
        upstream.MeetingMissed,
        upstream.InvoiceOverdue,
        upstream.InvoicePaid,
        upstream.ContactLeft,
        upstream.CustomerLeft,
    ),
)
CUSTOMERS = Topic("customers.v1", Kind.UPSTREAM, (upstream.CustomerChanged,), compacted=True)
PEOPLE = Topic("people.v1", Kind.UPSTREAM, (upstream.PersonChanged,), compacted=True)
HEALTH = Topic(
    "health.v1",
    Kind.DOMAIN,
    (
        health.HealthBandChanged,
        health.RiskDetected,
        health.RiskUpdated,
        health.RiskCleared,
        health.HealthOverridden,
        health.OverrideEnded,
    ),
    producers=("health_scoring",),
)
FEEDS = Topic(
    "feeds.v1",
    Kind.DOMAIN,
    (feeds.FeedStopped, feeds.FeedResumed, feeds.FeedForgotten),
    producers=("health_scoring",),
    envelope=feeds.FeedEvent,
)
SCORES = Topic("scores.v1", Kind.SNAPSHOT, (health.HealthScored,), producers=("health_scoring",), compacted=True)
PLANS = Topic("plans.v1", Kind.DOMAIN, PLAN_FACTS, producers=("action_plans",))
NOTES = Topic(
    "notes.v1", Kind.DOMAIN, (notes.PrivateNoteKept,), producers=("action_plans",), readers=frozenset({"console"})
)
RELEASES = Topic(
    "releases.v1",
    Kind.RELEASE,
    (releases.MessageReleased,),
    producers=("action_plans", "transition_review"),
    retention_ms=str(DAY_MS),
    secret=True,
    readers=frozenset({"notifications"}),
)
TRANSITIONS = Topic("transitions.v1", Kind.DOMAIN, TRANSITION_FACTS, producers=("transition_review",))
TERMINATIONS = Topic(
    "terminations.v1",
    Kind.DOMAIN,
    terminations.FACTS,
    producers=("transition_review",),
    outside=("revenue", "operations"),
)
NOTIFICATIONS = Topic(
    "notifications.v1",
    Kind.DOMAIN,
    (
        notices.NoticeSent,
        notices.NoticeFailed,
        notices.NoticeShown,
        notices.NoticeAcknowledged,
        notices.NoticeSettled,
        notices.NoticeEscalated,
    ),
    producers=("notifications",),
)
CHOICES = Topic(
    "choices.v1",
    Kind.DOMAIN,
    (choices.NotificationsChosen,),
    producers=("notifications",),
    compacted=True,  # only the latest counts, and an address that somebody took back is not to be kept
    readers=frozenset({"console"}),
    envelope=choices.ChoicesEvent,
)
ALTERNATIVES = Topic(
    "alternatives.v1",
    Kind.DOMAIN,
    (alternatives.AlternativeKept,),
    producers=("transition_review",),
    compacted=True,  # only the latest of each entry counts
    readers=frozenset({"console"}),
    envelope=alternatives.AlternativeEvent,
)
PARKED = Topic(
    "parked.v1",
    Kind.DOMAIN,
    (parked.RecordsParked,),
    producers=("health_scoring", "action_plans", "transition_review", "notifications", "console"),
    envelope=parked.ParkedEvent,
)
HEALTH_SCORING_COMMANDS = Topic(
    "health_scoring.commands.v1",
    Kind.COMMAND,
    (
        health_commands.OverrideHealth,
        health_commands.ClearOverride,
        health_commands.RescoreCustomer,
        health_commands.ActivateScorecard,
    ),
    retention_ms=str(7 * DAY_MS),
)
HEALTH_SCORING_ANSWERS = Topic(
    "health_scoring.answers.v1",
    Kind.ANSWER,
    (answers.CommandAccepted, answers.CommandRejected),
    producers=("health_scoring",),
    retention_ms=str(7 * DAY_MS),
)
ACTION_PLANS_COMMANDS = Topic("action_plans.commands.v1", Kind.COMMAND, PLAN_COMMANDS, retention_ms=str(7 * DAY_MS))
ACTION_PLANS_ANSWERS = Topic(
    "action_plans.answers.v1",
    Kind.ANSWER,
    (answers.CommandAccepted, answers.CommandRejected),
    producers=("action_plans",),
    retention_ms=str(7 * DAY_MS),
)
TRANSITION_REVIEW_COMMANDS = Topic(
    "transition_review.commands.v1", Kind.COMMAND, ENDING_COMMANDS, retention_ms=str(7 * DAY_MS)
)
TRANSITION_REVIEW_ANSWERS = Topic(
    "transition_review.answers.v1",
    Kind.ANSWER,
    (answers.CommandAccepted, answers.CommandRejected),
    producers=("transition_review",),
    retention_ms=str(7 * DAY_MS),
)
NOTIFICATIONS_COMMANDS = Topic(
    "notifications.commands.v1", Kind.COMMAND, notification_commands.COMMANDS, retention_ms=str(7 * DAY_MS)
)
NOTIFICATIONS_ANSWERS = Topic(
    "notifications.answers.v1",
    Kind.ANSWER,
    (answers.CommandAccepted, answers.CommandRejected),
    producers=("notifications",),
    retention_ms=str(7 * DAY_MS),
)

UPSTREAM_TOPICS = (USAGE, SUPPORT, RELATIONSHIP, CUSTOMERS, PEOPLE)
TOPICS = MappingProxyType(
    {
        topic.name: topic
        for topic in (
            *UPSTREAM_TOPICS,
            HEALTH,
            FEEDS,
            SCORES,
            PLANS,
            NOTES,
            RELEASES,
            TRANSITIONS,
            TERMINATIONS,
            NOTIFICATIONS,
            CHOICES,
            ALTERNATIVES,
            PARKED,
            HEALTH_SCORING_COMMANDS,
            HEALTH_SCORING_ANSWERS,
            ACTION_PLANS_COMMANDS,
            ACTION_PLANS_ANSWERS,
            TRANSITION_REVIEW_COMMANDS,
            TRANSITION_REVIEW_ANSWERS,
            NOTIFICATIONS_COMMANDS,
            NOTIFICATIONS_ANSWERS,
        )
    }
)
UPSTREAM_TOPIC_OF_TYPE = MappingProxyType({kind: topic for topic in UPSTREAM_TOPICS for kind in topic.by_type})
PARTITIONS = 12
