"""From batches of upstream events to rows: what each event adds to what is known of its customer."""

from collections.abc import Sequence
from datetime import datetime

from services.health_scoring import store
from services.health_scoring.store import Usage
from shared.contracts import upstream
from shared.contracts.event import Message
from shared.contracts.topics import CUSTOMERS, RELATIONSHIP, SUPPORT, USAGE
from shared.database import Transaction
from shared.firehose import Taken

CONSUMES = (USAGE, SUPPORT, RELATIONSHIP, CUSTOMERS)
_SUBJECTS = ("ticket_id", "invoice_id", "contact_id")


async def keep_what_happened(batch: Sequence[Taken], tx: Transaction) -> None:
    """Add a batch of events to what is known, and ask for new scores of the customers they are about."""
    uses, signals = [], []
    touched: dict[str, tuple[int, str]] = {}
    for taken in batch:
        message = taken.message
        touched[message.key] = (taken.partition, message.event_id)
        match message:
            case upstream.UsageRecorded():
                uses.append(Usage(message.customer_id, message.metric, message.occurred_at, message.quantity))
            case upstream.CustomerChanged():
                await store.keep_customer(
                    tx,
                    message.customer_id,
                    occurred_at=message.occurred_at,
                    event_id=message.event_id,
                    contacts={contact.contact_id: contact.role for contact in message.contacts},
                )
            case _:
                signals.append(_signal(message))
    await store.add_usage(tx, uses)
    await store.add_signals(tx, signals)
    await store.mark_due(tx, touched)


def _signal(message: Message) -> tuple[str, datetime, str, str, str, str | None, str]:
    subject = next((str(getattr(message, name)) for name in _SUBJECTS if getattr(message, name, None)), None)
    said = message.model_dump_json(include={"severity", "kind", "score", "by", "due_on"}, exclude_none=True)
    return (message.key, message.occurred_at, message.source, message.event_id, message.type, subject, said)
