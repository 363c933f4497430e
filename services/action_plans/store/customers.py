"""Copies of what others tell of customers and people; the later (occurred_at, event_id) wins."""

import json
from dataclasses import dataclass

from services.action_plans.domain.case import Band
from shared.contracts.upstream import CustomerChanged, PersonChanged
from shared.database import Transaction


@dataclass(frozen=True)
class Contact:
    """A person on the customer's side."""

    contact_id: str
    name: str
    role: str
    has_address: bool


@dataclass(frozen=True)
class Customer:
    """A customer as cases need it."""

    customer_id: str
    name: str
    csm: str
    executive_sponsor: str | None
    time_zone: str
    contacts: tuple[Contact, ...]

    def contact(self, contact_id: str) -> Contact | None:
        """Return the contact of that id."""
        return next((one for one in self.contacts if one.contact_id == contact_id), None)


async def keep(tx: Transaction, told: CustomerChanged) -> None:
    """Keep the customer, unless a later change is known. Addresses are not kept here: others send the mail."""
    contacts = [
        {"contact_id": one.contact_id, "name": one.name, "role": one.role, "has_address": one.email is not None}
        for one in told.contacts
    ]
    await tx.execute(
        """
        INSERT INTO customers (customer_id, occurred_at, event_id, csm, name, time_zone, contacts, executive_sponsor)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (customer_id) DO UPDATE
        SET occurred_at = excluded.occurred_at, event_id = excluded.event_id, csm = excluded.csm, name = excluded.name,
            time_zone = excluded.time_zone, contacts = excluded.contacts, executive_sponsor = excluded.executive_sponsor
        WHERE (customers.occurred_at, customers.event_id) < (excluded.occurred_at, excluded.event_id)
        """,
        told.customer_id,
        told.occurred_at,
        told.event_id,
        told.csm,
        told.name,
        told.time_zone,
        json.dumps(contacts),
        told.executive_sponsor,
    )


async def find(tx: Transaction, customer_id: str) -> Customer | None:
    """Return the customer, None while it was never announced."""
    row = await tx.row("SELECT * FROM customers WHERE customer_id = $1", customer_id)
    if row is None:
        return None
    contacts = tuple(Contact(**one) for one in json.loads(row["contacts"]))
    return Customer(customer_id, row["name"], row["csm"], row["executive_sponsor"], row["time_zone"], contacts)


async def keep_band(tx: Transaction, customer_id: str, band: Band) -> None:
    """Keep the customer's health band."""
    await tx.execute(
        """
        INSERT INTO health (customer_id, band) VALUES ($1, $2)
        ON CONFLICT (customer_id) DO UPDATE SET band = excluded.band
        """,
        customer_id,
        band,
    )


async def band_of(tx: Transaction, customer_id: str) -> Band:
    """Return the customer's health band; unknown where nothing was told."""
    band: Band | None = await tx.value("SELECT band FROM health WHERE customer_id = $1", customer_id)
    return band or "unknown"


async def describe_person(tx: Transaction, told: PersonChanged) -> None:
    """Keep name and manager of one of our people, beside what shared.people has kept of this very change."""
    await tx.execute(
        "UPDATE people SET name = $2, manager = $3 WHERE person_id = $1 AND event_id = $4 AND occurred_at = $5",
        told.person_id,
        told.name,
        told.manager,
        told.event_id,
        told.occurred_at,
    )


async def manager_of(tx: Transaction, person_id: str) -> str | None:
    """Return the active manager of a person: theirs, or that one's, up to ten levels; None if there is none."""
    manager: str | None = await tx.value(
        """
        WITH RECURSIVE up AS (
            SELECT manager, 1 AS level FROM people WHERE person_id = $1
            UNION ALL
            SELECT people.manager, level + 1 FROM up JOIN people ON person_id = up.manager WHERE level < 10
        )
        SELECT up.manager FROM up JOIN people ON person_id = up.manager WHERE active ORDER BY level LIMIT 1
        """,
        person_id,
    )
    return manager


async def standing_in(tx: Transaction, csm: str) -> str:
    """Return who has the cases of a CSM: the CSM, or the manager of one who has left, as far as one is known."""
    left = await tx.value("SELECT NOT active FROM people WHERE person_id = $1", csm)
    return (await manager_of(tx, csm) if left else None) or csm


async def names_of(tx: Transaction, person_ids: list[str]) -> dict[str, str]:
    """Return the names of those of our people that are known."""
    rows = await tx.fetch("SELECT person_id, name FROM people WHERE person_id = ANY($1::text[])", person_ids)
    return {row["person_id"]: row["name"] for row in rows if row["name"]}
