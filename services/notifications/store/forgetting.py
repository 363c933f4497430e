"""Forgets what was told long ago: with it goes what was kept so that nothing is told twice."""

from shared.database import Transaction
from shared.service import Forget


def after(days: int) -> Forget:
    """Return what forgets facts that happened longer ago than `days`, some at a time."""

    async def forget(tx: Transaction, limit: int) -> int:
        return int(await tx.value(_FORGET, tx.now, days, limit))

    return forget


_FORGET = """
    WITH old AS (
        SELECT id FROM tellings
        WHERE happened_at < $1::timestamptz - make_interval(days => $2)
          AND NOT EXISTS (SELECT FROM deliveries WHERE telling_id = tellings.id AND state IN ('due', 'packed'))
        ORDER BY id LIMIT $3
    ), notices AS (
        DELETE FROM deliveries WHERE telling_id IN (SELECT id FROM old) RETURNING id, message_id
    ), emptied AS (
        DELETE FROM messages WHERE message_id IN (SELECT message_id FROM notices)
          AND NOT EXISTS (SELECT FROM deliveries WHERE deliveries.message_id = messages.message_id
                            AND deliveries.id NOT IN (SELECT id FROM notices))
    ), gone AS (
        DELETE FROM tellings WHERE id IN (SELECT id FROM old) RETURNING 1
    ), stood_in AS (
        DELETE FROM stand_ins WHERE until < $1::timestamptz - make_interval(days => $2)
    ), asked AS (
        DELETE FROM asks WHERE due_at < $1::timestamptz - make_interval(days => $2)
    )
    SELECT count(*) FROM gone
"""
