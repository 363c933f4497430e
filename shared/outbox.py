"""What is to be published: written in the transaction that decided it, sent afterwards by the relay."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TypeVar
from zlib import crc32

from shared import actors
from shared.contracts.event import Answer, Command, Fact, Message, Unnumbered
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
    (sent,) = await add_many(tx, [(topic, message)])
    return sent  # type: ignore[return-value]  # the same class


async def add_many(tx: Transaction, messages: Sequence[tuple[str, Message]]) -> list[Message]:
    """Write messages into the outbox in this order, with three statements; as `add` does, for customers all locked."""
    if not messages:
        return []
    given = await _numbers(tx, messages)
    numbered, rows = [], []
    for topic, message in messages:
        number = next(given[topic, message.key]) if _is_numbered(topic, message) else {}
        sent = message.model_copy(update={"source": tx.schema, **number})
        body = sent.body()
        if len(body) > MAX_BODY:
            raise TooLarge(f"A {sent.type} of {len(body)} bytes does not fit into a record of {MAX_BODY}.")
        headers = json.dumps(headers_of(sent) | ({QUIET: "1"} if tx.quiet else {}))
        rows.append((bucket_of(sent.key), topic, sent.key, headers, body))
        numbered.append(sent)
    await tx.execute(
        """
        INSERT INTO outbox (bucket, topic, key, headers, body)
        SELECT bucket, topic, key, headers, body
        FROM unnest($1::smallint[], $2::text[], $3::text[], $4::jsonb[], $5::bytea[])
             WITH ORDINALITY AS row (bucket, topic, key, headers, body, place)
        ORDER BY place
        """,
        *(list(column) for column in zip(*rows, strict=True)),
    )
    await tx.execute("SELECT pg_notify($1, '')", f"outbox_{tx.schema}")  # Postgres folds equal ones of a transaction
    return numbered


async def add_command(tx: Transaction, topic: str, command: Command, token: str) -> None:
    """Write a command into the outbox as it is, with the token that proves who asks. Raises TooLarge.

    A token goes stale in five minutes: what could not be sent until then is refused, and its person asks again.
    """
    body = command.body()
    if len(body) > MAX_BODY:
        raise TooLarge(f"A {command.type} of {len(body)} bytes does not fit into a record of {MAX_BODY}.")
    await tx.execute(
        "INSERT INTO outbox (bucket, topic, key, headers, body) VALUES ($1, $2, $3, $4, $5)",
        bucket_of(command.key),
        topic,
        command.key,
        json.dumps(headers_of(command) | {actors.HEADER: token}),
        body,
    )
    await tx.execute("SELECT pg_notify($1, '')", f"outbox_{tx.schema}")


async def repeat(tx: Transaction, topic: str, message_id: str) -> bool:
    """Have an answer sent again as it was; False where it is not kept any more."""
    found = await tx.value(
        """
        INSERT INTO outbox (bucket, topic, key, headers, body)
        SELECT bucket, topic, key, headers, body FROM outbox
        WHERE topic = $1 AND topic LIKE '%.answers.v1' AND headers->>'ce_id' = $2 ORDER BY id DESC LIMIT 1
        RETURNING true
        """,
        topic,
        message_id,
    )
    await tx.execute("SELECT pg_notify($1, '')", f"outbox_{tx.schema}")
    return bool(found)


def _is_numbered(topic: str, message: Message) -> bool:
    """Tell whether the message gets a number; TypeError where it is not ours to publish there."""
    if type(message) not in TOPICS[topic].types:
        raise TypeError(f"{type(message).__name__} does not belong on {topic}")
    if isinstance(message, Unnumbered | Answer):
        return False
    if not isinstance(message, Fact):
        raise TypeError(f"{type(message).__name__} is not ours to publish")
    return True


async def _numbers(
    tx: Transaction, messages: Sequence[tuple[str, Message]]
) -> dict[tuple[str, str], Iterator[dict[str, object]]]:
    """Take the next numbers of every topic and customer that need some; returns them in order, for each."""
    asked = Counter((topic, message.key) for topic, message in messages if _is_numbered(topic, message))
    if not asked:
        return {}
    ordered = sorted(asked)
    rows = await tx.fetch(
        """
        INSERT INTO sequences (topic, customer_id, seq)
        SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
        ON CONFLICT (topic, customer_id) DO UPDATE SET seq = sequences.seq + excluded.seq
        RETURNING topic, customer_id, seq, (SELECT number FROM epoch) AS epoch
        """,
        [topic for topic, _ in ordered],
        [key for _, key in ordered],
        [asked[one] for one in ordered],
    )
    return {
        (row["topic"], row["customer_id"]): iter(
            [
                {"seq": seq, "epoch": row["epoch"]}
                for seq in range(row["seq"] - asked[row["topic"], row["customer_id"]] + 1, row["seq"] + 1)
            ]
        )
        for row in rows
    }
