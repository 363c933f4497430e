"""A customer in an ending raises no alarm, one whose relationship has ended is not scored, one who is back is again."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services.health_scoring.explanation import NotKnown, explain
from shared import database
from shared.contracts.topics import TRANSITIONS
from shared.database import Pool
from tests.records import record
from tests.services.health_scoring.stories import announced, busy_feeds, steady
from tests.services.health_scoring.workshop import Workshop
from tests.stories import upstream

NOW = datetime(2026, 3, 15, 12, 20, tzinfo=UTC)
GOLDEN = Path(__file__).parents[2] / "contracts" / "golden" / TRANSITIONS.name
RISK = ("RiskDetected", "RiskUpdated", "RiskCleared")
pytestmark = pytest.mark.schema("health_scoring")


class Endings(Workshop):
    """The service, and transition_review's facts about acme."""

    seq = 0

    async def hear(self, kind: str, **changes: Any) -> None:
        """Hand over a fact of the transition t-1."""
        self.seq += 1
        fact = json.loads((GOLDEN / f"{kind}.json").read_text())
        fact |= {"customer_id": "acme", "event_id": str(uuid4()), "seq": self.seq, "transition_id": "t-1"}
        fact |= {"occurred_at": self.now.isoformat(), **changes}
        await self.lanes.take([record(TRANSITIONS, json.dumps(fact).encode())])


async def shop_with(pool: Pool, *events: list[dict[str, Any]]) -> Endings:
    shop = Endings(pool, NOW)
    for some in (busy_feeds(NOW), *events):
        await shop.take(some)
    await shop.settle()
    return shop


def unhappy() -> list[dict[str, Any]]:
    """What raises the alarm at once: the sponsor has left."""
    return [upstream("ContactLeft", "acme", NOW - timedelta(minutes=1), contact_id="boss")]


async def test_customer_in_an_ending_is_scored_and_raises_no_alarm(pool: Pool) -> None:
    shop = await shop_with(pool, steady("acme", NOW))
    await shop.hear("TransitionOpened")
    await pool.execute("DELETE FROM outbox")
    await shop.take(unhappy())
    await shop.advance(timedelta(hours=12), step=timedelta(hours=4))
    assert await shop.told(*RISK) == []
    assert [one.after for one in await shop.told("HealthBandChanged") if one.customer_id == "acme"] == ["yellow"]


async def test_withdrawn_ending_lets_the_alarm_out_once(pool: Pool) -> None:
    shop = await shop_with(pool, steady("acme", NOW))
    await shop.hear("TransitionOpened")
    await shop.take(unhappy())
    await shop.settle()
    assert await shop.told(*RISK) == []
    await shop.hear("TransitionWithdrawn")
    await shop.settle()
    (told,) = await shop.told(*RISK)
    assert (told.type, told.customer_id) == ("RiskDetected", "acme")


async def test_ended_customer_is_not_scored_whatever_happens(pool: Pool) -> None:
    shop = await shop_with(pool, steady("acme", NOW))
    await shop.hear("TransitionOpened")
    await shop.hear("TransitionCompleted")
    await pool.execute("DELETE FROM outbox")
    await shop.take(unhappy())
    await shop.take([announced("acme", NOW + timedelta(hours=1), seats=7)])
    await shop.advance(timedelta(days=3), step=timedelta(hours=12))
    assert [one for one in await shop.told("HealthScored", *RISK) if one.customer_id == "acme"] == []
    async with database.transaction(pool, "health_scoring", shop.now) as tx:
        with pytest.raises(NotKnown, match="We ended the relationship"):
            await explain(tx, "acme", shop.now)


async def test_customer_who_begins_anew_is_scored_again(pool: Pool) -> None:
    shop = await shop_with(pool, steady("acme", NOW))
    await shop.hear("TransitionCompleted", transition=ended_on(NOW - timedelta(days=1)))
    await pool.execute("DELETE FROM outbox")
    anew = announced("acme", NOW + timedelta(hours=1), started_on=NOW.date().isoformat())
    await shop.take([anew])
    await shop.advance(timedelta(days=1))
    assert "acme" in {one.customer_id for one in await shop.told("HealthScored")}


async def test_customer_who_is_recorded_as_back_is_scored_again(pool: Pool) -> None:
    shop = await shop_with(pool, steady("acme", NOW))
    await shop.hear("TransitionCompleted")
    await pool.execute("DELETE FROM outbox")
    await shop.hear("CustomerReturned", how="referred", about="acme")
    await shop.advance(timedelta(days=1))
    assert "acme" not in {one.customer_id for one in await shop.told("HealthScored")}
    await shop.hear("CustomerReturned", how="returned", about="acme")
    await shop.advance(timedelta(days=1))
    assert "acme" in {one.customer_id for one in await shop.told("HealthScored")}


async def test_ending_of_before_is_not_taken_for_the_one_that_goes_on(pool: Pool) -> None:
    """A late word on an older transition changes nothing of the open one."""
    shop = await shop_with(pool, steady("acme", NOW))
    await shop.hear("TransitionOpened", transition_id="t-2")
    await shop.hear("TransitionWithdrawn", transition_id="t-1")
    await shop.take(unhappy())
    await shop.settle()
    assert await shop.told(*RISK) == []


def ended_on(day: datetime) -> dict[str, Any]:
    """The transition of the golden example, with another last day."""
    fact = json.loads((GOLDEN / "TransitionCompleted.json").read_text())
    told = {"version": 1, "revision": 1, "at": day.isoformat(), "by": "ana", "last_day": day.date().isoformat()}
    return {**fact["transition"], "announced": told}
