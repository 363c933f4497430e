"""What notifications does when something happens: notes what is to be told, in the transaction of the inbox."""

from uuid import NAMESPACE_URL, uuid5

from services.notifications import domain, store
from shared.casework import Casework
from shared.contracts.plans import CaseOpened
from shared.contracts.topics import CUSTOMERS, PEOPLE, PLANS
from shared.contracts.upstream import CustomerChanged, PersonChanged
from shared.database import Transaction
from shared.outbox import bucket_of

CONSUMES = (PLANS, CUSTOMERS, PEOPLE)
casework = Casework("notifications")


@casework.on(PLANS, CaseOpened)
async def note_mail_when_case_is_opened(event: CaseOpened, tx: Transaction) -> None:
    """The customer's CSM is told that a case was opened."""
    await store.add_notice(
        tx,
        notice_id=str(uuid5(NAMESPACE_URL, f"amicable:notice:{event.source}:{event.event_id}:mail")),
        bucket=bucket_of(event.customer_id),
        customer_id=event.customer_id,
        fact=(event.event_id, event.type, event.correlation_id, event.occurred_at),
        reasons=[reason.text for reason in event.case.reasons],
        state=domain.state_at_arrival(event.occurred_at, tx.now, quiet=tx.quiet),
    )


@casework.on(CUSTOMERS, CustomerChanged)
async def keep_customer_when_it_changes(event: CustomerChanged, tx: Transaction) -> None:
    """Keep whom to tell about the customer."""
    await store.keep_customer(tx, event)


@casework.on(PEOPLE, PersonChanged)
async def keep_person_when_it_changes(event: PersonChanged, tx: Transaction) -> None:
    """Keep how to reach the person."""
    await store.keep_person(tx, event)
