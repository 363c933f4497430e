"""Keeps what is known of customers. Writes are commutative: any order, any batches end in the same rows."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Context, Decimal
from typing import Any, NamedTuple

from services.health_scoring.domain.facts import Profile, Signal
from services.health_scoring.store.known import profiles
from shared import arrays
from shared.database import Transaction


class Used(NamedTuple):
    """A use of the product, to be added to its day."""

    customer_id: str
    metric: str
    at: datetime
    quantity: float
    event_id: str
    user_id: str | None


class Happened(NamedTuple):
    """A support or relationship event of a customer."""

    customer_id: str
    signal: Signal


class Announced(NamedTuple):
    """A customer's master data as of a moment."""

    customer_id: str
    occurred_at: datetime
    event_id: str
    csm: str
    name: str
    profile: Mapping[str, Any]
    contacts: Mapping[str, str]


@dataclass
class _Day:
    """What a batch adds to a metric's day."""

    quantity: Decimal | float
    events: int
    first_at: datetime
    last: tuple[datetime, str]

    def add(self, use: Used) -> None:
        """Add a use: exactly, whatever the order."""
        self.quantity = _EXACT.add(_decimal(self.quantity), _decimal(use.quantity))
        self.events += 1
        self.first_at = min(self.first_at, use.at)
        self.last = max(self.last, (use.at, use.event_id))


_EXACT = Context(prec=100)  # digits: quantities reach from 5e-324 to 1e15, but nobody counts with more


def _decimal(quantity: Decimal | float) -> Decimal:
    return quantity if isinstance(quantity, Decimal) else Decimal(repr(quantity))


async def add_uses(tx: Transaction, uses: Sequence[Used]) -> None:
    """Add uses to their days, and note the users."""
    if not uses:
        return
    days: dict[tuple[str, str, date], _Day] = {}
    for use in uses:
        key = (use.customer_id, use.metric, use.at.date())
        if key in days:
            days[key].add(use)
        else:
            days[key] = _Day(use.quantity, 1, use.at, (use.at, use.event_id))
    keys = sorted(days)
    rows = [days[key] for key in keys]
    await tx.execute(
        """
        INSERT INTO usage_days (customer_id, metric, day, quantity, events, first_at, last_at, last_id)
        SELECT customer_id, metric, day, quantity, events, first_at, last_at, last_id
        FROM unnest($1::text::text[], $2::text::text[], $3::text::date[], $4::text::numeric[], $5::text::int[],
                    $6::text::timestamptz[], $7::text::timestamptz[], $8::text::text[])
             AS use (customer_id, metric, day, quantity, events, first_at, last_at, last_id)
        ON CONFLICT (customer_id, metric, day) DO UPDATE
        SET quantity = usage_days.quantity + excluded.quantity, events = usage_days.events + excluded.events,
            first_at = least(usage_days.first_at, excluded.first_at),
            last_at = greatest(usage_days.last_at, excluded.last_at),
            last_id = CASE WHEN (excluded.last_at, excluded.last_id COLLATE "C")
                                > (usage_days.last_at, usage_days.last_id COLLATE "C")
                           THEN excluded.last_id ELSE usage_days.last_id END
        """,
        arrays.texts([key[0] for key in keys]),
        arrays.texts([key[1] for key in keys]),
        arrays.plain(key[2] for key in keys),
        arrays.plain(row.quantity for row in rows),
        arrays.plain(row.events for row in rows),
        arrays.plain(row.first_at for row in rows),
        arrays.plain(row.last[0] for row in rows),
        arrays.texts([row.last[1] for row in rows]),
    )
    users = sorted({(use.customer_id, use.at.date(), use.user_id) for use in uses if use.user_id is not None})
    if users:
        await tx.execute(
            """
            INSERT INTO usage_users
            SELECT * FROM unnest($1::text::text[], $2::text::date[], $3::text::text[]) ON CONFLICT DO NOTHING
            """,
            arrays.texts([user[0] for user in users]),
            arrays.plain(user[1] for user in users),
            arrays.texts([user[2] for user in users]),
        )


async def first_uses(tx: Transaction, uses: Sequence[Used]) -> dict[tuple[str, str, date], datetime]:
    """Return when each of these customers' metrics was first used on each of these days, as far as is known."""
    keys = sorted({(use.customer_id, use.metric, use.at.date()) for use in uses})
    if not keys:
        return {}
    rows = await tx.fetch(
        """
        SELECT customer_id, metric, day, first_at
        FROM usage_days JOIN unnest($1::text[], $2::text[], $3::date[]) AS asked (customer_id, metric, day)
             USING (customer_id, metric, day)
        """,
        *(list(column) for column in zip(*keys, strict=True)),
    )
    return {(row["customer_id"], row["metric"], row["day"]): row["first_at"] for row in rows}


async def add_signals(tx: Transaction, happened: Sequence[Happened]) -> None:
    """Keep support and relationship events."""
    if not happened:
        return
    await tx.execute(
        """
        INSERT INTO signals (customer_id, occurred_at, source, event_id, type, subject, says)
        SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[])
        ON CONFLICT DO NOTHING
        """,
        [one.customer_id for one in happened],
        [one.signal.at for one in happened],
        [one.signal.source for one in happened],
        [one.signal.event_id for one in happened],
        [one.signal.type for one in happened],
        [one.signal.subject for one in happened],
        [json.dumps(dict(one.signal.says)) for one in happened],
    )


async def keep_customer(tx: Transaction, told: Announced) -> bool:
    """Keep a customer's master data unless a later announcement is known; tell whether the score may change by it."""
    before = await _as_told(tx, told.customer_id)
    await tx.execute(
        """
        INSERT INTO customers (customer_id, occurred_at, event_id, csm, name, profile) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (customer_id) DO UPDATE
        SET occurred_at = excluded.occurred_at, event_id = excluded.event_id, csm = excluded.csm,
            name = excluded.name, profile = excluded.profile
        WHERE (customers.occurred_at, customers.event_id COLLATE "C")
              < (excluded.occurred_at, excluded.event_id COLLATE "C")
        """,
        told.customer_id,
        told.occurred_at,
        told.event_id,
        told.csm,
        told.name,
        json.dumps(told.profile),
    )
    await tx.execute(
        """
        INSERT INTO contacts (customer_id, contact_id, occurred_at, event_id, role)
        SELECT $1, contact_id, $2, $3, role FROM unnest($4::text[], $5::text[]) AS told (contact_id, role)
        ON CONFLICT (customer_id, contact_id) DO UPDATE
        SET occurred_at = excluded.occurred_at, event_id = excluded.event_id, role = excluded.role
        WHERE (contacts.occurred_at, contacts.event_id COLLATE "C")
              < (excluded.occurred_at, excluded.event_id COLLATE "C")
        """,
        told.customer_id,
        told.occurred_at,
        told.event_id,
        sorted(told.contacts),
        [told.contacts[contact] for contact in sorted(told.contacts)],
    )
    return await _as_told(tx, told.customer_id) != before


async def _as_told(tx: Transaction, customer_id: str) -> Profile | None:
    return (await profiles(tx, [customer_id])).get(customer_id)
