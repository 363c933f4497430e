"""How the system itself is: feeds, and records that could not be taken. Of customers nothing."""

from dataclasses import dataclass
from datetime import datetime

from shared.database import Transaction

MOST = 100


@dataclass(frozen=True)
class Feed:
    """A topic and the upstream system that sends on it."""

    origin: str
    feed: str
    state: str
    since: datetime


@dataclass(frozen=True)
class Parked:
    """What a service said of records that it could not take: how many in all, on which topics, when last."""

    service: str
    parked: int
    topics: tuple[str, ...]
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True)
class Lag:
    """How far the projection of a topic is: records that are still to come."""

    topic: str
    behind: int
    as_of: datetime


async def feeds(tx: Transaction) -> list[Feed]:
    """Return the feeds that ever stopped: those that still do first, then the latest."""
    rows = await tx.fetch(
        "SELECT origin, feed, state, since FROM feeds"
        " ORDER BY array_position('{stopped,forgotten,resumed}', state), since DESC LIMIT $1",
        MOST,
    )
    return [Feed(**dict(row)) for row in rows]


async def parked(tx: Transaction) -> list[Parked]:
    """Return what services said of records that they could not take, by service, the latest first."""
    rows = await tx.fetch(
        """
        SELECT service, sum(parked)::bigint AS parked, min(at) AS first_at, max(at) AS last_at,
               ARRAY(SELECT DISTINCT topic FROM parked_news AS one, unnest(one.topics) AS topic
                     WHERE one.service = news.service ORDER BY topic) AS topics
        FROM parked_news AS news
        GROUP BY service ORDER BY max(at) DESC
        """
    )
    return [Parked(**{**dict(row), "topics": tuple(row["topics"])}) for row in rows]


async def lags(tx: Transaction) -> list[Lag]:
    """Return how far the projection of each topic is, the furthest behind first."""
    rows = await tx.fetch(
        "SELECT topic, sum(behind)::bigint AS behind, min(as_of) AS as_of FROM freshness GROUP BY topic"
        " ORDER BY 2 DESC, topic"
    )
    return [Lag(**dict(row)) for row in rows]
