"""What a service asks beyond the contract of what it read. Reading itself is in shared.contracts.reading."""

from datetime import datetime, timedelta

from pydantic import ValidationError

from shared.contracts.event import Fact
from shared.contracts.reading import Invalid
from shared.contracts.topics import Topic

AHEAD = timedelta(hours=24)


def ahead(occurred_at: datetime, now: datetime) -> Invalid | None:
    """Say what is wrong with an upstream event dated over 24 hours ahead: as the latest one it would hold for ever.

    It is kept, and can be replayed when its time has come.
    """
    return Invalid("/occurred_at", "is more than 24 hours ahead of the clock") if occurred_at > now + AHEAD else None


def too_old(occurred_at: datetime, now: datetime, days: int) -> Invalid | None:
    """Say what is wrong with an upstream event of so long ago that its duplicates are no longer known: it is kept."""
    if occurred_at.date() >= (now - timedelta(days=days)).date():
        return None
    return Invalid("/occurred_at", f"is more than {days} days back: whether it was counted is not known any more")


def numbered(topic: Topic, body: bytes | None) -> Fact | None:
    """Return the envelope of a fact of the topic whose type or content is not known here; None if it is not numbered.

    Its number must be counted all the same, or everything that follows it would wait for it.
    """
    try:
        seen = topic.envelope.model_validate_json(body or b"")
    except ValidationError:
        return None
    whole = {"event_id", "source", "epoch", "seq"} <= seen.model_fields_set
    return seen if whole and seen.epoch >= 1 and seen.seq >= 1 else None
