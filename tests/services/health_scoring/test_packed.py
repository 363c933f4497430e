"""What is packed of a customer's use holds nothing of its own: with it and without it the same is judged."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.health_scoring.domain.facts import Days, Facts, Usage, seen
from services.health_scoring.store import packed
from shared.database import Pool
from tests.services.health_scoring.stories import busy_feeds, steady, used
from tests.services.health_scoring.workshop import Workshop

NOW = datetime(2026, 3, 15, 12, 20, tzinfo=UTC)
TODAY = NOW.toordinal()
QUANTITIES = st.one_of(
    st.integers(0, 3).map(float), st.integers(250, 70_000).map(float), st.floats(0, 1e15, allow_nan=False)
)


@given(
    days=st.dictionaries(st.integers(TODAY - 200, TODAY), st.tuples(QUANTITIES, st.integers(1, 70_000))),
    users=st.dictionaries(st.sampled_from("abc"), st.sets(st.integers(TODAY - 200, TODAY), min_size=1)),
    span=st.tuples(st.integers(TODAY - 200, TODAY), st.integers(0, 200)),
)
@settings(deadline=None)
def test_what_is_read_is_what_was_packed(
    days: dict[int, tuple[float, int]], users: dict[str, set[int]], span: tuple[int, int]
) -> None:
    ordered = sorted(days)
    use = Usage.of(ordered, [days[day][0] for day in ordered], [days[day][1] for day in ordered], {})
    bits, users_from = seen((user, sorted(some)) for user, some in users.items())
    since, until = span[0], span[0] + span[1]
    known = packed.decode(packed.encode(packed.use(Facts(None, {"logins": use}, bits, users_from), since, until)))
    read = known.usage["logins"]
    assert read.begun == use.begun
    for day in range(since, until):
        assert read.quantity(day, day + 1) == use.quantity(day, day + 1)
        assert read.count(day, day + 1) == use.count(day, day + 1)
        assert read.was_used(day, day + 1) == (day in days)
        there = {user for user, some in known.users.items() if Days(known.users_from, some).between(day, day + 1)}
        assert there == {user for user, some in users.items() if day in some}
    assert read.quantity(since, until) == use.quantity(since, until)


async def judged_at_midnights(shop: Workshop, nights: int) -> list[Any]:
    found = []
    for _ in range(nights):
        await shop.advance(timedelta(days=1))
        await shop.take([*used("acme", shop.now, [0], quantity=2.5), *busy_feeds(shop.now, days=1)])
        kept = await shop.health("acme")
        assert kept is not None
        found.append((kept.hundredths, kept.confidence, kept.band, kept.course, kept.next_at))
    return found


@pytest.mark.schema("health_scoring")
async def test_with_it_and_without_it_the_same_is_judged(pool: Pool) -> None:
    ways = []
    for forgets in (False, True):
        shop = Workshop(pool, NOW)
        await shop.empty()
        await shop.take([*busy_feeds(NOW), *steady("acme", NOW)])
        await shop.settle()
        way = []
        for _ in range(9):
            way += await judged_at_midnights(shop, 1)
            assert await pool.fetchval("SELECT count(*) FROM usage_packed WHERE customer_id = 'acme'") == 1
            if forgets:
                await pool.execute("DELETE FROM usage_packed")
        ways.append(way)
    assert ways[0] == ways[1]


@pytest.mark.schema("health_scoring")
async def test_use_that_a_former_version_took_is_not_hidden(pool: Pool) -> None:
    """It has judged because of a late use, and knows nothing of what is packed."""
    shop = Workshop(pool, NOW)
    await shop.take([*busy_feeds(NOW), *steady("acme", NOW)])
    await shop.settle()
    await pool.execute(
        "UPDATE usage_days SET quantity = 1 WHERE customer_id = 'acme' AND day > $1", NOW.date() - timedelta(days=20)
    )
    await pool.execute("UPDATE health SET scored_at = scored_at + interval '1 second'")
    await shop.advance(timedelta(days=1))
    kept = await shop.health("acme")
    await pool.execute("DELETE FROM usage_packed")
    late = shop.now.replace(hour=0, minute=0) - timedelta(minutes=30)
    await pool.execute("INSERT INTO due VALUES ('acme', 0, $1, 'late', false)", late)
    await shop.settle()
    without = await shop.health("acme")
    assert kept is not None
    assert without is not None
    assert kept.course.midnights[shop.now.toordinal()] != kept.course.midnights[NOW.toordinal()]
    assert kept.course == without.course


@pytest.mark.schema("health_scoring")
async def test_late_use_is_not_hidden(pool: Pool) -> None:
    """Days that seemed empty when they were packed turn out to be busy."""
    found = []
    for forgets in (False, True):
        shop = Workshop(pool, NOW)
        await shop.empty()
        await shop.take([*busy_feeds(NOW), *steady("acme", NOW - timedelta(days=3))])
        await shop.settle()
        before = await shop.health("acme")
        if forgets:
            await pool.execute("DELETE FROM usage_packed")
        await shop.take(used("acme", NOW, [1, 2], quantity=900))
        await shop.settle()
        after = await shop.health("acme")
        assert before is not None
        assert after is not None
        assert after.hundredths != before.hundredths
        found.append(after.course)
    assert found[0] == found[1]
