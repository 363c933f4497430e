"""A replay that was not told to send moves what is known, and nobody hears of it; what is dated ahead is kept."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared import outbox, parking
from shared.contracts.topics import UPSTREAM_TOPIC_OF_TYPE
from shared.database import Pool
from tests.records import record
from tests.services.health_scoring.stories import busy_feeds, steady
from tests.services.health_scoring.workshop import Workshop
from tests.stories import upstream

NOW = datetime(2026, 3, 15, 12, 20, tzinfo=UTC)
pytestmark = pytest.mark.schema("health_scoring")


def letter(event: dict[str, Any], *, send: bool) -> parking.Letter:
    """A kept record whose replay was asked for."""
    kept = record(UPSTREAM_TOPIC_OF_TYPE[event["type"]], json.dumps(event).encode())
    names = ("topic", "partition", "offset", "timestamp", "timestamp_type", "key", "value", "headers")
    return parking.Letter(id=1, send=send, **{name: getattr(kept, name) for name in names})


async def quiet_headers(pool: Pool) -> set[bool]:
    rows = await pool.fetch("SELECT headers FROM outbox")
    return {outbox.QUIET in json.loads(row["headers"]) for row in rows}


async def settled(pool: Pool) -> Workshop:
    """A workshop with a customer that is well, of which everything was told."""
    shop = Workshop(pool, NOW)
    await shop.take([*busy_feeds(NOW), *steady("acme", NOW)])
    await shop.settle()
    await pool.execute("DELETE FROM outbox")
    return shop


def ticket() -> dict[str, Any]:
    return upstream("TicketOpened", "acme", NOW, ticket_id="T9", severity="urgent")


@pytest.mark.parametrize("send", [False, True])
async def test_score_that_only_a_replay_asked_for_is_told_if_it_was_told_to_send(pool: Pool, send: bool) -> None:
    shop = await settled(pool)
    await shop.lane.replay(letter(ticket(), send=send))
    await shop.settle()
    assert await quiet_headers(pool) == {not send}


async def test_live_event_makes_a_quiet_score_heard(pool: Pool) -> None:
    shop = await settled(pool)
    await shop.lane.replay(letter(ticket(), send=False))
    await shop.take([upstream("TicketOpened", "acme", NOW, ticket_id="T10", severity="urgent")])
    await shop.settle()
    assert await quiet_headers(pool) == {False}


async def test_event_dated_over_a_day_ahead_is_kept_and_taken_when_its_time_has_come(pool: Pool) -> None:
    shop = await settled(pool)
    ahead = upstream("UsageRecorded", "acme", NOW + timedelta(hours=25), metric="logins")
    await shop.take([ahead])
    assert await pool.fetchval("SELECT reason FROM dead_letters") == (
        "/occurred_at is more than 24 hours ahead of the clock"
    )
    shop.now += timedelta(hours=2)
    await shop.lane.replay(letter(ahead, send=True))
    day = (NOW + timedelta(hours=25)).date()
    assert await pool.fetchval("SELECT events FROM usage_days WHERE customer_id = 'acme' AND day = $1", day) == 1
