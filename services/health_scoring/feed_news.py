"""Tells when a feed stopped, came back, or is not waited for any more: once each, by the owner of one partition."""

from datetime import datetime
from typing import Any

from services.health_scoring.domain.feeds import Feeds, moment_of
from services.health_scoring.store import feeds as stored
from shared import outbox
from shared.contracts.event import Message
from shared.contracts.feeds import FeedForgotten, FeedResumed, FeedStopped
from shared.contracts.topics import FEEDS
from shared.database import Transaction

TELLER = 0  # the partition whose owner tells

Feed = tuple[str, str]  # topic, source


async def tell(tx: Transaction, known: Feeds) -> None:
    """Compare the feeds that have stopped now with those that were said to have, and tell what is new."""
    told = await stored.told(tx)
    stopped = {(gap.topic, gap.source) for gap in known.gaps if gap.end is None}
    if told.keys() == stopped:
        return
    last = {feed: moment_of(hours[-1] + 1) for feed, hours in (await stored.load(tx)).items()}
    news: list[Message] = [
        FeedStopped.model_validate({**_envelope(feed, last[feed], tx.now), "since": last[feed]})
        for feed in sorted(stopped - told.keys())
    ]
    for feed in sorted(told.keys() - stopped):
        back = feed in last and last[feed] > told[feed]
        news.append((FeedResumed if back else FeedForgotten).model_validate(_envelope(feed, told[feed], tx.now)))
    await stored.keep_told(tx, {feed: told.get(feed) or last[feed] for feed in stopped})
    await outbox.add_many(tx, [(FEEDS.name, one) for one in news])


def _envelope(feed: Feed, since: datetime, now: datetime) -> dict[str, Any]:
    topic, source = feed
    cause = f"clock:{since.isoformat()}"
    return {"origin": source, "feed": topic, "occurred_at": now, "correlation_id": cause, "causation_id": cause}
