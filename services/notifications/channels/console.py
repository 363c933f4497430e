"""The console as a channel: the message becomes a fact that the console keeps as a row of its reader."""

from collections.abc import Callable
from datetime import datetime

from services.notifications.channels.channel import Permanent
from services.notifications.domain.parcel import Parcel
from services.notifications.domain.plain import one_line, readable
from shared import database, outbox
from shared.contracts.notices import NoticeShown
from shared.contracts.topics import NOTIFICATIONS
from shared.database import Pool


class Console:
    """Publishes what the console shows; parcel.address is the person's id."""

    name = "console"

    def __init__(self, pool: Pool, clock: Callable[[], datetime]) -> None:
        """pool: of this service's schema."""
        self._pool = pool
        self._clock = clock

    def destination(self, parcel: Parcel) -> str:  # noqa: ARG002  # the same for all
        """Return what stands for our own database."""
        return "console"

    def wrong(self, address: str) -> str | None:  # noqa: ARG002  # whatever it is
        """Say that no address is named here."""
        return "the console knows whom it shows something to: no address is named for it"

    async def send(self, parcel: Parcel) -> None:
        """Publish the message; shown once however often it comes, as its key is its id. Raises Permanent."""
        fact = parcel.fact
        if not isinstance(customer_id := fact.get("customer_id"), str):
            raise Permanent("the console shows what is about a customer, and nothing else")
        async with database.transaction(self._pool, "notifications", self._clock()) as tx:
            await database.lock_customer(tx, customer_id)
            told = {
                "customer_id": customer_id,
                "correlation_id": str(fact["correlation_id"]),
                "causation_id": str(fact["event_id"]),
                "occurred_at": tx.now,
                "notice_id": parcel.key,
                "person_id": parcel.address,
                "urgency": parcel.urgency,
                "title": one_line(parcel.subject),
                "text": readable(parcel.text)[:4_000],
                "link": parcel.link,
                "fact_id": str(fact["event_id"]),
                "fact_type": str(fact["type"]),
            }
            await outbox.add(tx, NOTIFICATIONS.name, NoticeShown.model_validate(told))

    async def close(self) -> None:
        """Close nothing: the database is the service's."""
