"""A service at its start, at its stop, and in between."""

import asyncio
import os
import signal
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr

from amicable import migrate
from services.action_plans.config import Settings
from shared import service
from shared.database import Pool
from shared.service import CannotStart
from tests.conftest import PASSWORDS
from tests.shared.kafka import new_topic
from tests.shared.needed_settings import NEEDED


def _settings(own_database: str, kafka: str, **changes: Any) -> Settings:
    name = own_database.rpartition("/")[2]
    role = changes.pop("role", "action_plans")
    dsn = migrate.with_database(own_database, name, user=role, password=changes.pop("password", PASSWORDS[role]))
    return Settings(database_url=SecretStr(dsn), kafka=kafka, http_port=0, **NEEDED["action_plans"], **changes)


async def _refusal(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(service, "SURROUNDINGS_SECONDS", 0.5)
    with pytest.raises(CannotStart) as refused:
        async with asyncio.timeout(20):  # or it serves
            await service.serve("action_plans", settings, None, [])  # type: ignore[arg-type]
    return str(refused.value)


async def _change(own_database: str, sql: str) -> None:
    admin = await asyncpg.connect(own_database)
    await admin.execute(sql)
    await admin.close()


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM {} WHERE name LIKE 'action_plans/%'",
        "UPDATE {} SET checksum = 'x' WHERE name LIKE 'action_plans/%'",
        "DROP TABLE {}",
    ],
)
async def test_service_refuses_a_schema_that_is_behind(
    own_database: str, kafka: str, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """With one sentence that says what to do; it never migrates by itself."""
    await _change(own_database, change.format("action_plans.migrations"))
    said = await _refusal(_settings(own_database, kafka), monkeypatch)
    assert said.startswith("The schema action_plans lacks ")
    assert said.endswith(": run `amicable db migrate`.")


async def test_service_starts_on_a_schema_that_is_ahead(
    own_database: str, kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next version's migrations are made to bear it: only Kafka is missing here."""
    await _change(own_database, "INSERT INTO action_plans.migrations VALUES ('action_plans/9999_next.sql', 'x')")
    said = await _refusal(_settings(own_database, "127.0.0.1:1"), monkeypatch)
    assert said.startswith("Kafka does not answer at 127.0.0.1:1")


async def test_service_says_which_setting_of_the_database_is_wrong(
    own_database: str, kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the password."""
    said = await _refusal(_settings(own_database, kafka, password="wrong-one"), monkeypatch)
    assert "ACTION_PLANS_DATABASE_URL" in said
    assert "wrong-one" not in said


async def test_service_refuses_topics_that_are_missing_or_unlike(own_database: str, kafka: str) -> None:
    """Unlike numbers of partitions would give a customer two owners."""
    like, other, unlike = await new_topic(kafka), await new_topic(kafka), await new_topic(kafka, partitions=3)
    settings = _settings(own_database, kafka)
    await service._require_kafka("nobody", settings, [like, other])
    with pytest.raises(CannotStart, match="run `amicable topics`"):
        await service._require_kafka("nobody", settings, [like, "missing"])
    with pytest.raises(CannotStart, match=f"{unlike} has 3, .* has 2"):
        await service._require_kafka("nobody", settings, [like, unlike])


async def test_housekeeping_forgets_all_that_is_old(pool: Pool, own_database: str, kafka: str) -> None:
    """However much there is, in small steps; what is young or waits stays."""
    await pool.execute(
        """
        INSERT INTO inbox (day, source, event_id, received_at)
        SELECT current_date - 500, 's', number::text, now() - interval '500 days' FROM generate_series(1, 25) AS number
        """
    )
    await pool.execute("INSERT INTO inbox (day, source, event_id) VALUES (current_date, 's', 'young')")
    await pool.execute(
        """
        INSERT INTO outbox (bucket, topic, key, headers, body, published_at)
        SELECT 0, 't', 'k', '{}', '', now() - interval '8 days' FROM generate_series(1, 25)
        """
    )
    await pool.execute("INSERT INTO outbox (bucket, topic, key, headers, body) VALUES (0, 't', 'k', '{}', '')")
    await pool.execute(
        """
        INSERT INTO dead_letters (kind, topic, partition, kafka_offset, appended_at, headers, body, reason, parked_at)
        VALUES ('poison', 'releases.v1', 0, 0, now(), '[]', 'a code', 'failed', now() - interval '1 hour')
        """
    )
    settings = _settings(own_database, kafka)
    await service.keep_house(pool, "action_plans", lambda: datetime.now(UTC), settings, chunk=10)
    assert await pool.fetchval("SELECT array_agg(event_id) FROM inbox") == ["young"]
    assert await pool.fetchval("SELECT count(*) FROM outbox") == 1
    assert await pool.fetchval("SELECT body FROM dead_letters") == b""


async def test_background_work_that_dies_stops_the_service(monkeypatch: pytest.MonkeyPatch, lines: list[Any]) -> None:
    """Rather than go on half alive; what is cancelled has not died."""
    stopped = []
    monkeypatch.setattr(os, "kill", lambda pid, how: stopped.append(how))

    async def dies() -> None:
        raise ZeroDivisionError

    async def waits() -> None:
        await asyncio.Event().wait()

    waiting = service._watched(waits(), "waits")
    await asyncio.sleep(0)
    await service._cancel([waiting])
    assert stopped == []
    await asyncio.wait([service._watched(dies(), "dies")])
    await asyncio.sleep(0)
    assert stopped == [signal.SIGTERM]
