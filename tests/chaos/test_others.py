"""kill -9 of the other services: usage is counted once, a mail that is repeated can be recognised as the same."""

import asyncio
import random
import signal
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.deployment import Deployment, until
from tests.stories import customer, person, trouble, upstream

EVENTS = 5_000
CUSTOMERS = 50


async def _counted(deployment: Deployment, run: str) -> Counter[str]:
    rows = await deployment.query(
        "SELECT customer_id, sum(events)::int AS n, sum(quantity)::int AS quantity FROM health_scoring.usage_days"
        " WHERE customer_id LIKE $1 GROUP BY customer_id",
        f"{run}%",
    )
    assert all(row["n"] == row["quantity"] for row in rows)
    return Counter({row["customer_id"]: row["n"] for row in rows})


@pytest.mark.parametrize("point", ["batch_before_commit", "batch_before_offset"])
async def test_killed_firehose_counts_each_event_once(deployment: Deployment, point: str) -> None:
    """health_scoring dies around the commit of a batch."""
    service = deployment.services["health_scoring"]
    acme = f"{point}-{uuid4()}"
    await service.stop()
    service.start(sys.executable, "-m", "tests.chaos.crashing", "health_scoring", point, CRASH_MARK=acme)
    await service.ready()
    await deployment.publish(*(upstream("UsageRecorded", acme, metric="logins") for _ in range(500)))
    assert await service.ended() == -signal.SIGKILL
    service.start()
    await service.ready()
    await deployment.publish(upstream("UsageRecorded", acme, metric="logins"))

    async def last_one_counted() -> bool:
        return (await _counted(deployment, acme))[acme] >= 501

    await until(last_one_counted, "all events are counted")
    assert await _counted(deployment, acme) == {acme: 501}


async def test_mail_that_is_repeated_after_a_kill_is_the_same_mail(deployment: Deployment) -> None:
    """notifications dies between the hand-over and its note: the repeated mail has the same Message-ID."""
    service = deployment.services["notifications"]
    csm, acme = f"csm-{uuid4()}", f"acme-{uuid4()}"
    await service.stop()
    service.start(sys.executable, "-m", "tests.chaos.crashing", "notifications", "after_hand_over", CRASH_MARK=acme)
    await service.ready()
    await deployment.publish(person(csm), customer(acme, csm), *trouble(acme))
    assert await service.ended() == -signal.SIGKILL
    service.start()
    await service.ready()

    async def noted() -> Any:
        return await deployment.facts("notifications.v1", acme)

    facts = await until(noted, "the mail is noted as sent")
    mails = deployment.catcher.about(acme)
    assert len(mails) == 2
    (repeated,) = {mail["Message-ID"] for mail in mails}
    (told,) = {fact["message_id"] for fact in facts}  # all that it tells of
    assert repeated.strip("<>").startswith(told)


async def test_services_killed_at_random_lose_and_double_nothing(deployment: Deployment) -> None:
    """While events of many customers flow: every event counted once, one case and one mail per declining customer."""
    chance, run, csm = random.Random(), f"{uuid4()}", f"csm-{uuid4()}"
    declining = [f"{run}-{number}" for number in range(5)]
    now = datetime.now(UTC)
    events = [
        upstream("UsageRecorded", f"{run}-busy-{number % CUSTOMERS}", now - timedelta(minutes=number % 600), metric="m")
        for number in range(EVENTS)
    ]
    expected = Counter(event["customer_id"] for event in events)
    await deployment.publish(person(csm), *(customer(acme, csm) for acme in declining))

    async def kill_again_and_again() -> None:
        while True:
            service = deployment.services[chance.choice(sorted(deployment.services))]
            await service.kill()
            service.start()
            await service.ready()

    killing = asyncio.create_task(kill_again_and_again())
    for start in range(0, EVENTS, EVENTS // 5):
        story = trouble(declining[start * 5 // EVENTS])
        part = events[start : start + EVENTS // 5]
        await deployment.publish(*part, *story, *chance.sample(part, 100))

    async def all_counted() -> bool:
        counted = await _counted(deployment, f"{run}-busy-")
        assert all(counted[name] <= number for name, number in expected.items()), "counted twice"
        return counted == expected

    async def all_mailed() -> bool:
        return all(deployment.catcher.about(acme) for acme in declining)

    await until(all_counted, "all events are counted", patience=120)
    killing.cancel()
    await asyncio.gather(killing, return_exceptions=True)
    for service in deployment.services.values():
        await service.kill()
        service.start()
    await asyncio.gather(*(service.ready() for service in deployment.services.values()))
    await until(all_mailed, "a mail about every declining customer", patience=120)
    for acme in declining:
        cases = await deployment.query("SELECT 1 FROM action_plans.cases WHERE customer_id = $1", acme)
        assert len(cases) == 1
        assert len({mail["Message-ID"] for mail in deployment.catcher.about(acme)}) == 1
    for schema in deployment.services:
        kept = f"SELECT kind, reason FROM {schema}.dead_letters WHERE key LIKE $1 AND resolved_at IS NULL"
        assert await deployment.query(kept, f"{run}%") == []
