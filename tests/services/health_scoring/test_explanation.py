"""The explanation for people: sums are exact, the past is told under its own card, and nothing can be written."""

import random
import re
from datetime import UTC, datetime, timedelta
from io import StringIO

import asyncpg
import pytest
from rich.console import Console, RenderableType

from amicable import health_json, health_view, migrate
from services.health_scoring.explanation import Explanation, NotKnown, explain
from services.health_scoring.scorecards.shipped import text_of
from services.health_scoring.store import cards, customers, health
from services.health_scoring.store.cards import Stored
from shared import database
from shared.database import Pool
from tests.conftest import PASSWORDS
from tests.services.health_scoring.stories import announced, busy_feeds, silent, steady, used
from tests.services.health_scoring.workshop import Workshop
from tests.stories import upstream

NOW = datetime(2026, 3, 15, 12, 20, tzinfo=UTC)
pytestmark = pytest.mark.schema("health_scoring")


def text_of_view(view: RenderableType) -> str:
    console = Console(width=health_view.WIDTH, file=StringIO(), record=True)
    console.print(view)
    return console.export_text()


def drawn(told: Explanation) -> str:
    """What the terminal shows, without its line breaks."""
    return " ".join(text_of_view(health_view.explained(told)).split())


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


async def test_before_a_customer_is_known_there_is_nothing_to_explain(pool: Pool) -> None:
    """The score of a customer of whom nothing is known would be that of an empty help desk."""
    shop = await shop_with_two(pool)
    await shop.take([announced("new", NOW, started_on="2026-03-01")])
    await shop.settle()
    async with database.transaction(pool, "health_scoring", NOW) as tx:
        with pytest.raises(NotKnown, match=r"^Company acme became a customer on 1 January 2024: there is nothing to "):
            await explain(tx, "acme", datetime(2023, 12, 31, 23, 59, tzinfo=UTC))
        first = "the first event happened on 15 November 2025 at 08:20 UTC"
        with pytest.raises(NotKnown, match=f"^Nothing was known of Company acme by 15 June 2025 at 12:00 UTC: {first}"):
            await explain(tx, "acme", datetime(2025, 6, 15, 12, tzinfo=UTC))
        with pytest.raises(NotKnown, match=r"^Nothing was known of Company new by .*: no event is kept\.$"):
            await explain(tx, "new", NOW - timedelta(minutes=1))
        assert (await explain(tx, "new", NOW)).judgement.standing.band == "unknown"
        assert (await explain(tx, "acme", NOW - timedelta(days=119))).since[7].hundredths is None


async def test_band_of_all_the_days_that_are_looked_at_may_be_older(pool: Pool) -> None:
    """Bands are replayed over 35 days: a date would be a day later every day."""
    shop = await shop_with_two(pool)
    await shop.take([announced("late", NOW, onboarding={"expected_days": 7, "started_on": "2025-11-01"})])
    await shop.settle()
    async with database.transaction(pool, "health_scoring", NOW) as tx:
        acme, quiet, late = [await explain(tx, customer, NOW) for customer in ("acme", "quiet", "late")]
        listed = {row.customer_id: row for row in (await customers.rows(tx))[0]}
    assert " green for at least 35 days " in drawn(acme)
    assert re.search(r" red since \d+ Feb 2026 .* At risk since \d+ Feb 2026 ", drawn(quiet))
    assert " At risk for at least 35 days " in drawn(late)
    assert [listed[name].since_or_before for name in ("acme", "quiet", "late")] == [True, False, True]
    assert " green for 35+ days " in text_of_view(health_view.listed([listed["acme"]], 1))
    said = [health_json.explained(told) for told in (acme, quiet, late)]
    assert [one["band_since_or_before"] for one in said] == [True, False, True]
    assert [one["risk"]["since_or_before"] for one in said[1:]] == [False, True]


