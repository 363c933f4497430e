"""What others tell, as far as transitions need it: cases, health, customers, people, the catalogue of alternatives."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from services.transition_review.domain.approving import Recurring
from services.transition_review.domain.clauses.announced import AnnouncedContract
from services.transition_review.domain.customer_plan import Alternative
from services.transition_review.domain.names import Names
from services.transition_review.domain.transition import FrozenHealth
from shared.contracts.endings.commands import KeepAlternative
from shared.contracts.health import HealthScored
from shared.contracts.plans.case import CaseSnapshot
from shared.contracts.upstream import CustomerChanged, PersonChanged
from shared.database import Transaction

PERIODS = {"month": 12, "quarter": 4, "year": 1}
NOT_OF_ITS_END = {"invoices", "service_credits"}  # of a contract


@dataclass(frozen=True)
class Contact:
    """A person on the customer's side. role: as announced; empty where it was kept before roles were."""

    contact_id: str
    name: str
    has_address: bool
    role: str = ""


@dataclass(frozen=True)
class Customer:
    """A customer as transitions need it. revenue: amount, currency, period; contract: None where none is announced."""

    customer_id: str
    name: str
    csm: str
    time_zone: str
    contacts: tuple[Contact, ...]
    revenue: dict[str, str]
    contract: AnnouncedContract | None = None

    def contact(self, contact_id: str) -> Contact | None:
        """Return the contact of that id."""
        return next((one for one in self.contacts if one.contact_id == contact_id), None)

    @property
    def recurring(self) -> Recurring:
        """What the customer pays in a year."""
        return recurring_of(self.revenue)


def recurring_of(revenue: Mapping[str, Any]) -> Recurring:
    """Return what a customer pays in a year, from what was announced: amount, currency, period."""
    return Recurring(Decimal(str(revenue["amount"])) * PERIODS[revenue["period"]], revenue["currency"])


async def keep_case(tx: Transaction, customer_id: str, case: CaseSnapshot) -> None:
    """Keep the case, unless a later revision is known."""
    await tx.execute(
        """
        INSERT INTO cases (case_id, customer_id, revision, state, content) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (case_id) DO UPDATE
        SET revision = excluded.revision, state = excluded.state, content = excluded.content
        WHERE cases.revision < excluded.revision
        """,
        case.case_id,
        customer_id,
        case.revision,
        case.state,
        case.model_dump_json(exclude_none=True),
    )


async def find_case(tx: Transaction, case_id: str) -> tuple[str, CaseSnapshot] | None:
    """Return the customer of a case and its latest snapshot, None if not known."""
    row = await tx.row("SELECT customer_id, content FROM cases WHERE case_id = $1 AND content <> '{}'", case_id)
    return (row["customer_id"], CaseSnapshot.model_validate_json(row["content"])) if row else None


async def keep_health(tx: Transaction, told: HealthScored) -> None:
    """Keep the score, unless a later revision is known."""
    scored = {
        "band": told.band,
        "score": told.score,
        "confidence": told.confidence,
        "card": told.card.card,
        "card_version": told.card.version,
        "scored_at": told.occurred_at.isoformat(),
    }
    await tx.execute(
        """
        INSERT INTO health (customer_id, revision, scored) VALUES ($1, $2, $3)
        ON CONFLICT (customer_id) DO UPDATE SET revision = excluded.revision, scored = excluded.scored
        WHERE health.revision < excluded.revision
        """,
        told.customer_id,
        told.revision,
        json.dumps(scored),
    )


async def health_of(tx: Transaction, customer_id: str) -> FrozenHealth:
    """Return the customer's health as it was told last; unknown where it never was."""
    text = await tx.value("SELECT scored FROM health WHERE customer_id = $1", customer_id)
    return msgspec.json.decode(text, type=FrozenHealth) if text else FrozenHealth("unknown")


async def keep_customer(tx: Transaction, told: CustomerChanged) -> None:
    """Keep the customer, unless a later change is known. Addresses are not kept here: others send the mail."""
    contacts: list[dict[str, Any]] = [
        {"contact_id": one.contact_id, "name": one.name, "role": one.role, "has_address": one.email is not None}
        for one in told.contacts
    ]
    await tx.execute(
        """
        INSERT INTO customers (customer_id, occurred_at, event_id, name, csm, time_zone, contacts, recurring_revenue,
                               contract)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (customer_id) DO UPDATE
        SET occurred_at = excluded.occurred_at, event_id = excluded.event_id, name = excluded.name,
            csm = excluded.csm, time_zone = excluded.time_zone, contacts = excluded.contacts,
            recurring_revenue = excluded.recurring_revenue, contract = excluded.contract
        WHERE (customers.occurred_at, customers.event_id) < (excluded.occurred_at, excluded.event_id)
        """,
        told.customer_id,
        told.occurred_at,
        told.event_id,
        told.name,
        told.csm,
        told.time_zone,
        json.dumps(contacts),
        told.recurring_revenue.model_dump_json(),
        told.contract.model_dump_json(exclude=NOT_OF_ITS_END, exclude_none=True) if told.contract else None,
    )


