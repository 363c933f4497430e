"""A feed that seemed to have stopped, and of which more is known later: its customers are judged anew from then on."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.database import Pool
from tests.services.health_scoring.stories import busy_feeds, steady
from tests.services.health_scoring.workshop import Workshop

NOW = datetime(2026, 3, 15, 12, 20, tzinfo=UTC)
LATER = NOW + timedelta(days=4)
pytestmark = pytest.mark.schema("health_scoring")


async def course_of_acme(shop: Workshop) -> Any:
    kept = await shop.health("acme")
    assert kept is not None
    return kept.course


async def test_what_was_unknown_while_a_feed_seemed_dead_is_judged_anew_once_it_was_not(pool: Pool) -> None:
    before, since = [*busy_feeds(NOW), *steady("acme", NOW)], busy_feeds(LATER, days=4)
    shop = Workshop(pool, LATER)
    await shop.take([*before, *since])
    await shop.settle()
    expected = await course_of_acme(shop)
    await shop.empty()

    shop = Workshop(pool, NOW)
    await shop.take(before)
    await shop.settle()
    await shop.advance(timedelta(days=4), step=timedelta(hours=6))
    assert await course_of_acme(shop) != expected, "four days of it are unknown"
    await shop.take(since)
    await shop.settle()
    assert await course_of_acme(shop) == expected
