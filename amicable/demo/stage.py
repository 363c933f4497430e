"""What the demo needs of the running system that it plays on."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from shared.kafka_access import OPEN, Access


@dataclass(frozen=True)
class Stage:
    """A running, empty system with a driven clock.

    Attributes:
        kafka: bootstrap servers.
        mail_url: the base of the mail catcher's HTTP API (Mailpit's).
        now: where the clock stands: the history ends there.
        advance_to: moves the clock forward to a moment, and returns when all services see it.
        settled: returns when all services have handled everything; before that nothing is read from the topics.
        actor_key: the local development key (Ed25519, base64); without it nobody closes a case in the endless story.
        access: how one is let in by Kafka.
        web: where people open the console.
        a_day: seconds that a day takes once the written story is told, so that people can work in the console.
    """

    kafka: str
    mail_url: str
    now: datetime
    advance_to: Callable[[datetime], Awaitable[None]]
    settled: Callable[[], Awaitable[None]]
    actor_key: str | None = None
    access: Access = OPEN
    web: str | None = None
    a_day: float = 60
