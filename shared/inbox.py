"""Each message once: the inbox remembers ids for a while, the watermark a producer's numbers for ever."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum
from typing import Protocol

from shared import arrays
from shared.contracts.event import Command, Fact, Message
from shared.database import Transaction
from shared.parking import Record, appended_at

ANY_DAY, ANYBODY = date.min, "commands"


class Identified(Protocol):
    """What the inbox asks of a message."""

    @property
    def occurred_at(self) -> datetime: ...
    @property
    def source(self) -> str: ...
    @property
    def event_id(self) -> str: ...


class Order(Enum):
    """Where a numbered event stands against what was taken before it."""

    NEXT = "next"
    SEEN = "seen"
    GAP = "gap"
    STALE = "stale"  # of an epoch that is over


async def take(tx: Transaction, message: Message) -> bool:
    """Note the message; False if it was taken before."""
    return (
        await tx.value(
            "INSERT INTO inbox (day, source, event_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING true",
            *_id_of(message),
        )
        or False
    )


def _id_of(message: Message) -> tuple[date, str, str]:
    """Return what a message is known by. A command by its id alone: whoever sends it again may date it anew."""
    if isinstance(message, Command):
        return ANY_DAY, ANYBODY, message.event_id
    return message.occurred_at.date(), message.source, message.event_id


async def knows(tx: Transaction, message: Message) -> bool:
    """Tell whether the message was taken."""
    return bool(
        await tx.value(
            "SELECT EXISTS (SELECT FROM inbox WHERE day = $1 AND source = $2 AND event_id = $3)",
            *_id_of(message),
        )
    )


async def take_place(tx: Transaction, record: Record) -> bool:
    """Note the record by its place in Kafka, where it has no id that can be trusted; False if it was noted before."""
    return bool(
        await tx.value(
            "INSERT INTO inbox (day, source, event_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING true",
            appended_at(record).date(),
            f"{record.topic}/{record.partition}",
            str(record.offset),
        )
    )


async def take_many(tx: Transaction, messages: Sequence[Identified]) -> list[bool]:
    """Note the messages; for each, whether it is met for the first time (the first of equal ones is)."""
    ids = [(message.occurred_at.date(), message.source, message.event_id) for message in messages]
    if not ids:
        return []
    unique = sorted(set(ids))  # in one order everywhere, so that two batches cannot deadlock
    seen = set(await _note(tx, unique))
    taken = []
    for one in ids:
        taken.append(one not in seen)
        seen.add(one)
    return taken


async def _note(tx: Transaction, ids: Sequence[tuple[date, str, str]]) -> list[tuple[date, str, str]]:
    """Note ids, all different; return those that were there: they are fewer to send than the new ones."""
    days, sources, events = zip(*ids, strict=True)
    rows = await tx.fetch(
        """
        WITH asked AS MATERIALIZED (
            SELECT * FROM unnest($1::text::date[], $2::text::text[], $3::text::text[])
                          WITH ORDINALITY AS one (day, source, event_id, place)
        ), fresh AS (
            INSERT INTO inbox (day, source, event_id) SELECT day, source, event_id FROM asked ORDER BY place
            ON CONFLICT DO NOTHING RETURNING day, source, event_id
        )
        SELECT place FROM asked WHERE NOT EXISTS (
            SELECT FROM fresh
            WHERE fresh.event_id = asked.event_id AND fresh.source = asked.source AND fresh.day = asked.day
        )
        """,
        arrays.plain(days),
        arrays.texts(sources),
        arrays.texts(events),
    )
    return [ids[place - 1] for (place,) in rows]


async def order(tx: Transaction, topic: str, event: Fact) -> tuple[Order, int]:
    """Judge the event's number; also return the number that was expected.

    The first one met of a customer is the baseline; a new epoch begins a new one.
    """
    row = await tx.row("SELECT epoch, seq FROM watermarks WHERE topic = $1 AND customer_id = $2", topic, event.key)
    if row is None or event.epoch > row["epoch"]:
        return Order.NEXT, event.seq
    expected = row["seq"] + 1
    if event.epoch < row["epoch"]:
        return Order.STALE, expected
    if event.seq < expected:
        return Order.SEEN, expected
    return (Order.NEXT if event.seq == expected else Order.GAP), expected


async def advance(tx: Transaction, topic: str, event: Fact) -> None:
    """Note that the event is the last one taken of its customer."""
    await tx.execute(
        """
        INSERT INTO watermarks (topic, customer_id, epoch, seq) VALUES ($1, $2, $3, $4)
        ON CONFLICT (topic, customer_id) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq
        """,
        topic,
        event.key,
        event.epoch,
        event.seq,
    )


async def next_ones(tx: Transaction, facts: Sequence[tuple[str, Fact]]) -> list[tuple[str, Fact]] | None:
    """Judge the numbers of facts (topic, fact) as `order` does, and note the last ones taken as `advance` does.

    Returns those that were not taken before, in order; None where one is out of order, and nothing is noted.
    """
    pairs = sorted({(topic, fact.key) for topic, fact in facts})
    rows = await tx.fetch(
        """
        SELECT topic, customer_id, epoch, seq FROM watermarks
        WHERE (topic, customer_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))
        """,
        [topic for topic, _ in pairs],
        [key for _, key in pairs],
    )
    last = {(row["topic"], row["customer_id"]): (row["epoch"], row["seq"]) for row in rows}
    fresh = []
    for topic, fact in facts:
        epoch, seq = last.get((topic, fact.key), (fact.epoch - 1, 0))
        if fact.epoch == epoch and fact.seq <= seq:
            continue
        if fact.epoch < epoch or (fact.epoch == epoch and fact.seq != seq + 1):
            return None
        last[topic, fact.key] = fact.epoch, fact.seq
        fresh.append((topic, fact))
    moved = sorted({(topic, fact.key) for topic, fact in fresh})
    await tx.execute(
        """
        INSERT INTO watermarks (topic, customer_id, epoch, seq)
        SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::bigint[])
        ON CONFLICT (topic, customer_id) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq
        """,
        [topic for topic, _ in moved],
        [key for _, key in moved],
        [last[pair][0] for pair in moved],
        [last[pair][1] for pair in moved],
    )
    return fresh


async def hold_back(tx: Transaction, topic: str, event: Fact) -> None:
    """Make the event the next one expected where nothing of its customer and epoch was taken yet.

    Without it the event after a failed first one would be taken as the baseline, and the failed one be lost.
    """
    await tx.execute(
        """
        INSERT INTO watermarks (topic, customer_id, epoch, seq) VALUES ($1, $2, $3, $4)
        ON CONFLICT (topic, customer_id) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq
        WHERE watermarks.epoch < excluded.epoch
        """,
        topic,
        event.key,
        event.epoch,
        event.seq - 1,
    )


async def prune(tx: Transaction, days: int, *, limit: int = 10_000) -> int:
    """Forget ids of days longer ago than `days`, at most `limit` at a time; returns how many.

    An id that came later than that is kept for as long, or history sent twice would count twice.
    """
    return int(
        await tx.value(
            """
            WITH gone AS (
                DELETE FROM inbox WHERE (day, source, event_id) IN (
                    SELECT day, source, event_id FROM inbox
                    WHERE day < $1::date - $2::int AND received_at < clock_timestamp() - make_interval(days => $2)
                    ORDER BY day LIMIT $3
                ) RETURNING 1
            ) SELECT count(*) FROM gone
            """,
            tx.now.date(),
            days,
            limit,
        )
    )
