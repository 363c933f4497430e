"""Kafka records for tests that hand them to a lane themselves."""

import itertools
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aiokafka import ConsumerRecord

from shared.contracts.event import DomainEvent, Message
from shared.contracts.topics import Topic

_offsets = itertools.count(1)


def record(
    topic: Topic, message: Message | bytes, *, partition: int = 0, headers: Mapping[str, bytes] | None = None
) -> ConsumerRecord[Any, Any]:
    """Return the record as Kafka would hand it over, at an offset of its own, appended now."""
    body = message if isinstance(message, bytes) else message.body()
    return ConsumerRecord(
        topic=topic.name,
        partition=partition,
        offset=next(_offsets),
        timestamp=int(time.time() * 1000),
        timestamp_type=0,
        key=message.key.encode() if isinstance(message, Message) else b"somebody",
        value=body,
        checksum=None,
        serialized_key_size=0,
        serialized_value_size=len(body),
        headers=tuple((headers or {}).items()),
    )


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
