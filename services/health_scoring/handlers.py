"""From batches of upstream events to rows: what each event adds to what is known of its customer."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from services.health_scoring import store
from services.health_scoring.store import Signal, Usage
from shared.contracts.topics import CUSTOMERS, RELATIONSHIP, SUPPORT, USAGE
from shared.database import Transaction
from shared.firehose import Taken

CONSUMES = (USAGE, SUPPORT, RELATIONSHIP, CUSTOMERS)
_SUBJECTS = ("ticket_id", "invoice_id", "contact_id")
_SAID = ("severity", "kind", "score", "by", "due_on")


async def keep_what_happened(batch: Sequence[Taken], tx: Transaction) -> None:
    """Add a batch of events to what is known, and ask for new scores of the customers they are about."""
    uses, signals = [], []
    touched: dict[str, tuple[int, str]] = {}
    # in the order in which it happened, so that the newest event is named as the cause
    for taken in sorted(batch, key=lambda taken: (taken.message.occurred_at, taken.message.event_id)):
        message: Any = taken.message
        touched[message.key] = (taken.partition, message.event_id)
        match message.type:
            case "UsageRecorded":
                uses.append(Usage(message.customer_id, message.metric, message.occurred_at, message.quantity))
            case "CustomerChanged":
                await store.keep_customer(
                    tx,
                    message.customer_id,
                    occurred_at=message.occurred_at,
                    event_id=message.event_id,
                    contacts={contact.contact_id: contact.role for contact in message.contacts or ()},
                )
            case _:
                signals.append(_signal(message))
    await store.add_usage(tx, uses)
    await store.add_signals(tx, signals)
    await store.mark_due(tx, touched)


def _signal(message: Any) -> Signal:
    subject = next((getattr(message, name) for name in _SUBJECTS if getattr(message, name, None)), None)
    said = {name: value for name in _SAID if (value := getattr(message, name, None)) is not None}
    return Signal(
        message.customer_id,
        message.occurred_at,
        message.source,
        message.event_id,
        message.type,
        subject,
        json.dumps(said, default=date.isoformat),
    )
