"""The console as a channel: a fact for its reader's row, in the outbox of this service."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.notifications.channels.channel import Permanent
from services.notifications.channels.console import Console
from shared.database import Pool
from tests.services.notifications.channels.parcels import parcel

pytestmark = pytest.mark.schema("notifications")


async def told(pool: Pool) -> list[dict[str, Any]]:
    return [json.loads(row["body"]) for row in await pool.fetch("SELECT body FROM outbox ORDER BY id")]


async def test_message_becomes_a_fact_that_names_reader_and_cause_and_keeps_its_id(pool: Pool) -> None:
    console = Console(pool, lambda: datetime.now(UTC))
    for _ in range(2):
        await console.send(parcel(address="ana", subject="Action\u2028needed: Acme", text="One\x00line\nand another"))
    first, again = await told(pool)
    assert first["notice_id"] == again["notice_id"] == "n-1"
    assert (first["type"], first["person_id"], first["customer_id"]) == ("NoticeShown", "ana", "acme")
    assert (first["fact_id"], first["fact_type"], first["causation_id"]) == ("f-1", "CaseOpened", "f-1")
    assert first["title"] == "Action needed: Acme"
    assert first["text"] == "One\ufffdline\nand another"
    assert first["link"] == "https://amicable.example/customers/acme"
    assert "email" not in json.dumps(first)


async def test_message_about_no_customer_is_not_for_the_console(pool: Pool) -> None:
    with pytest.raises(Permanent):
        await Console(pool, lambda: datetime.now(UTC)).send(parcel(fact={"type": "FeedStopped", "event_id": "f"}))
    assert await told(pool) == []
