"""Administrators are told of a feed that stopped, once; and when it is back, or is not waited for any more."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.database import Pool
from tests.services.health_scoring.stories import busy_feeds
from tests.services.health_scoring.workshop import Workshop
from tests.stories import upstream

NOW = datetime(2026, 3, 15, 12, 20, tzinfo=UTC)
NEWS = ("FeedStopped", "FeedResumed", "FeedForgotten")
pytestmark = pytest.mark.schema("health_scoring")


def used_now(shop: Workshop) -> dict[str, Any]:
    return upstream("UsageRecorded", "neighbour", shop.now, metric="logins")


async def stopped(pool: Pool) -> Workshop:
    """Every feed has stopped; that was told."""
    shop = Workshop(pool, NOW)
    await shop.take(busy_feeds(NOW))
    await shop.advance(timedelta(days=5), step=timedelta(hours=6))
    return shop


async def test_feed_that_stopped_is_told_once_with_its_last_hour(pool: Pool) -> None:
    shop = await stopped(pool)
    told = await shop.told(*NEWS)
    assert [(one.type, one.feed, one.origin) for one in told] == [
        ("FeedStopped", topic, "upstream") for topic in ("relationship.v1", "support.v1", "usage.v1")
    ]
    assert {one.since for one in told} == {NOW.replace(minute=0)}
    assert [one.seq for one in told] == [1, 2, 3]
    shop.begin()
    await shop.advance(timedelta(days=1), step=timedelta(hours=6))
    assert len(await shop.told(*NEWS)) == len(told)


async def test_feed_that_is_back_is_told_once_and_alone(pool: Pool) -> None:
    shop = await stopped(pool)
    await shop.take([used_now(shop)])
    await shop.settle()
    await shop.settle()
    told = (await shop.told(*NEWS))[3:]
    assert [(one.type, one.feed) for one in told] == [("FeedResumed", "usage.v1")]


async def test_feed_that_is_waited_for_no_more_is_told_too(pool: Pool) -> None:
    shop = await stopped(pool)
    await shop.advance(timedelta(days=60), step=timedelta(days=1))
    assert [one.type for one in (await shop.told(*NEWS))[3:]] == ["FeedForgotten"] * 3


async def test_only_one_owner_tells(pool: Pool) -> None:
    shop = Workshop(pool, NOW)
    await shop.take(busy_feeds(NOW))
    shop.intake.partitions = {tp._replace(partition=3) for tp in shop.intake.partitions}
    await shop.advance(timedelta(days=5), step=timedelta(hours=6))
    assert await shop.told(*NEWS) == []
