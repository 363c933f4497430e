"""Records and facts for tests of services, which name the topic first."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aiokafka import ConsumerRecord

from shared.contracts.event import DomainEvent, Message
from shared.contracts.topics import Topic
from tests.shared import records


def record(
    topic: Topic, message: Message | bytes, *, headers: Mapping[str, bytes] | None = None
) -> ConsumerRecord[Any, Any]:
    """Return the record as Kafka would hand it over, at an offset of its own, appended now."""
    return records.record(message, topic.name, headers=tuple((headers or {}).items()))


def numbered(kind: type[DomainEvent], customer: str, seq: int, **fields: Any) -> Any:
    """Return a domain event as its producer would number it."""
    common: dict[str, Any] = {
        "customer_id": customer,
        "source": "tests",
        "epoch": 1,
        "seq": seq,
        "occurred_at": datetime.now(UTC),
        "correlation_id": "began-it",
        "causation_id": "caused-it",
    }
    return kind.model_validate({**common, **fields})
