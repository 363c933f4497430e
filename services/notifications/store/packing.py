"""From deliveries that are due to messages that are fixed for ever: what a message holds never changes again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.notifications.domain.packing import WINDOW, Pack, Sent, Waiting
from shared.database import Transaction

MOST_OF_ONE = 20_000  # deliveries of one recipient looked at together
Waits = Mapping[tuple[str, str], Mapping[str, Sequence[Waiting]]]


@dataclass(frozen=True)
class Due:
    """What is due for one recipient on one channel, and what they got in the last hour."""

    recipient: str
    channel: str
    bucket: int
    waiting: list[Waiting] = field(default_factory=list)
    notice_ids: dict[int, str] = field(default_factory=dict)


async def due(tx: Transaction, buckets: Sequence[int], limit: int) -> list[Due]:
    """Return what is due now, by recipient and channel, each oldest first; locked until the transaction ends."""
    pairs = await tx.fetch(
        """
        SELECT recipient, channel FROM deliveries
        WHERE state = 'due' AND due_at <= $1 AND bucket = ANY($2::smallint[])
        GROUP BY recipient, channel ORDER BY min(id) LIMIT $3
        """,
        tx.now,
        buckets,
        limit,
    )
    rows = await tx.fetch(
        """
        SELECT id, notice_id, bucket, recipient, channel, customer_id, urgency, digest, held, alone FROM deliveries
        WHERE state = 'due' AND due_at <= $1
          AND (recipient, channel) IN (SELECT * FROM unnest($2::text[], $3::text[]))
        ORDER BY id LIMIT $4 FOR UPDATE
        """,
        tx.now,
        [row["recipient"] for row in pairs],
        [row["channel"] for row in pairs],
        MOST_OF_ONE,
    )
    found: dict[tuple[str, str], Due] = {}
    for row in rows:
        pair = row["recipient"], row["channel"]
        one = found.setdefault(pair, Due(*pair, row["bucket"]))
        about = row["customer_id"], row["urgency"], row["digest"], row["held"], row["alone"]
        one.waiting.append(Waiting(row["id"], *about))
        one.notice_ids[row["id"]] = row["notice_id"]
    return list(found.values())


async def waiting_about(tx: Transaction, packs: Sequence[tuple[Due, Pack]]) -> Waits:
    """Return what waits for later about the customers of messages, by recipient, channel and customer; locked."""
    about = [(due.recipient, due.channel, customer) for due, pack in packs for customer in pack.about]
    rows = await tx.fetch(
        """
        SELECT id, recipient, channel, customer_id, urgency FROM deliveries
        WHERE state = 'due' AND due_at > $1 AND NOT alone
          AND (recipient, channel, customer_id) IN (SELECT * FROM unnest($2::text[], $3::text[], $4::text[]))
        ORDER BY id LIMIT $5 FOR UPDATE
        """,
        tx.now,
        [recipient for recipient, _, _ in about],
        [channel for _, channel, _ in about],
        [customer for _, _, customer in about],
        MOST_OF_ONE,
    )
    found: dict[tuple[str, str], dict[str, list[Waiting]]] = {}
    for row in rows:
        of_pair = found.setdefault((row["recipient"], row["channel"]), {})
        one = Waiting(row["id"], row["customer_id"], row["urgency"])
        of_pair.setdefault(row["customer_id"], []).append(one)
    return found


async def sent_lately(tx: Transaction, dues: Sequence[Due]) -> Mapping[tuple[str, str, bool], Sent]:
    """Return what each got in the last hour, by recipient, channel, and whether it was critical."""
    rows = await tx.fetch(
        """
        SELECT recipient, channel, urgency = 'critical' AS critical, count(*) AS number, min(made_at) AS first_at
        FROM messages
        WHERE made_at > $1 AND NOT to_contact AND state <> 'expired'
          AND (recipient, channel) IN (SELECT * FROM unnest($2::text[], $3::text[]))
        GROUP BY recipient, channel, critical
        """,
        tx.now - WINDOW,
        [one.recipient for one in dues],
        [one.channel for one in dues],
    )
    return {(row["recipient"], row["channel"], row["critical"]): Sent(row["number"], row["first_at"]) for row in rows}


async def fix(tx: Transaction, packs: Sequence[tuple[Due, Pack]]) -> None:
    """Make messages: from now on each holds these deliveries and no others."""
    ids = [one.notice_ids[pack.delivery_ids[0]] for one, pack in packs]
    await tx.execute_many(
        """
        INSERT INTO messages (message_id, bucket, recipient, channel, customer_id, kind, urgency, made_at, about, state,
                              to_contact, expires_at)
        SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, 'pending', contact_id IS NOT NULL, expires_at
        FROM deliveries JOIN tellings ON tellings.id = telling_id WHERE notice_id = $1
        """,
        [
            (id_, one.bucket, one.recipient, one.channel, pack.customer_id, pack.kind, pack.urgency, tx.now, pack.about)
            for id_, (one, pack) in zip(ids, packs, strict=True)
        ],
    )
    placed = [(delivery, id_) for id_, (_, pack) in zip(ids, packs, strict=True) for delivery in pack.delivery_ids]
    await tx.execute(
        """
        UPDATE deliveries SET state = 'packed', message_id = placed.message_id
        FROM unnest($1::bigint[], $2::text[]) AS placed (id, message_id) WHERE deliveries.id = placed.id
        """,
        [delivery for delivery, _ in placed],
        [id_ for _, id_ in placed],
    )


async def hold(tx: Transaction, held: Sequence[tuple[int, object]]) -> None:
    """Hold deliveries back until a moment each."""
    await tx.execute(
        """
        UPDATE deliveries SET held = true, due_at = later.due_at
        FROM unnest($1::bigint[], $2::timestamptz[]) AS later (id, due_at) WHERE deliveries.id = later.id
        """,
        [id_ for id_, _ in held],
        [until for _, until in held],
    )


async def set_aside(tx: Transaction, due: Due, why: str) -> None:
    """Keep what cannot be packed where people see it: it is told to nobody until it is sent again."""
    await tx.execute(
        "UPDATE deliveries SET state = 'failed', why = $2 WHERE id = ANY($1::bigint[]) AND state = 'due'",
        [one.delivery_id for one in due.waiting],
        why,
    )


async def try_again(tx: Transaction, notice_id: str) -> bool:
    """Have what stood aside packed again; returns whether it did."""
    return bool(
        await tx.value(
            """
            UPDATE deliveries SET state = 'due', why = NULL, published = false
            WHERE notice_id = $1 AND state = 'failed' AND message_id IS NULL RETURNING true
            """,
            notice_id,
        )
    )
