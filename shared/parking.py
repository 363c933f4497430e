"""Records that could not be taken: kept with the reason, listed, and replayed when somebody asks.

A numbered event that fails parks the later ones of its customer and topic (they are a gap without it), and nobody
else's. A bad record from upstream is kept alone.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

import structlog
from aiokafka import ConsumerRecord

from shared.contracts.event import Fact, Message, Unnumbered
from shared.contracts.topics import TOPICS
from shared.database import BUCKETS, Pool, Row, Transaction, is_transient
from shared.logs import place
from shared.messaging import Stuck, TryAgain

NO_TIME = -1  # Kafka's word for a record without one
SECRET = [topic.name for topic in TOPICS.values() if topic.secret]
SECRET_MINUTES = 30  # what is secret is kept no longer, so that a replay can still be in time
END_OF_TIME = 253_402_300_799_000  # ms: the last second of the year 9999

log = structlog.get_logger(__name__)
LetterKind = Literal["invalid", "stale", "poison", "gap", "behind"]


@dataclass(frozen=True)
class Letter:
    """A kept record that is to be taken again. by_hand: a person has asked for that, and that people are told."""

    id: int
    send: bool
    topic: str
    partition: int
    offset: int
    timestamp: int
    timestamp_type: int | None  # as Kafka has it: who set the time
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    by_hand: bool = False


Record: TypeAlias = ConsumerRecord[Any, Any] | Letter


@contextmanager
def record_context(record: Record) -> Iterator[None]:
    """Name the record in every line that is logged while it is handled; what is bound meanwhile ends with it.

    Its place stands for the correlation id as long as that is not known.
    """
    where = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
    unread = f"{record.topic}/{record.partition}/{record.offset}"
    with structlog.contextvars.bound_contextvars(**where, correlation_id=unread):
        try:
            yield
        finally:
            structlog.contextvars.unbind_contextvars("event_type")


async def keep(tx: Transaction, record: Record, kind: LetterKind, reason: str, message: Message | None = None) -> None:
    """Keep the record. The same record (topic, partition, offset) is kept once, with the newest reason."""
    numbered = isinstance(message, Fact) and not isinstance(message, Unnumbered)
    await tx.execute(
        """
        INSERT INTO dead_letters (kind, topic, partition, kafka_offset, appended_at, timestamp_type, key, event_type,
                                  event_id, epoch, seq, headers, body, reason)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        ON CONFLICT (topic, partition, kafka_offset, appended_at) DO UPDATE
        SET kind = excluded.kind, reason = excluded.reason, attempts = dead_letters.attempts + 1, replay_at = NULL
        WHERE dead_letters.resolved_at IS NULL
        """,
        kind,
        record.topic,
        record.partition,
        record.offset,
        appended_at(record),
        record.timestamp_type,
        message.key if message else _text(record.key),
        message.type if message else None,
        message.event_id if message else None,
        message.epoch if isinstance(message, Fact) and numbered else None,
        message.seq if isinstance(message, Fact) and numbered else None,
        json.dumps([[name, value.decode("latin-1")] for name, value in record.headers]).replace("\\u0000", "\\ufffd"),
        record.value or b"",
        reason[:1000],
    )


def appended_at(record: Record) -> datetime:
    """Return the record's time; where its sender chose one beyond the calendar, the nearest that there is."""
    return datetime.fromtimestamp(min(max(record.timestamp, NO_TIME), END_OF_TIME) / 1000, UTC)


def _text(key: bytes | None) -> str | None:
    return key.decode("utf-8", "replace").replace("\x00", "\ufffd") if key is not None else None


def not_kept(record: Record, failure: Exception) -> TryAgain:
    """Return what is to be raised where a record can be neither taken nor kept: waiting alone may not mend that."""
    if is_transient(failure):
        return TryAgain()
    log.error("record can be neither taken nor kept", exc_info=failure)
    where = f"{record.topic}/{record.partition}/{record.offset}"
    return Stuck(f"the record {where} can be neither taken nor kept ({type(failure).__name__} at {place(failure)})")


async def resolve(tx: Transaction, record: Record) -> None:
    """Note that the record was taken after all; what is secret of it is not kept any longer."""
    await tx.execute(
        """
        UPDATE dead_letters SET resolved_at = clock_timestamp(), replay_at = NULL,
               body = CASE WHEN topic = ANY($5) THEN '' ELSE body END
        WHERE topic = $1 AND partition = $2 AND kafka_offset = $3 AND appended_at = $4 AND resolved_at IS NULL
        """,
        record.topic,
        record.partition,
        record.offset,
        appended_at(record),
        SECRET,
    )


