"""What the projection writes of the system itself: feeds that stopped, records that services could not take."""

from collections.abc import Sequence
from datetime import timedelta

from shared.contracts.feeds import FeedEvent, FeedStopped
from shared.contracts.parked import RecordsParked
from shared.database import Transaction

NEWS_DAYS = 90  # so long it is known that a service could not take records
_STATE = {"FeedStopped": "stopped", "FeedResumed": "resumed", "FeedForgotten": "forgotten"}


async def keep_feeds(tx: Transaction, facts: Sequence[FeedEvent]) -> None:
    """Keep how each feed is; since: when its last event was, or when it came back or was given up."""
    await tx.execute_many(
        """
        INSERT INTO feeds (origin, feed, epoch, seq, state, since) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (origin, feed) DO UPDATE
        SET epoch = excluded.epoch, seq = excluded.seq, state = excluded.state, since = excluded.since
        WHERE (feeds.epoch, feeds.seq) < (excluded.epoch, excluded.seq)
        """,
        [
            (
                one.origin, one.feed, one.epoch, one.seq, _STATE[one.type],
                one.since if isinstance(one, FeedStopped) else one.occurred_at,
            )
            for one in facts
        ],
    )  # fmt: skip


async def keep_parked(tx: Transaction, facts: Sequence[RecordsParked]) -> None:
    """Keep what services said of records that they could not take."""
    await tx.execute_many(
        """
        INSERT INTO parked_news (event_id, service, at, parked, topics) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (event_id) DO NOTHING
        """,
        [(one.event_id, one.service, one.occurred_at, one.parked, list(one.topics)) for one in facts],
    )


async def forget_parked(tx: Transaction, limit: int) -> int:
    """Forget news of records of long ago, at most `limit`; returns how many."""
    return int(
        await tx.value(
            """
            WITH gone AS (
                DELETE FROM parked_news WHERE event_id IN (
                    SELECT event_id FROM parked_news WHERE at < $1 LIMIT $2)
                RETURNING 1
            ) SELECT count(*) FROM gone
            """,
            tx.now - timedelta(days=NEWS_DAYS),
            limit,
        )
    )