async def test_sentence_of_a_rule_and_a_measure_is_said_once(pool: Pool) -> None:
    shop = Workshop(pool, NOW)
    await shop.take(
        [*busy_feeds(NOW), announced("late", NOW, onboarding={"expected_days": 7, "started_on": "2025-11-01"})]
    )
    await shop.settle()
    async with database.transaction(pool, "health_scoring", NOW) as tx:
        told = await explain(tx, "late", NOW)
    assert [reason.code for reason in told.judgement.reasons][:2] == ["implementation_late", "implementation"]
    assert drawn(told).count("• The implementation is 127 days past its usual length") == 1


async def test_customer_never_announced_is_said_to_be_kept(pool: Pool) -> None:
    shop = await shop_with_two(pool)
    await shop.take([upstream("TicketOpened", "北浜 🦊", NOW, ticket_id="T", severity="low")])
    async with database.transaction(pool, "health_scoring", NOW) as tx:
        with pytest.raises(NotKnown, match=r"^北浜 🦊 was never announced .* since 15 March 2026 is kept"):
            await explain(tx, "北浜 🦊", NOW)


async def test_past_says_that_it_is_judged_with_the_master_data_of_today(pool: Pool) -> None:
    await shop_with_two(pool)
    async with database.transaction(pool, "health_scoring", NOW) as tx:
        now, lately, before = [
            await explain(tx, "acme", NOW - back) for back in (timedelta(), timedelta(minutes=5), timedelta(days=6))
        ]
    assert "Judged with" not in drawn(now)
    assert "with today's segment, seats and contacts, announced on 15 Mar 2026: former ones are" in drawn(lately)
    assert "announced on 15 Mar 2026, after that moment: former" in drawn(before)
    said = {"announced_at": (NOW - timedelta(hours=1)).isoformat()}
    assert health_json.explained(lately)["master_data"] == {**said, "later_than_at": False}
    assert health_json.explained(before)["master_data"] == {**said, "later_than_at": True}


async def test_change_against_an_uncertain_score_says_so(pool: Pool) -> None:
    """90 days before, five days of use were known."""
    await shop_with_two(pool)
    async with database.transaction(pool, "health_scoring", NOW) as tx:
        told = await explain(tx, "acme", NOW - timedelta(days=25))
    assert {days: then.is_known for days, then in told.since.items()} == {7: True, 30: True, 90: False}
    confidence = told.since[90].confidence
    assert 0 < confidence < told.card.known_from
    assert f"uncertain: the band was unknown then, with {confidence / 100:.0f}% known" in drawn(told)
    assert drawn(told).count("uncertain") == 1
    said = health_json.explained(told)["changes"]
    assert [said[days]["known"] for days in ("days_7", "days_30", "days_90")] == [True, True, False]
    assert said["days_90"]["confidence"] == confidence / 10_000


async def test_change_of_an_uncertain_score_says_so(pool: Pool) -> None:
    shop = await shop_with_two(pool)
    shop.now = NOW + timedelta(days=9)  # the feeds have stopped
    async with database.transaction(pool, "health_scoring", shop.now) as tx:
        told = await explain(tx, "acme", shop.now)
    assert "no change here is certain" in drawn(told)


async def test_score_of_90_days_ago_is_what_was_told_90_days_ago(pool: Pool) -> None:
    """Then the feeds were looked at 220 days back as well: here an import of meetings, long ago by now."""
    shop = Workshop(pool, NOW)
    met = upstream("MeetingHeld", "neighbour", NOW - timedelta(days=250), **{"with": "Ana"})
    use = [event for event in busy_feeds(NOW, 260) if event["type"] == "UsageRecorded"]
    await shop.take([met, *use, announced("acme", NOW), *used("acme", NOW, range(250))])
    await shop.settle()
    async with database.transaction(pool, "health_scoring", NOW) as tx:
        now, then = await explain(tx, "acme", NOW), await explain(tx, "acme", NOW - timedelta(days=90))
    assert now.since[90].hundredths == then.judgement.score.hundredths
    assert now.since[90].confidence == then.judgement.score.confidence > now.judgement.score.confidence


