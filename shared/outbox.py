"""What is to be published: written in the transaction that decided it, sent afterwards by the relay."""

import json
from typing import TypeVar
from zlib import crc32

from shared.contracts.event import Answer, DomainEvent, Message, Snapshot
from shared.contracts.topics import TOPICS
from shared.database import BUCKETS, Transaction

M = TypeVar("M", bound=Message)

QUIET = "amicable_quiet"  # a header: nobody is to be told of this fact
MAX_BODY = 900_000  # bytes; Kafka's own limit is 1 MiB with headers


class TooLarge(ValueError):
    """The message would not fit into a Kafka record."""


def bucket_of(key: str) -> int:
    """Return the bucket of a customer (0 to 63), the same in every process."""
    return crc32(key.encode("utf-8", "surrogatepass")) % BUCKETS


def headers_of(message: Message) -> dict[str, str]:
    """Return the CloudEvents headers (Kafka binding, binary mode) of a message."""
    correlation = str(getattr(message, "correlation_id", message.event_id))
    chosen = {
        "ce_specversion": "1.0",
        "ce_id": message.event_id,
        "ce_type": message.type,
        "ce_source": message.source,
        "ce_time": message.occurred_at.isoformat().replace("+00:00", "Z"),
        "ce_subject": message.key,
        "ce_correlationid": correlation,
        "content-type": "application/json",
        "correlation_id": correlation,
    }
    if cause := getattr(message, "causation_id", None):
        chosen["ce_causationid"] = str(cause)
    return chosen


async def add(tx: Transaction, topic: str, message: M) -> M:
    """Write the message into the outbox and return it as it will be sent: with source, epoch and number.

    The customer must be locked (shared.database.lock_customer), or numbers could overtake each other. What follows
    from a quiet replay says so in a header, so that other services stay quiet too. Raises TooLarge.
    """
    if type(message) not in TOPICS[topic].types:
        raise TypeError(f"{type(message).__name__} does not belong on {topic}")
    numbered: dict[str, object] = {"source": tx.schema}
    if isinstance(message, DomainEvent) and not isinstance(message, Snapshot):
        numbered |= await _next_number(tx, topic, message.customer_id)
    elif not isinstance(message, Snapshot | Answer):
        raise TypeError(f"{type(message).__name__} is not ours to publish")
    message = message.model_copy(update=numbered)
    body = message.body()
    if len(body) > MAX_BODY:
        raise TooLarge(f"A {message.type} of {len(body)} bytes does not fit into a record of {MAX_BODY}.")
    await tx.execute(
        "INSERT INTO outbox (bucket, topic, key, headers, body) VALUES ($1, $2, $3, $4, $5)",
        bucket_of(message.key),
        topic,
        message.key,
        json.dumps(headers_of(message) | ({QUIET: "1"} if tx.quiet else {})),
        body,
    )
    await tx.execute("SELECT pg_notify($1, '')", f"outbox_{tx.schema}")  # Postgres folds equal ones of a transaction
    return message


async def _next_number(tx: Transaction, topic: str, customer_id: str) -> dict[str, object]:
    row = await tx.row(
        """
        INSERT INTO sequences (topic, customer_id, seq) VALUES ($1, $2, 1)
        ON CONFLICT (topic, customer_id) DO UPDATE SET seq = sequences.seq + 1
        RETURNING seq, (SELECT number FROM epoch) AS epoch
        """,
        topic,
        customer_id,
    )
    return {"seq": row["seq"], "epoch": row["epoch"]} if row else {}
