"""Notices as people look at them: what was told to whom, in which message, and what became of it."""

from dataclasses import dataclass
from datetime import datetime

from services.notifications.store import tellings
from shared.database import Row, Transaction

STATES = ("waiting", "due", "held", "pending", "sent", "failed", "expired", "quiet", "moved", "nobody")


@dataclass(frozen=True)
class Wanted:
    """Which notices are asked for; None: any."""

    state: str | None = None
    person: str | None = None
    customer: str | None = None
    channel: str | None = None


@dataclass(frozen=True)
class Notice:
    """One notice: a row for each recipient, channel and fact. recipient None: nobody is known or there yet.

    last_answer: of the channel; else why it waits, moved on, or stands aside.
    """

    notice_id: str
    message_id: str | None
    state: str
    recipient: str | None
    channel: str | None
    customer_id: str | None
    fact_type: str
    fact_id: str
    rule: str
    urgency: str
    happened_at: datetime
    due_at: datetime | None
    attempts: int | None
    last_answer: str | None


_ALL = """
    SELECT CASE WHEN deliveries.id IS NULL THEN 'telling-' || tellings.id ELSE deliveries.notice_id END AS notice_id,
           deliveries.message_id, recipient, channel, tellings.customer_id, fact_type,
           tellings.fact_id, rule, tellings.urgency, happened_at, due_at, attempts,
           coalesce(deliveries.why, last_answer, CASE WHEN deliveries.id IS NULL THEN tellings.why END) AS last_answer,
           CASE WHEN deliveries.id IS NULL THEN CASE tellings.state WHEN 'new' THEN 'waiting' ELSE tellings.state END
                WHEN deliveries.state = 'due' AND held THEN 'held'
                WHEN deliveries.state = 'packed' THEN messages.state
                ELSE deliveries.state END AS state,
           tellings.id AS telling_id, deliveries.id AS delivery_id
    FROM tellings
    LEFT JOIN deliveries ON telling_id = tellings.id
    LEFT JOIN (SELECT message_id, state, attempts, last_answer FROM messages) AS messages
        ON messages.message_id = deliveries.message_id
    WHERE deliveries.id IS NOT NULL OR tellings.state <> 'told'
"""


async def notices(tx: Transaction, wanted: Wanted, limit: int) -> tuple[list[Notice], int]:
    """Return the newest notices that are asked for, and how many there are in all."""
    rows = await tx.fetch(
        f"""
        SELECT *, count(*) OVER () AS number FROM ({_ALL}) AS each
        WHERE state = coalesce($1, state) AND recipient IS NOT DISTINCT FROM coalesce($2, recipient)
          AND customer_id IS NOT DISTINCT FROM coalesce($3, customer_id)
          AND channel IS NOT DISTINCT FROM coalesce($4, channel)
        ORDER BY telling_id DESC, delivery_id DESC LIMIT $5
        """,  # noqa: S608  # a constant
        wanted.state,
        wanted.person,
        wanted.customer,
        wanted.channel,
        limit,
    )
    return [_notice(row) for row in rows], rows[0]["number"] if rows else 0


def _notice(row: Row) -> Notice:
    return Notice(**{name: row[name] for name in Notice.__dataclass_fields__})


async def unsent(tx: Transaction, id_: str) -> list[Notice]:
    """Return the notice with this id, or what became of the telling with this one: before there is a message of it."""
    rows = await tx.fetch(
        f"SELECT * FROM ({_ALL}) AS each WHERE notice_id = $1 OR telling_id = $2 ORDER BY delivery_id LIMIT 200",  # noqa: S608
        id_,
        tellings.number_of(id_),
    )
    return [_notice(one) for one in rows]


async def message(tx: Transaction, id_: str) -> tuple[Row, list[Notice]] | None:
    """Return a message by its id, or by that of a notice in it, and its notices; None where there is none."""
    row = await tx.row(
        """
        SELECT * FROM messages
        WHERE message_id IN ($1, (SELECT message_id FROM deliveries WHERE notice_id = $1)) LIMIT 1
        """,
        id_,
    )
    if row is None:
        return None
    rows = await tx.fetch(
        f"SELECT * FROM ({_ALL}) AS each WHERE message_id = $1 ORDER BY delivery_id LIMIT 200",  # noqa: S608
        row["message_id"],
    )
    return row, [_notice(one) for one in rows]
