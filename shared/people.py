"""Our own people as every service that takes commands knows them: their roles, and whether they are still here.

Roles come from people.v1, never from a command. Each service keeps its own copy (table `people`).
"""

from dataclasses import dataclass

from shared.commands import Refused
from shared.contracts.upstream import PersonChanged
from shared.database import Transaction

SENIOR = frozenset({"manager", "executive", "admin"})


@dataclass(frozen=True)
class Person:
    """One of our people as rights need to know them."""

    person_id: str
    roles: frozenset[str]
    active: bool


async def keep(tx: Transaction, told: PersonChanged) -> None:
    """Keep what the person may do, unless a later change is known."""
    await tx.execute(
        """
        INSERT INTO people (person_id, occurred_at, event_id, roles, active) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (person_id) DO UPDATE
        SET occurred_at = excluded.occurred_at, event_id = excluded.event_id, roles = excluded.roles,
            active = excluded.active
        WHERE (people.occurred_at, people.event_id) < (excluded.occurred_at, excluded.event_id)
        """,
        told.person_id,
        told.occurred_at,
        told.event_id,
        sorted(set(told.roles)),
        told.active,
    )


async def find(tx: Transaction, person_id: str) -> Person | None:
    """Return the person, None if not known."""
    row = await tx.row("SELECT person_id, roles, active FROM people WHERE person_id = $1", person_id)
    return Person(row["person_id"], frozenset(row["roles"]), row["active"]) if row else None


async def leads(tx: Transaction, person_id: str, others: list[str]) -> bool:
    """Tell whether a person is the manager of one of the others, or that one's, up to ten levels."""
    return bool(
        await tx.value(
            """
            WITH RECURSIVE up AS (
                SELECT manager, 1 AS level FROM people WHERE person_id = ANY($2::text[])
                UNION
                SELECT people.manager, level + 1 FROM up JOIN people ON person_id = up.manager WHERE level < 10
            )
            SELECT EXISTS (SELECT FROM up WHERE manager = $1)
            """,
            person_id,
            others,
        )
    )


def require_customers_own(person: Person | None, *, csm: str | None) -> Person:
    """Refuse unless the person is active and the customer's CSM, a manager, an executive or an admin."""
    active = require_active(person)
    if active.person_id != csm and not active.roles & SENIOR:
        raise not_allowed("Only the customer's CSM, a manager, an executive or an admin may do this.")
    return active


def require_senior(person: Person | None) -> None:
    """Refuse unless the person is an active manager, executive or admin."""
    if not require_active(person).roles & SENIOR:
        raise not_allowed("Only a manager, an executive or an admin may do this.")


def require_admin(person: Person | None) -> None:
    """Refuse unless the person is an active admin."""
    if "admin" not in require_active(person).roles:
        raise not_allowed("Only an admin may do this.")


def require_active(person: Person | None) -> Person:
    """Refuse unless this is an active person of ours."""
    if person is None or not person.active:
        raise not_allowed(
            "Only an active person of the company may do this.",
            "the person who asks is announced as active (people.v1)",
        )
    return person


def not_allowed(why: str, needed: str = "one of them asks for it") -> Refused:
    """Return the refusal of somebody who has no right."""
    return Refused("not_allowed", why, needed)
