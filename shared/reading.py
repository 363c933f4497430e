"""What can be read of a fact that this version does not know. Reading itself is in shared.contracts.reading."""

from pydantic import ValidationError

from shared.contracts.event import DomainEvent


def numbered(body: bytes | None) -> DomainEvent | None:
    """Return the envelope of a fact whose type or content is not known here; None if it is not numbered.

    Its number must be counted all the same, or everything that follows it would wait for it.
    """
    try:
        seen = DomainEvent.model_validate_json(body or b"")
    except ValidationError:
        return None
    whole = {"event_id", "source", "epoch", "seq"} <= seen.model_fields_set
    return seen if whole and seen.epoch >= 1 and seen.seq >= 1 else None