async def erase_secrets(pool: Pool) -> None:
    """Erase what is secret in records that nobody has replayed in time: it was to arrive by then, or never."""
    await pool.execute(
        """
        UPDATE dead_letters
        SET body = '', replay_at = NULL, resolved_at = coalesce(resolved_at, clock_timestamp()),
            reason = left('erased: too late to be sent; ' || reason, 1000)
        WHERE topic = ANY($1) AND body <> '' AND parked_at < clock_timestamp() - make_interval(mins => $2)
        """,
        SECRET,
        SECRET_MINUTES,
    )


async def is_behind(tx: Transaction, topic: str, key: str) -> bool:
    """Tell whether a poison record of the customer's holds its later ones up."""
    return bool(
        await tx.value(
            """
            SELECT EXISTS (SELECT FROM dead_letters
                           WHERE topic = $1 AND key = $2 AND kind = 'poison' AND resolved_at IS NULL)
            """,
            topic,
            key,
        )
    )


async def keeps_any(tx: Transaction, messages: Sequence[tuple[Record, Message]]) -> bool:
    """Tell whether any of these records is kept itself, or something of its topic and customer that blocks it."""
    return bool(
        await tx.value(
            """
            SELECT EXISTS (
                SELECT FROM dead_letters JOIN unnest($1::text[], $2::text[]) AS told (topic, key) USING (topic, key)
                WHERE blocking AND resolved_at IS NULL
            ) OR EXISTS (
                SELECT FROM dead_letters
                JOIN unnest($1::text[], $3::int[], $4::bigint[]) AS told (topic, partition, kafka_offset)
                     USING (topic, partition, kafka_offset)
                WHERE resolved_at IS NULL
            )
            """,
            [record.topic for record, _ in messages],
            [message.key for _, message in messages],
            [record.partition for record, _ in messages],
            [record.offset for record, _ in messages],
        )
    )


async def call_next(tx: Transaction, topic: str, event: Fact) -> None:
    """Ask for the replay of the parked event that follows `event`, if there is one: its gap is closed.

    What follows a quiet replay is quiet, unless somebody asked for it otherwise.
    """
    await tx.execute(
        """
        UPDATE dead_letters
        SET replay_at = coalesce(replay_at, clock_timestamp()),
            replay_send = CASE WHEN replay_at IS NULL THEN $5 ELSE replay_send END
        WHERE topic = $1 AND key = $2 AND epoch = $3 AND seq = $4 AND blocking AND resolved_at IS NULL
          AND kind IN ('gap', 'behind')
        """,
        topic,
        event.key,
        event.epoch,
        event.seq + 1,
        not tx.quiet,
    )


async def asked_for(pool: Pool, buckets: Collection[int] = range(BUCKETS), limit: int = 100) -> list[Letter]:
    """Return the kept records of these buckets (`outbox.bucket_of`) whose replay was asked for, oldest number first."""
    rows = await pool.fetch(
        """
        SELECT *, replay_send AND EXISTS (
            SELECT FROM dead_letter_audit WHERE action = 'replay and send' AND dead_letters.id = ANY (letters)
        ) AS by_hand
        FROM dead_letters
        WHERE replay_at IS NOT NULL AND resolved_at IS NULL
          AND crc32(convert_to(coalesce(key, ''), 'UTF8')) % $1 = ANY($2::bigint[])
        ORDER BY topic, key, epoch, seq, id LIMIT $3
        """,
        BUCKETS,
        list(buckets),
        limit,
    )
    return [_letter(row) for row in rows]


def _letter(row: Row) -> Letter:
    return Letter(
        id=row["id"],
        send=row["replay_send"],
        topic=row["topic"],
        partition=row["partition"],
        offset=row["kafka_offset"],
        timestamp=round(row["appended_at"].timestamp() * 1000),
        timestamp_type=row["timestamp_type"],
        key=row["key"].encode() if row["key"] is not None else None,
        value=bytes(row["body"]),
        headers=tuple((name, value.encode("latin-1", "replace")) for name, value in json.loads(row["headers"])),
        by_hand=row["by_hand"],
    )


async def give_up(tx: Transaction, record: Record) -> None:
    """Note that a replay could do nothing with the record: it stays kept until it is asked for again."""
    if isinstance(record, Letter):
        await tx.execute("UPDATE dead_letters SET replay_at = NULL WHERE id = $1 AND resolved_at IS NULL", record.id)
