"""Gathers what came out of a run from its topics and its mail catcher."""

from amicable.demo.mailbox import caught
from amicable.demo.outcome import Outcome, build, causes_wanted
from amicable.demo.tape import Tape
from shared.contracts.topics import (
    CUSTOMERS,
    HEALTH,
    NOTIFICATIONS,
    PEOPLE,
    PLANS,
    RELATIONSHIP,
    SCORES,
    SUPPORT,
    USAGE,
)
from shared.kafka_access import OPEN, Access


async def gather(kafka: str, mail_url: str, access: Access = OPEN) -> Outcome:
    """Return what came out. Raises Problem where Kafka or the mail catcher does not answer."""
    async with Tape(kafka, (PEOPLE, CUSTOMERS, SCORES, HEALTH, PLANS, NOTIFICATIONS), access) as tape:
        facts = await tape.news()
    async with Tape(kafka, (USAGE, SUPPORT, RELATIONSHIP, CUSTOMERS), access) as tape:
        evidence = await tape.having(causes_wanted(facts))
    return build(facts, evidence, await caught(mail_url))
