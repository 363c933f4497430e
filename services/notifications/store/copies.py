"""Copies of our people and the customers that messages are about; the later (occurred_at, event_id) wins."""

import json
from collections.abc import Iterable

from services.notifications.domain.directory import Customer, Directory, Needed, Person
from services.notifications.store import following
from shared.contracts.upstream import CustomerChanged, PersonChanged
from shared.database import Row, Transaction


async def keep_person(tx: Transaction, person: PersonChanged) -> None:
    """Keep how to reach the person, unless a later change is known; who leaves is told nothing any more."""
    await tx.execute(
        """
        INSERT INTO people (person_id, occurred_at, event_id, name, email, time_zone, manager, roles, teams, active,
                            left_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, CASE WHEN NOT $10 THEN clock_timestamp() END)
        ON CONFLICT (person_id) DO UPDATE
        SET occurred_at = excluded.occurred_at, event_id = excluded.event_id, name = excluded.name,
            email = excluded.email, time_zone = excluded.time_zone, manager = excluded.manager,
            roles = excluded.roles, teams = excluded.teams, active = excluded.active, left_at = excluded.left_at
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
    if not person.active:
        await following.leave(tx)


async def keep_customer(tx: Transaction, customer: CustomerChanged) -> None:
    """Keep the customer's name, who of ours looks after it, contacts and time zone, unless a later change is known."""
    contacts = [
        {"contact_id": one.contact_id, "name": one.name, "email": one.email} for one in customer.contacts if one.email
    ]
    has_another = await tx.value(
        """
        WITH before AS (SELECT csm FROM customers WHERE customer_id = $1)
        INSERT INTO customers (customer_id, occurred_at, event_id, name, csm, executive_sponsor, contacts, time_zone)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (customer_id) DO UPDATE
        SET occurred_at = excluded.occurred_at, event_id = excluded.event_id, name = excluded.name, csm = excluded.csm,
            executive_sponsor = excluded.executive_sponsor, contacts = excluded.contacts,
            time_zone = excluded.time_zone
        WHERE (customers.occurred_at, customers.event_id) < (excluded.occurred_at, excluded.event_id)
        RETURNING csm <> (SELECT csm FROM before)
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
    if has_another:
        await following.change_hands(tx, customer.customer_id)


async def everybody(tx: Transaction) -> Directory:
    """Return everybody of ours."""
    return Directory(map(_person, await tx.fetch("SELECT * FROM people")))


async def people(tx: Transaction, needed: Needed) -> tuple[Directory, list[Row]]:
    """Return those who may be meant, whoever leads or stands in for each, and what they chose (for choosing.Kept)."""
    rows = await tx.fetch(_NEEDED, sorted(needed.people), sorted(needed.roles), sorted(needed.teams))
    return Directory(map(_person, rows), needed.roles), [row for row in rows if row["choices"] is not None]


# Row by row: the planner would take a recursion for large, and read everybody.
_NEEDED = """
    WITH RECURSIVE needed AS (
        SELECT person_id FROM people
        WHERE person_id = ANY($1::text[]) OR roles && $2::text[] OR teams && $3::text[]
        UNION
        SELECT follows FROM needed, LATERAL (VALUES
            ((SELECT manager FROM people WHERE person_id = needed.person_id)),
            ((SELECT choices -> 'absence' ->> 'substitute' FROM choices WHERE person_id = needed.person_id))
        ) AS next (follows)
        WHERE follows IS NOT NULL
    )
    SELECT one.*, (SELECT choices FROM choices WHERE person_id = needed.person_id) AS choices,
           ARRAY(SELECT channel FROM broken_channels WHERE person_id = needed.person_id) AS broken
    FROM needed, LATERAL (SELECT * FROM people WHERE person_id = needed.person_id LIMIT 1) AS one
"""


def _person(row: Row) -> Person:
    return Person(
        row["person_id"],
        row["name"],
        row["email"],
        row["time_zone"],
        row["manager"],
        frozenset(row["roles"]),
        frozenset(row["teams"]),
        row["active"],
    )


async def hold_csms(tx: Transaction, ids: Iterable[str]) -> None:
    """Let none of the customers get another CSM until the transaction ends: what it writes down is seen then."""
    await tx.execute(
        "SELECT FROM customers WHERE customer_id = ANY($1::text[]) ORDER BY customer_id FOR SHARE", sorted(set(ids))
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
