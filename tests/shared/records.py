"""Facts and records as Kafka would hand them out."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import uuid4

from aiokafka import ConsumerRecord

from shared.contracts.event import Message
from shared.contracts.health import RiskDetected
from shared.contracts.releases import MessageReleased
from shared.contracts.topics import HEALTH, RELEASES, USAGE
from shared.contracts.upstream import UsageRecorded

_offsets = count()
Body = Message | bytes | None


def record(
    body: Body,
    topic: str = HEALTH.name,
    *,
    offset: int | None = None,
    partition: int = 0,
    key: bytes | None = b"key",
    headers: Sequence[tuple[str, bytes]] = (),
    at: datetime | None = None,
    timestamp_type: int = 1,
) -> ConsumerRecord[Any, Any]:
    """Return a record; each has an offset of its own unless one is given."""
    return ConsumerRecord(
        topic=topic,
        partition=partition,
        offset=next(_offsets) if offset is None else offset,
        timestamp=round((at or datetime.now(UTC)).timestamp() * 1000),
        timestamp_type=timestamp_type,
        key=body.key.encode() if isinstance(body, Message) else key,
        value=body.body() if isinstance(body, Message) else body,
        checksum=None,
        serialized_key_size=-1,
        serialized_value_size=-1,
        headers=tuple(headers),
    )


def risk(customer: str, seq: int, *, epoch: int = 1, **changes: Any) -> RiskDetected:
    """Return the fact number `seq` about a customer, as health_scoring publishes it."""
    now = datetime.now(UTC)
    fields: dict[str, Any] = {
        "customer_id": customer,
        "source": "health_scoring",
        "occurred_at": now,
        "epoch": epoch,
        "seq": seq,
        "correlation_id": f"began-{customer}",
        "causation_id": "cause",
        "episode_id": "episode",
        "severity": "risk",
        "reasons": [{"code": "urgent_ticket", "text": "An urgent ticket is open."}],
        "since": now,
    }
    return RiskDetected.model_validate(fields | changes)


def altered(fact: Message, **changes: Any) -> bytes:
    """Return the fact's body with other fields."""
    return json.dumps(json.loads(fact.body()) | changes).encode()


def released(event_id: str, *, headers: Sequence[tuple[str, bytes]] = ()) -> ConsumerRecord[Any, Any]:
    """Return a record of releases.v1: a fact without a number, about acme."""
    now = datetime.now(UTC)
    fields = {
        "customer_id": "acme",
        "event_id": event_id,
        "source": "action_plans",
        "occurred_at": now,
        "correlation_id": "began",
        "causation_id": "cause",
        "contact_id": "carla",
        "template": "signing_code",
        "fields": [{"name": "code", "text": "824 113"}],
        "expires_at": now,
    }
    return record(MessageReleased.model_validate(fields), RELEASES.name, headers=headers)


def usage(customer: str, event_id: str | None = None, **changes: Any) -> UsageRecorded:
    """Return an upstream event."""
    fields = {
        "customer_id": customer,
        "event_id": event_id or str(uuid4()),
        "occurred_at": datetime(2026, 1, 31, 9, tzinfo=UTC),
        "metric": "logins",
    }
    return UsageRecorded.model_validate(fields | changes)


def used(body: Body, **about: Any) -> ConsumerRecord[Any, Any]:
    """Return a record of usage.v1."""
    return record(body, USAGE.name, **about)