async def find_customer(tx: Transaction, customer_id: str) -> Customer | None:
    """Return the customer, None while it was never announced."""
    row = await tx.row("SELECT * FROM customers WHERE customer_id = $1", customer_id)
    if row is None:
        return None
    contacts = tuple(Contact(**one) for one in json.loads(row["contacts"]))
    revenue = {key: str(value) for key, value in json.loads(row["recurring_revenue"]).items()}
    told = row["contract"]
    contract = msgspec.json.decode(told, type=AnnouncedContract) if told else None
    return Customer(customer_id, row["name"], row["csm"], row["time_zone"], contacts, revenue, contract)


async def describe_person(tx: Transaction, told: PersonChanged) -> None:
    """Keep name, manager and teams of one of our people, beside what shared.people has kept of this very change."""
    await tx.execute(
        "UPDATE people SET name = $2, manager = $3, teams = $6"
        " WHERE person_id = $1 AND event_id = $4 AND occurred_at = $5",
        told.person_id,
        told.name,
        told.manager,
        told.event_id,
        told.occurred_at,
        sorted(set(told.teams)),
    )


async def teams_of(tx: Transaction, person_id: str) -> frozenset[str]:
    """Return the teams of one of our people."""
    found = await tx.value("SELECT teams FROM people WHERE person_id = $1", person_id)
    return frozenset(found or ())


async def members_of(tx: Transaction, team: str) -> list[str]:
    """Return the active people of ours who are in a team."""
    rows = await tx.fetch("SELECT person_id FROM people WHERE active AND $1 = ANY(teams)", team)
    return [row["person_id"] for row in rows]


async def names_of(tx: Transaction, us: str, customer: Customer | None, our_people: Iterable[str]) -> Names:
    """Return what both companies, the customer's contacts and these people of ours are called. us: our company."""
    rows = await tx.fetch(
        "SELECT person_id, name FROM people WHERE person_id = ANY($1::text[]) AND name <> ''", list(our_people)
    )
    ours = {row["person_id"]: row["name"] for row in rows}
    if customer is None:
        return Names(us, "the customer", ours)
    return Names(us, customer.name, ours, {one.contact_id: one.name for one in customer.contacts})


async def names(tx: Transaction) -> dict[str, str]:
    """Return what our people are called, by id."""
    return {
        row["person_id"]: row["name"] for row in await tx.fetch("SELECT person_id, name FROM people") if row["name"]
    }


async def keep_alternative(tx: Transaction, told: KeepAlternative) -> None:
    """Keep an entry of the catalogue."""
    await tx.execute(
        """
        INSERT INTO alternatives (alternative_id, name, fits, retired) VALUES ($1, $2, $3, $4)
        ON CONFLICT (alternative_id) DO UPDATE
        SET name = excluded.name, fits = excluded.fits, retired = excluded.retired
        """,
        told.alternative_id,
        told.name,
        told.fits,
        told.retired,
    )


async def untold_alternatives(tx: Transaction) -> list[dict[str, Any]]:
    """Return the entries of which alternatives.v1 never told."""
    rows = await tx.fetch(
        """
        SELECT alternative_id, name, fits, retired FROM alternatives
        WHERE NOT EXISTS (SELECT FROM sequences WHERE topic = 'alternatives.v1' AND customer_id = alternative_id)
        ORDER BY alternative_id
        """
    )
    return [dict(row) for row in rows]


async def unknown_alternatives(tx: Transaction, alternative_ids: tuple[str, ...]) -> list[str]:
    """Return those that the catalogue does not have, or no longer."""
    rows = await tx.fetch(
        "SELECT alternative_id FROM alternatives WHERE alternative_id = ANY($1::text[]) AND NOT retired",
        list(alternative_ids),
    )
    known = {row["alternative_id"] for row in rows}
    return [one for one in alternative_ids if one not in known]


async def alternatives_of(tx: Transaction, alternative_ids: Iterable[str]) -> tuple[Alternative, ...]:
    """Return entries of the catalogue in that order, retired ones too: they may have been offered before."""
    wanted = list(alternative_ids)
    rows = await tx.fetch(
        "SELECT alternative_id, name, fits FROM alternatives WHERE alternative_id = ANY($1::text[])", wanted
    )
    known = {row["alternative_id"]: Alternative(row["name"], row["fits"]) for row in rows}
    return tuple(known[one] for one in wanted if one in known)
