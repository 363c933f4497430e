"""kill -9 of a service at eight points of a record's way: one case, one mail, whatever happens in between."""

import signal
import sys
from typing import Any
from uuid import uuid4

import pytest

from tests.chaos.crashing import POINTS
from tests.deployment import Deployment, until
from tests.stories import customer, person, trouble, upstream


@pytest.mark.parametrize("point", POINTS)
async def test_killed_service_loses_nothing_and_doubles_nothing(deployment: Deployment, point: str) -> None:
    """action_plans dies where the marked customer's risk passes; the next process brings it to its end, once."""
    service = deployment.services["action_plans"]
    csm, acme = f"csm-{uuid4()}", f"{point}-{uuid4()}"
    await deployment.publish(person(csm), customer(acme, csm))

    async def known() -> Any:
        return await deployment.query("SELECT 1 FROM action_plans.customers WHERE customer_id = $1", acme)

    await until(known, "action_plans knows the customer")
    await service.stop()
    service.start(sys.executable, "-m", "tests.chaos.crashing", "action_plans", point, CRASH_MARK=acme)
    await service.ready()
    await deployment.publish(*trouble(acme))
    assert await service.ended() == -signal.SIGKILL
    service.start()
    await service.ready()

    async def mailed() -> Any:
        return deployment.catcher.about(acme)

    await until(mailed, "a mail about the customer")
    await _passes(deployment, acme)

    told = {fact["event_id"] for fact in await deployment.facts("health.v1", acme)}
    taken = await deployment.query("SELECT event_id FROM action_plans.inbox WHERE event_id = ANY($1)", sorted(told))
    assert {row["event_id"] for row in taken} == told
    cases = await deployment.query("SELECT state, revision FROM action_plans.cases WHERE customer_id = $1", acme)
    facts = {fact["event_id"]: fact for fact in await deployment.facts("plans.v1", acme)}
    opened = [fact for fact in facts.values() if fact["type"] == "CaseOpened"]
    assert len(cases) == 1
    assert len(opened) == 1
    assert sorted(fact["seq"] for fact in facts.values()) == list(range(1, len(facts) + 1))
    assert len(deployment.catcher.about(acme)) == 1
    assert not await deployment.query("SELECT 1 FROM action_plans.dead_letters WHERE key = $1", acme)


async def _passes(deployment: Deployment, acme: str) -> None:
    """Wait until a later fact about the customer has gone the whole way: whatever was doubled has arrived by then."""
    await deployment.publish(upstream("ContactLeft", acme, contact_id="boss"))

    async def updated() -> Any:
        return await deployment.query(
            "SELECT 1 FROM transition_review.cases WHERE customer_id = $1 AND revision > 1", acme
        )

    await until(updated, "the sponsor's leaving reaches the case and transition_review")
