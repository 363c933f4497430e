"""The explanation for people: sums are exact, the past is told under its own card, and nothing can be written."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from amicable import migrate
from services.health_scoring.explanation import NotKnown, explain
from services.health_scoring.scorecards.shipped import text_of
from services.health_scoring.store import cards, customers
from services.health_scoring.store.cards import Stored
from shared import database
from shared.database import Pool
from tests.conftest import PASSWORDS
from tests.services.health_scoring.stories import busy_feeds, silent, steady
from tests.services.health_scoring.workshop import Workshop
from tests.stories import upstream

NOW = datetime(2026, 3, 15, 12, 20, tzinfo=UTC)
pytestmark = pytest.mark.schema("health_scoring")


async def shop_with_two(pool: Pool) -> Workshop:
    shop = Workshop(pool, NOW)
    await shop.take([*busy_feeds(NOW), *steady("acme", NOW), *silent("quiet", NOW, since=30)])
    await shop.settle()
    await shop.take([upstream("TicketOpened", "acme", NOW, ticket_id=f"T{n}", severity="urgent") for n in range(2)])
    return shop


async def test_contributions_and_changes_sum_exactly(pool: Pool) -> None:
    await shop_with_two(pool)
    async with database.transaction(pool, "health_scoring", NOW) as tx:
        for customer in ("acme", "quiet"):
            told = await explain(tx, customer, NOW)
            score = told.judgement.score.hundredths
            assert score is not None
            assert sum(part.hundredths for part in told.contributions) == score
            for then in told.since.values():
                if then.hundredths is not None:
                    assert sum(change.hundredths for change in then.moved) == score - then.hundredths


async def test_it_says_what_is_kept(pool: Pool) -> None:
    shop = await shop_with_two(pool)
    async with database.transaction(pool, "health_scoring", NOW) as tx:
        for customer in ("acme", "quiet"):
            told, kept = await explain(tx, customer, NOW), await shop.health(customer)
            assert kept is not None
            assert told.judgement.score.hundredths == kept.hundredths
            assert told.judgement.standing.band == kept.band


async def test_past_is_told_as_it_was_and_under_the_card_of_then(pool: Pool) -> None:
    await shop_with_two(pool)
    async with database.transaction(pool, "health_scoring", NOW) as tx:
        second = Stored("smb", 2, text_of("smb").replace("version: 1", "version: 2").replace("green: 80", "green: 79"))
        assert await cards.keep(tx, second)
        await cards.activate(tx, "smb", 2, since=NOW - timedelta(days=5), by="admin")
    async with database.transaction(pool, "health_scoring", NOW) as tx:
        now, then = await explain(tx, "acme", NOW), await explain(tx, "acme", NOW - timedelta(days=6))
    assert (now.card.version, then.card.version) == (2, 1)
    assert now.judgement.score.hundredths != then.judgement.score.hundredths
    assert all(part.reading.value != 2 for part in then.contributions if part.reading.measure.name == "urgent_tickets")


async def test_unknown_customer_gets_the_nearest_one(pool: Pool) -> None:
    await shop_with_two(pool)
    async with database.transaction(pool, "health_scoring", NOW) as tx:
        with pytest.raises(NotKnown, match=r"^There is no customer acne\. Is it acme\?$"):
            await explain(tx, "acne", NOW)


async def test_list_is_sorted_and_filtered_and_says_how_many_there_are(pool: Pool) -> None:
    await shop_with_two(pool)
    async with database.transaction(pool, "health_scoring", NOW) as tx:
        rows, total = await customers.rows(tx)
        assert ([row.customer_id for row in rows], total) == (["quiet", "acme"], 2)
        rows, total = await customers.rows(tx, limit=1, order="name")
        assert ([row.customer_id for row in rows], total) == (["acme"], 2)
        (risky,), total = await customers.rows(tx, at_risk=True, bands=["red"])
        assert (risky.customer_id, risky.risk, total) == ("quiet", "Nobody has used the product for 30 days", 1)
        assert (await customers.rows(tx, segment="nobody"))[1] == 0


@pytest.mark.parametrize("order", ["score", "trend", "since", "name"])
async def test_every_order_of_the_list_is_one(pool: Pool, order: customers.Order) -> None:
    await shop_with_two(pool)
    async with database.transaction(pool, "health_scoring", NOW) as tx:
        rows, _ = await customers.rows(tx, order=order)
    assert {row.customer_id for row in rows} == {"acme", "quiet"}


async def test_who_fell_most_in_a_week_comes_first_by_trend(pool: Pool) -> None:
    shop = await shop_with_two(pool)
    await shop.settle()
    async with database.transaction(pool, "health_scoring", NOW) as tx:
        rows, _ = await customers.rows(tx, order="trend")
    assert [row.customer_id for row in rows] == ["acme", "quiet"]


async def test_who_has_left_is_not_listed(pool: Pool) -> None:
    shop = await shop_with_two(pool)
    await shop.take([upstream("CustomerLeft", "acme", NOW - timedelta(hours=1), on="2026-03-15")])
    await shop.settle()
    async with database.transaction(pool, "health_scoring", NOW) as tx:
        rows, total = await customers.rows(tx)
    assert ([row.customer_id for row in rows], total) == (["quiet"], 1)


async def test_moment_before_any_card_is_a_sentence(pool: Pool) -> None:
    await shop_with_two(pool)
    async with database.transaction(pool, "health_scoring", NOW) as tx:
        with pytest.raises(NotKnown, match=r"^No scorecard was in force then"):
            await explain(tx, "acme", datetime(1, 1, 1, tzinfo=UTC))


async def test_id_like_no_other_gets_no_guess(pool: Pool) -> None:
    await shop_with_two(pool)
    async with database.transaction(pool, "health_scoring", NOW) as tx:
        with pytest.raises(NotKnown, match=r"^There is no customer zzzz\. `amicable health list` says who there is\.$"):
            await explain(tx, "zzzz", NOW)


async def test_who_only_reads_cannot_write(pool: Pool, own_database: str) -> None:
    await shop_with_two(pool)
    name = own_database.rpartition("/")[2]
    dsn = migrate.with_database(own_database, name, user="amicable_reader", password=PASSWORDS["amicable_reader"])
    async with database.reading(dsn, "health_scoring", NOW) as tx:
        assert (await explain(tx, "acme", NOW)).entry.name == "Company acme"
        with pytest.raises(asyncpg.PostgresError):
            await tx.execute("DELETE FROM health")
