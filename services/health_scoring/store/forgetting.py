"""Forgets facts that are too old to say anything, some at a time; what still says something stays however old it is."""

from datetime import date

from shared.database import Transaction

# A matter (a ticket, an invoice) ends with one of these; until it does, it is open however old it is.
_CLOSING = ("TicketResolved", "InvoicePaid")
_OF_MATTERS = ("TicketOpened", "TicketEscalated", "TicketReopened", "InvoiceOverdue", *_CLOSING)
_SAID_ONCE = ("SurveyAnswered", "MeetingHeld", "MeetingMissed")  # of each kind of these the latest stays


async def forget(tx: Transaction, before: date, *, limit: int) -> int:
    """Forget facts of days before this one, at most `limit` of each sort; returns how many of the most frequent."""
    return max(
        await _days(tx, "usage_days", "customer_id, metric, day", before, limit),
        await _days(tx, "usage_users", "customer_id, day, user_id", before, limit),
        await _days(tx, "feed_days", "topic, source, day", before, limit),
        await _said_once(tx, before, limit),
        await _matters(tx, before, limit),
    )


async def _days(tx: Transaction, table: str, key: str, before: date, limit: int) -> int:
    return int(
        await tx.value(
            f"""
            WITH gone AS (
                DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE day < $1 ORDER BY day LIMIT $2)
                RETURNING 1
            ) SELECT count(*) FROM gone
            """,  # noqa: S608  # the tables above
            before,
            limit,
        )
    )


async def _said_once(tx: Transaction, before: date, limit: int) -> int:
    """Forget all but the latest of each kind: how long ago that was may be measured."""
    return int(
        await tx.value(
            """
            WITH old AS (
                SELECT customer_id, occurred_at, source, event_id FROM signals AS one
                WHERE occurred_at < $1::date AT TIME ZONE 'UTC' AND type = ANY($2::text[])
                  AND EXISTS (SELECT FROM signals AS later
                              WHERE later.customer_id = one.customer_id AND later.type = one.type
                                AND later.says ->> 'kind' IS NOT DISTINCT FROM one.says ->> 'kind'
                                AND later.says ->> 'by' IS NOT DISTINCT FROM one.says ->> 'by'
                                AND (later.occurred_at, later.source, later.event_id)
                                    > (one.occurred_at, one.source, one.event_id))
                LIMIT $3
            ), gone AS (
                DELETE FROM signals USING old
                WHERE (signals.customer_id, signals.occurred_at, signals.source, signals.event_id)
                      = (old.customer_id, old.occurred_at, old.source, old.event_id)
                RETURNING 1
            ) SELECT count(*) FROM gone
            """,
            before,
            _SAID_ONCE,
            limit,
        )
    )


async def _matters(tx: Transaction, before: date, limit: int) -> int:
    """Forget matters that were closed and are quiet since, each whole: half of one would be open again."""
    return int(
        await tx.value(
            """
            WITH closed AS (
                SELECT customer_id, subject FROM signals
                WHERE type = ANY($2::text[]) AND subject <> ''
                GROUP BY customer_id, subject
                HAVING max(occurred_at) < $1::date AT TIME ZONE 'UTC'
                   AND (array_agg(type ORDER BY occurred_at DESC, source DESC, event_id DESC))[1] = ANY($3::text[])
                LIMIT $4
            ), gone AS (
                DELETE FROM signals USING closed
                WHERE signals.customer_id = closed.customer_id AND signals.subject = closed.subject
                  AND signals.type = ANY($2::text[])
                RETURNING 1
            ) SELECT count(*) FROM gone
            """,
            before,
            _OF_MATTERS,
            _CLOSING,
            limit,
        )
    )
