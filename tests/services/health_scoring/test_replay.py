"""A replay that was not told to send moves what is known, and nobody hears of it; what is dated ahead is kept."""

import json
from datetime import timedelta
from typing import Any

import pytest

from services.health_scoring import handlers, scoring
from shared import outbox, parking
from shared.contracts.topics import UPSTREAM_TOPIC_OF_TYPE
from shared.database import Pool
from shared.firehose import Firehose
from tests.records import record
from tests.services.health_scoring.test_disorder import NOW, body, story, taken
from tests.stories import upstream

pytestmark = pytest.mark.schema("health_scoring")


def lane(pool: Pool, *, later: timedelta = timedelta()) -> Firehose:
    return Firehose("health_scoring", pool, lambda: NOW + later, handlers.keep_what_happened)


def letter(event: dict[str, Any], *, send: bool) -> parking.Letter:
    """A kept record whose replay was asked for."""
    kept = record(UPSTREAM_TOPIC_OF_TYPE[event["type"]], body(event))
    names = ("topic", "partition", "offset", "timestamp", "timestamp_type", "key", "value", "headers")
    return parking.Letter(id=1, send=send, **{name: getattr(kept, name) for name in names})


async def quiet_headers(pool: Pool) -> set[bool]:
    rows = await pool.fetch("SELECT headers FROM outbox")
    return {outbox.QUIET in json.loads(row["headers"]) for row in rows}


async def score(pool: Pool) -> None:
    """Score what is due as the service does, with everything caught up."""

    class Always:
        @staticmethod
        def is_quiet(*_: object) -> bool:
            return True

    parts: Any = type("Parts", (), {"pool": pool, "clock": staticmethod(lambda: NOW), "intake": None})
    assert await scoring._score_some(parts, Always(), scoring.SetAside(), [0])  # type: ignore[arg-type]


@pytest.mark.parametrize("send", [False, True])
async def test_score_that_only_a_replay_asked_for_is_told_if_it_was_told_to_send(pool: Pool, send: bool) -> None:
    await taken(pool, story(), [])
    await pool.execute("DELETE FROM due")
    ticket = upstream("TicketOpened", "acme", NOW, ticket_id="T9", severity="urgent")
    await lane(pool).replay(letter(ticket, send=send))
    await score(pool)
    assert await quiet_headers(pool) == {not send}


async def test_live_event_makes_a_quiet_score_heard(pool: Pool) -> None:
    await taken(pool, story(), [])
    await pool.execute("DELETE FROM due")
    ticket = upstream("TicketOpened", "acme", NOW, ticket_id="T9", severity="urgent")
    await lane(pool).replay(letter(ticket, send=False))
    live = body(upstream("UsageRecorded", "acme", NOW, metric="m"))
    await lane(pool).take([record(UPSTREAM_TOPIC_OF_TYPE["UsageRecorded"], live)])
    await score(pool)
    assert await quiet_headers(pool) == {False}


@pytest.mark.parametrize(("hours", "known"), [(23, 1), (25, 0)])
async def test_event_dated_over_a_day_ahead_is_kept_and_can_be_replayed_in_its_time(
    pool: Pool, hours: int, known: int
) -> None:
    event = upstream("UsageRecorded", "acme", NOW + timedelta(hours=hours), metric="m")
    await lane(pool).take([record(UPSTREAM_TOPIC_OF_TYPE["UsageRecorded"], body(event))])
    assert await pool.fetchval("SELECT count(*) FROM usage_daily") == known
    reasons = [row["reason"] for row in await pool.fetch("SELECT reason FROM dead_letters")]
    assert reasons == ["/occurred_at is more than 24 hours ahead of the clock"] * (1 - known)

    await pool.execute("UPDATE dead_letters SET replay_at = clock_timestamp()")
    for kept in await parking.asked_for(pool):
        await lane(pool, later=timedelta(days=2)).replay(kept)
    assert await pool.fetchval("SELECT count(*) FROM usage_daily") == 1
