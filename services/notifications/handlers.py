"""What notifications does when something happens: notes what is to be told, in the transaction of the inbox."""

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from services.notifications import domain, store
from services.notifications.domain import Intent
from shared.casework import Casework
from shared.contracts.event import Fact
from shared.contracts.feeds import FeedStopped
from shared.contracts.plans.facts import CaseOpened
from shared.contracts.releases import MessageReleased
from shared.contracts.topics import CUSTOMERS, FEEDS, PEOPLE, PLANS, RELEASES
from shared.contracts.upstream import CustomerChanged, PersonChanged
from shared.database import Transaction
from shared.outbox import bucket_of

CONSUMES = (PLANS, FEEDS, RELEASES, CUSTOMERS, PEOPLE)
casework = Casework("notifications")


@casework.on(PLANS, CaseOpened)
async def note_mail_when_case_is_opened(event: CaseOpened, tx: Transaction) -> None:
    """The customer's CSM is told that a case was opened."""
    says = {"reasons": [reason.text for reason in event.case.reasons]}
    await _note(event, tx, says, customer_id=event.customer_id)


@casework.on(FEEDS, FeedStopped)
async def note_mails_when_a_feed_has_stopped(event: FeedStopped, tx: Transaction) -> None:
    """Every administrator is told that an upstream system sends nothing any more."""
    says = {"origin": event.origin, "feed": event.feed, "since": event.since.isoformat()}
    for admin in await store.admins(tx):
        await _note(event, tx, says, person_id=admin)


@casework.on(RELEASES, MessageReleased)
async def note_mail_when_a_message_is_released(event: MessageReleased, tx: Transaction) -> None:
    """A contact of the customer gets what was released to them: within its life, or never."""
    over = tx.quiet or tx.now >= event.expires_at
    intent = Intent(
        notice_id=_notice_id(event),
        bucket=bucket_of(event.customer_id),
        customer_id=event.customer_id,
        person_id=None,
        says={} if over else {**{one.name: one.text for one in event.fields}, "template": event.template},
        state="expired" if over else "pending",
        contact_id=event.contact_id,
        expires_at=event.expires_at,
    )
    await store.add_notice(tx, intent, event)


async def _note(
    fact: Fact,
    tx: Transaction,
    says: Mapping[str, Any],
    *,
    customer_id: str | None = None,
    person_id: str | None = None,
) -> None:
    """Note a mail about a customer, or to a person."""
    intent = Intent(
        notice_id=_notice_id(fact, f":{person_id}" if person_id else ""),
        bucket=bucket_of(customer_id or person_id or ""),
        customer_id=customer_id,
        person_id=person_id,
        says=says,
        state=domain.state_at_arrival(fact.occurred_at, tx.now, quiet=tx.quiet),
    )
    await store.add_notice(tx, intent, fact)


def _notice_id(fact: Fact, about: str = "") -> str:
    return str(uuid5(NAMESPACE_URL, f"amicable:notice:{fact.source}:{fact.event_id}:mail{about}"))


@casework.on(CUSTOMERS, CustomerChanged)
async def keep_customer_when_it_changes(event: CustomerChanged, tx: Transaction) -> None:
    """Keep whom to tell about the customer."""
    await store.keep_customer(tx, event)


@casework.on(PEOPLE, PersonChanged)
async def keep_person_when_it_changes(event: PersonChanged, tx: Transaction) -> None:
    """Keep how to reach the person."""
    await store.keep_person(tx, event)