async def test_what_is_assumed_is_said_and_what(pool: Pool) -> None:
    await shop_with_two(pool)
    async with database.transaction(pool, "health_scoring", NOW) as tx:
        told = await explain(tx, "acme", NOW)
    (said,) = [one for one in health_json.explained(told)["measures"] if one["measure"] == "implementation"]
    assert (said["assumed"], said["missing"], said["good"]) == (True, "missing", 100)
    assert said["says"] == "There is nothing to measure yet: the card assumes 100 of 100"
    assert re.search(r"Implementation +\(100\)", drawn(told))


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


async def test_list_measures_a_week_as_the_trend_does(pool: Pool) -> None:
    """Whatever the midnights are: against the median of those around a week ago, if enough of them are known."""
    shop = await shop_with_two(pool)
    await shop.settle()
    chance = random.Random(4711)
    async with database.transaction(pool, "health_scoring", NOW) as tx:
        for _ in range(60):
            known = chance.random()
            points = [
                chance.randrange(10_001) if chance.random() < known else None for _ in range(chance.randrange(95))
            ]
            await tx.execute("UPDATE health SET midnights = $1, midnights_from = $2::date - $3::int",
                             points, NOW.date(), chance.randrange(-5, 100))  # fmt: skip
            listed = {row.customer_id: row.moved for row in (await customers.rows(tx))[0]}
            for customer, kept in (await health.load(tx, ["acme", "quiet"])).items():
                usual = kept.course.days_ago(kept.scored_at, 7)
                assert listed[customer] == (None if usual is None else (kept.hundredths or 0) - usual)
        await tx.execute(
            "UPDATE health SET midnights = array_fill(5000, '{90}'), midnights_from = $1::date - 80", NOW.date()
        )
        assert None not in {row.moved for row in (await customers.rows(tx))[0]}
        await tx.execute("UPDATE health SET band = 'unknown'")
        assert {row.moved for row in (await customers.rows(tx))[0]} == {None}


async def test_list_shows_an_override_beside_the_band(pool: Pool) -> None:
    await shop_with_two(pool)
    await pool.execute(
        """
        INSERT INTO overrides (id, customer_id, band, reason, by, at, expires_at)
        VALUES ('1', 'quiet', 'green', 'They move offices', 'ana', $1, $2), ('2', 'acme', 'red', 'Sold', 'bo', $1, $2)
        """,
        NOW - timedelta(days=1),
        NOW + timedelta(days=20),
    )
    async with database.transaction(pool, "health_scoring", NOW) as tx:
        rows, total = await customers.rows(tx)
    said = {row.customer_id: health_json.listed(row) for row in rows}
    assert said["quiet"]["band"] == "red"
    assert said["quiet"]["override"]["band"] == "green"
    quiet, acme = [text_of_view(health_view.listed([row], total)) for row in rows]
    assert re.search(r" red since \d+ \w+ ", quiet)
    assert "(CSM: green until 4 Apr)" in quiet
    assert "(bo: red until 4 Apr)" in acme


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


def dsn_of(own_database: str, role: str) -> str:
    """The address of the test's own database, for this role."""
    return migrate.with_database(own_database, own_database.rpartition("/")[2], user=role, password=PASSWORDS[role])


async def test_who_only_reads_explains(pool: Pool, own_database: str) -> None:
    await shop_with_two(pool)
    async with database.reading(dsn_of(own_database, "amicable_reader"), "health_scoring", NOW) as tx:
        assert (await explain(tx, "acme", NOW)).entry.name == "Company acme"


async def test_reading_cannot_write_whoever_reads(pool: Pool, own_database: str) -> None:
    """The first guard: as the service itself, which has the right."""
    async with database.reading(dsn_of(own_database, "health_scoring"), "health_scoring", NOW) as tx:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await tx.execute("DELETE FROM health")


async def test_who_only_reads_has_no_right_to_write(pool: Pool, own_database: str) -> None:
    """The second guard: in a transaction that could."""
    reader = await asyncpg.connect(dsn_of(own_database, "amicable_reader"))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await reader.execute("DELETE FROM health_scoring.health")
    finally:
        await reader.close()
