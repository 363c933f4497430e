"""Transitions as people look for them: in lines, one customer's history, the versions of a plan."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.transition_review.domain.approving import Recurring
from services.transition_review.domain.transition import Transition
from services.transition_review.store import known, transitions
from shared.database import Row, Transaction

_NAMED = "coalesce(nullif(customers.name, ''), transitions.customer_id) AS name, customers.recurring_revenue"


@dataclass(frozen=True)
class Listed:
    """A transition, what its customer is called, and pays in a year where it was announced."""

    transition: Transition
    name: str
    recurring: Recurring | None


@dataclass(frozen=True)
class KeptVersion:
    """A version of a plan as it was submitted. parts: as JSON values."""

    number: int
    submitted_by: str
    at: Any
    content_hash: str
    parts: dict[str, Any]


async def rows(
    tx: Transaction, *, states: Sequence[str] = (), csm: str | None = None, limit: int
) -> tuple[list[Listed], int]:
    """Return transitions and how many there are: open ones where no state is named, the oldest first."""
    fits = """
        (CASE WHEN cardinality($1::text[]) = 0 THEN open ELSE state = ANY($1::text[]) END)
        AND ($2::text IS NULL OR customers.csm = $2)
    """
    joined = "transitions LEFT JOIN customers USING (customer_id)"
    total = await tx.value(f"SELECT count(*) FROM {joined} WHERE {fits}", list(states), csm)  # noqa: S608  # fixed words
    found = await tx.fetch(
        f"SELECT content, {_NAMED} FROM {joined} WHERE {fits} ORDER BY open DESC, number LIMIT $3",  # noqa: S608
        list(states),
        csm,
        limit,
    )
    return [_listed(row) for row in found], int(total)


async def history(tx: Transaction, customer_id: str) -> list[Listed]:
    """Return the transitions of a customer, the latest first, and those of others whom it was linked to afterwards."""
    found = await tx.fetch(
        f"""
        SELECT content, {_NAMED} FROM transitions LEFT JOIN customers USING (customer_id)
        WHERE transitions.customer_id = $1
           OR transition_id IN (SELECT transition_id FROM returns WHERE returns.customer_id = $1)
        ORDER BY transitions.customer_id = $1 DESC, number DESC
        """,  # noqa: S608  # fixed words
        customer_id,
    )
    return [_listed(row) for row in found]


async def versions(tx: Transaction, transition_id: str) -> list[KeptVersion]:
    """Return every version of a plan, the first one first."""
    found = await tx.fetch(
        "SELECT number, submitted_by, at, content_hash, parts FROM plan_versions WHERE transition_id = $1"
        " ORDER BY number",
        transition_id,
    )
    return [KeptVersion(**{**dict(row), "parts": json.loads(row["parts"])}) for row in found]


def _listed(row: Row) -> Listed:
    revenue = row["recurring_revenue"]
    recurring = known.recurring_of(json.loads(revenue)) if revenue else None
    return Listed(transitions.decode(row["content"]), row["name"], recurring)
