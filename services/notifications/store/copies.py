"""Copies of our people and the customers that messages are about; the later (occurred_at, event_id) wins."""

import json
from collections.abc import Iterable

from services.notifications.domain.directory import Customer, Directory, Person
from shared.contracts.upstream import CustomerChanged, PersonChanged
from shared.database import Transaction


async def keep_person(tx: Transaction, person: PersonChanged) -> None:
    """Keep how to reach the person, unless a later change is known; who leaves is told nothing any more."""
    await tx.execute(
        """
        INSERT INTO people (person_id, occurred_at, event_id, name, email, time_zone, manager, roles, teams, active)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (person_id) DO UPDATE
        SET occurred_at = excluded.occurred_at, event_id = excluded.event_id, name = excluded.name,
            email = excluded.email, time_zone = excluded.time_zone, manager = excluded.manager,
            roles = excluded.roles, teams = excluded.teams, active = excluded.active
        WHERE (people.occurred_at, people.event_id) < (excluded.occurred_at, excluded.event_id)
        """,
        person.person_id,
        person.occurred_at,
        person.event_id,
        person.name,
        person.email,
        person.time_zone,
        person.manager,
        sorted(set(person.roles)),
        sorted(set(person.teams)),
        person.active,
    )
    await tx.execute(_MOVE_ON, person.person_id)


_MOVE_ON = """
    WITH left_us AS (
        SELECT person_id FROM people WHERE person_id = $1 AND NOT active
    ), given_up AS (
        UPDATE messages SET state = 'expired', last_answer = 'the recipient has left'
        WHERE recipient IN (SELECT person_id FROM left_us) AND state = 'pending' AND NOT to_contact
        RETURNING message_id
    ), moved AS (
        UPDATE deliveries SET state = 'moved'
        WHERE recipient IN (SELECT person_id FROM left_us)
          AND (state = 'due' OR (state = 'packed' AND message_id IN (SELECT message_id FROM given_up)))
          AND NOT EXISTS (SELECT FROM tellings WHERE id = telling_id AND contact_id IS NOT NULL)
        RETURNING telling_id
    )
    UPDATE tellings SET state = 'new' WHERE id IN (SELECT telling_id FROM moved)
"""


async def keep_customer(tx: Transaction, customer: CustomerChanged) -> None:
    """Keep the customer's name, who of ours looks after it, contacts and time zone, unless a later change is known."""
    contacts = [
        {"contact_id": one.contact_id, "name": one.name, "email": one.email} for one in customer.contacts if one.email
    ]
    await tx.execute(
        """
        INSERT INTO customers (customer_id, occurred_at, event_id, name, csm, executive_sponsor, contacts, time_zone)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (customer_id) DO UPDATE
        SET occurred_at = excluded.occurred_at, event_id = excluded.event_id, name = excluded.name, csm = excluded.csm,
            executive_sponsor = excluded.executive_sponsor, contacts = excluded.contacts,
            time_zone = excluded.time_zone
        WHERE (customers.occurred_at, customers.event_id) < (excluded.occurred_at, excluded.event_id)
        """,
        customer.customer_id,
        customer.occurred_at,
        customer.event_id,
        customer.name,
        customer.csm,
        customer.executive_sponsor,
        json.dumps(contacts),
        customer.time_zone,
    )


async def directory(tx: Transaction) -> Directory:
    """Return everybody of ours."""
    rows = await tx.fetch("SELECT * FROM people")
    return Directory(
        Person(
            row["person_id"],
            row["name"],
            row["email"],
            row["time_zone"],
            row["manager"],
            frozenset(row["roles"]),
            frozenset(row["teams"]),
            row["active"],
        )
        for row in rows
    )


async def customers(tx: Transaction, ids: Iterable[str]) -> dict[str, Customer]:
    """Return those of the customers that are known, by id."""
    rows = await tx.fetch(
        "SELECT customer_id, name, csm, executive_sponsor FROM customers WHERE customer_id = ANY($1::text[])",
        sorted(set(ids)),
    )
    return {
        row["customer_id"]: Customer(row["customer_id"], row["name"], row["csm"], row["executive_sponsor"])
        for row in rows
    }


async def reachable_contacts(tx: Transaction, wanted: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return which contacts (customer, contact) have an address."""
    pairs = sorted(set(wanted))
    if not pairs:
        return set()
    rows = await tx.fetch(
        """
        SELECT customers.customer_id, contact.contact_id
        FROM customers, jsonb_to_recordset(contacts) AS contact (contact_id text, name text, email text)
        WHERE (customers.customer_id, contact.contact_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))
        """,
        [customer for customer, _ in pairs],
        [contact for _, contact in pairs],
    )
    return {(row["customer_id"], row["contact_id"]) for row in rows}
