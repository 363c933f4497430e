"""All SQL of action_plans."""

import json
from datetime import datetime

from services.action_plans.domain import Case, Reason
from shared.database import Row, Transaction


async def keep_customer(tx: Transaction, customer_id: str, *, occurred_at: datetime, event_id: str, csm: str) -> None:
    """Keep the customer's CSM, unless a later change is known."""
    await tx.execute(
        """
        INSERT INTO customers (customer_id, occurred_at, event_id, csm) VALUES ($1, $2, $3, $4)
        ON CONFLICT (customer_id) DO UPDATE
        SET occurred_at = excluded.occurred_at, event_id = excluded.event_id, csm = excluded.csm
        WHERE (customers.occurred_at, customers.event_id) < (excluded.occurred_at, excluded.event_id)
        """,
        customer_id,
        occurred_at,
        event_id,
        csm,
    )


async def csm_of(tx: Transaction, customer_id: str) -> str | None:
    """Return the customer's CSM, None while the customer is not known."""
    csm: str | None = await tx.value("SELECT csm FROM customers WHERE customer_id = $1", customer_id)
    return csm


async def open_case_of(tx: Transaction, customer_id: str) -> Case | None:
    """Return the customer's open case, None if there is none."""
    return _case(await tx.row("SELECT * FROM cases WHERE customer_id = $1 AND state = 'open'", customer_id))


async def case(tx: Transaction, customer_id: str, case_id: str) -> Case | None:
    """Return a case of the customer."""
    return _case(await tx.row("SELECT * FROM cases WHERE customer_id = $1 AND case_id = $2", customer_id, case_id))


async def had_case_of_episode(tx: Transaction, customer_id: str, episode_id: str) -> bool:
    """Tell whether the episode had a case already."""
    return bool(
        await tx.value(
            "SELECT EXISTS (SELECT FROM cases WHERE customer_id = $1 AND episode_id = $2)", customer_id, episode_id
        )
    )


async def save(tx: Transaction, changed: Case) -> None:
    """Keep the case as it is now."""
    await tx.execute(
        """
        INSERT INTO cases (case_id, customer_id, revision, state, opened_at, episode_id, reasons, csm)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (case_id) DO UPDATE
        SET revision = excluded.revision, state = excluded.state, episode_id = excluded.episode_id,
            reasons = excluded.reasons, csm = excluded.csm
        """,
        changed.case_id,
        changed.customer_id,
        changed.revision,
        changed.state,
        changed.opened_at,
        changed.episode_id,
        json.dumps([[reason.code, reason.text] for reason in changed.reasons]),
        changed.csm,
    )


def _case(row: Row | None) -> Case | None:
    if row is None:
        return None
    reasons = tuple(Reason(code, text) for code, text in json.loads(row["reasons"]))
    return Case(**{**dict(row), "reasons": reasons})
