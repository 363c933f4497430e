"""The way of an event: upstream → health → case → mail, and the transition review that follows the case."""

from typing import Any
from uuid import uuid4

from tests.deployment import Deployment, until
from tests.stories import customer, person, trouble


async def test_declining_customer_ends_in_one_mail_to_its_csm(deployment: Deployment) -> None:
    """One case, one mail, to the CSM, each following from the fact before it."""
    csm, acme = f"csm-{uuid4()}", f"acme-{uuid4()}"
    await deployment.publish(person(csm), customer(acme, csm), *trouble(acme))

    async def mailed() -> Any:
        return deployment.catcher.about(acme)

    (mail,) = await until(mailed, "a mail about the customer")
    sent = await until(lambda: deployment.facts("notifications.v1", acme), "NoticeSent")
    (opened,) = [fact for fact in await deployment.facts("plans.v1", acme) if fact["type"] == "CaseOpened"]
    (detected,) = [fact for fact in await deployment.facts("health.v1", acme) if fact["type"] == "RiskDetected"]

    assert mail["To"] == f"Person {csm} <{csm}@example.com>"
    assert mail["Subject"] == f"Action needed: Company {acme}"
    (told,) = [fact for fact in sent if fact["fact_id"] == opened["event_id"]]
    assert {fact["message_id"] for fact in sent} == {told["message_id"]}, "news that waited go along"
    assert opened["causation_id"] == detected["event_id"]
    assert [fact["correlation_id"] for fact in (opened, told)] == [detected["correlation_id"]] * 2
    assert len(deployment.catcher.about(acme)) == 1


async def test_transition_review_knows_the_case(deployment: Deployment) -> None:
    """It follows plans.v1."""
    csm, acme = f"csm-{uuid4()}", f"acme-{uuid4()}"
    await deployment.publish(person(csm), customer(acme, csm), *trouble(acme))

    async def known() -> Any:
        return await deployment.query("SELECT state FROM transition_review.cases WHERE customer_id = $1", acme)

    assert [row["state"] for row in await until(known, "the case is known")] == ["at_risk"]
