"""While a partition catches up nothing is announced; then what is true now, once; and one owner after the other."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.health_scoring.judging import Judge
from services.health_scoring.store.health import Due
from shared.database import Pool, Transaction
from tests.services.health_scoring.stories import announced, busy_feeds, silent, steady
from tests.services.health_scoring.workshop import Intake, Workshop
from tests.stories import upstream

NOW = datetime(2026, 3, 15, 12, 20, tzinfo=UTC)
pytestmark = pytest.mark.schema("health_scoring")


async def caught_up(pool: Pool, *events: list[dict[str, Any]]) -> Workshop:
    """A workshop that has taken these events and judged everybody."""
    shop = Workshop(pool, NOW)
    for some in (busy_feeds(NOW), *events):
        await shop.take(some)
    await shop.settle()
    return shop


async def live(pool: Pool) -> bool:
    return bool(await pool.fetchval("SELECT live FROM partitions WHERE partition = 0"))


async def test_backfill_is_quiet_and_what_is_true_is_announced_once_afterwards(pool: Pool) -> None:
    shop = Workshop(pool, NOW, quiet_seconds=60.0)
    await shop.take(busy_feeds(NOW))
    for event in silent("acme", NOW, since=30):
        await shop.take([event])
    await shop.settle()
    assert await shop.told() == []
    assert not await live(pool)
    shop.begin()
    await shop.settle()
    assert await live(pool)
    (detected,) = await shop.told("RiskDetected")
    assert (detected.severity, detected.reasons[0].code) == ("risk", "silence")
    assert len([one for one in await shop.told("HealthScored") if one.customer_id == "acme"]) == 1


async def test_first_band_that_is_known_is_told_once_as_a_change_from_unknown(pool: Pool) -> None:
    """Who reads health.v1 alone knows every band: that of whom it says nothing is unknown."""
    shop = await caught_up(pool, steady("acme", NOW), [announced("still", NOW)])
    (told,) = await shop.told("HealthBandChanged")
    assert (told.customer_id, told.before, told.after, told.seq) == ("acme", "unknown", "green", 1)
    shop.begin()
    await shop.advance(timedelta(hours=2))
    assert len(await shop.told("HealthBandChanged")) == 1


async def test_new_owner_of_a_partition_watches_it_first(pool: Pool) -> None:
    """It has seen nothing old yet, and may have come amid a backfill."""
    shop = Workshop(pool, NOW, quiet_seconds=10.0)
    shop.intake.seconds_assigned = lambda: 5.0  # type: ignore[method-assign]  # what Kafka says
    await shop.take(steady("acme", NOW))
    shop.begin(10.0)
    await shop.settle()
    assert await shop.told() == []


async def test_partition_that_has_caught_up_stays_live_for_its_next_owner(pool: Pool) -> None:
    shop = await caught_up(pool, steady("acme", NOW))
    shop.begin(quiet_seconds=600.0)
    before = len(await shop.told("HealthScored"))
    await shop.take([upstream("SurveyAnswered", "acme", NOW, kind="nps", score=0)])
    assert len(await shop.told("HealthScored")) == before + 1


async def test_records_that_are_still_to_come_keep_a_partition_quiet(pool: Pool) -> None:
    shop = Workshop(pool, NOW)
    shop.intake.behind = 1
    await shop.take(steady("acme", NOW))
    await shop.settle()
    assert await shop.told() == []


async def test_old_event_makes_a_live_partition_quiet(pool: Pool) -> None:
    shop = await caught_up(pool, steady("acme", NOW))
    shop.begin(quiet_seconds=600.0)
    before = len(await shop.told())
    await shop.take([upstream("SurveyAnswered", "acme", NOW - timedelta(hours=25), kind="nps", score=0)])
    await shop.settle()
    assert not await live(pool)
    assert len(await shop.told()) == before


async def test_partition_becomes_live_where_nobody_is_due(pool: Pool) -> None:
    shop = await caught_up(pool, steady("acme", NOW))
    await pool.execute("UPDATE partitions SET live = false")
    assert not await pool.fetchval("SELECT count(*) FROM due")
    await shop.settle()
    assert await live(pool)


async def test_backfill_that_begins_while_a_partition_is_judged_announces_nothing(pool: Pool) -> None:
    """What was still to be judged is read again when all of it is there."""
    shop = await caught_up(pool, steady("acme", NOW))
    before = len(await shop.told())
    await shop.take(silent("other", NOW, since=30)[:40])
    shop.intake.behind = 1
    await shop.settle()
    assert len(await shop.told()) == before


async def test_customer_who_cannot_be_judged_holds_up_nobody_else(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Workshop(pool, NOW)
    await shop.take([*busy_feeds(NOW), *steady("a-bad-one", NOW), *steady("b-good-one", NOW)])
    judge_due = Judge.judge_due

    async def faulty(self: Judge, tx: Transaction, dues: list[Due]) -> None:
        if any(due.customer_id == "a-bad-one" for due in dues):
            raise ZeroDivisionError
        await judge_due(self, tx, dues)

    monkeypatch.setattr(Judge, "judge_due", faulty)
    await shop.settle()
    assert await shop.health("b-good-one") is not None
    assert [row["customer_id"] for row in await pool.fetch("SELECT customer_id FROM due")] == ["a-bad-one"]
    monkeypatch.undo()
    shop.begin()
    await shop.settle()
    assert await shop.health("a-bad-one") is not None


async def test_customer_never_announced_is_kept_and_judged_when_announced(pool: Pool) -> None:
    events = steady("acme", NOW)
    shop = await caught_up(pool, events[1:])
    assert await shop.health("acme") is None
    await shop.take([events[0]])
    await shop.settle()
    kept = await shop.health("acme")
    assert kept is not None
    assert kept.band == "green"


async def test_customer_who_left_is_judged_no_more(pool: Pool) -> None:
    shop = await caught_up(pool, steady("acme", NOW))
    await shop.take([upstream("CustomerLeft", "acme", NOW, on="2026-03-15")])
    before = len(await shop.told())
    await shop.advance(timedelta(days=40), step=timedelta(days=1))
    assert [one for one in (await shop.told())[before:] if one.key == "acme"] == []
    kept = await shop.health("acme")
    assert kept is not None
    assert kept.next_at is None


async def test_somebody_else_s_partition_is_left_alone(pool: Pool) -> None:
    shop = await caught_up(pool, steady("acme", NOW))
    shop.intake.partitions = set()
    before = len(await shop.told())
    await shop.advance(timedelta(days=2))
    assert len(await shop.told()) == before
    assert isinstance(shop.intake, Intake)


async def test_announcement_without_news_asks_for_no_judgement(pool: Pool) -> None:
    shop = await caught_up(pool, steady("acme", NOW))
    await shop.take([announced("acme", NOW + timedelta(minutes=5))])
    assert await pool.fetchval("SELECT count(*) FROM due") == 0


async def back_after_an_outage(pool: Pool) -> Workshop:
    """A service that was down for two days, and whose records of that time are still to be taken."""
    shop = await caught_up(pool, steady("acme", NOW))
    await pool.execute("DELETE FROM outbox")
    shop.now += timedelta(days=2)
    shop.begin()
    shop.intake.assigned_for, shop.intake.behind = 1.0, 100
    return shop


async def test_after_an_outage_nothing_is_concluded_from_what_waits_to_be_taken(pool: Pool) -> None:
    """The feeds would look dead, and everybody unknown."""
    shop = await back_after_an_outage(pool)
    await shop.settle()
    assert await shop.told() == []
    await shop.take(busy_feeds(shop.now, days=2))
    shop.intake.assigned_for, shop.intake.behind = 60.0, 0
    await shop.settle()
    assert await shop.told("HealthBandChanged", "FeedStopped") == []
    assert (await shop.health("acme")).scored_at == shop.now  # type: ignore[union-attr]


async def test_partition_of_another_process_that_still_catches_up_is_waited_for(pool: Pool) -> None:
    """A feed may look dead here whose events are all there."""
    shop = await back_after_an_outage(pool)
    shop.intake.behind = 0
    await pool.execute("INSERT INTO partitions (partition, live, heard_at) VALUES (7, true, $1)", NOW)
    await shop.settle()
    assert await shop.told() == []
    await pool.execute("UPDATE partitions SET heard_at = $1", shop.now)
    await shop.settle()
    assert await shop.told("HealthScored") != []


async def test_partition_that_stands_still_keeps_the_others_waiting_for_a_while_only(pool: Pool) -> None:
    shop = await back_after_an_outage(pool)
    shop.intake.behind, shop.intake.assigned_for = 0, 601.0
    await pool.execute("INSERT INTO partitions (partition, live, heard_at) VALUES (7, true, $1)", NOW)
    await shop.settle()
    assert await shop.told("HealthScored") != []
