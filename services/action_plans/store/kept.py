"""Cases exactly as they are kept, one after the other, for whoever checks or counts them all."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from services.action_plans.store import record
from services.action_plans.store.record import Entry, Head
from shared.database import Transaction

AT_ONCE = 50  # cases


@dataclass(frozen=True)
class KeptCase:
    """A case as it lies in its table. content: JSON."""

    case_id: str
    customer_id: str
    revision: int
    state: str
    open: bool
    csm: str | None
    content: str
    head: Head


@dataclass(frozen=True)
class KeptVersion:
    """A version of the plan as it lies in its table. terms: JSON."""

    number: int
    content_hash: str
    terms: str


async def stream(tx: Transaction, customer_id: str | None = None) -> AsyncGenerator[KeptCase, None]:
    """Yield every case, or those of a customer, without holding more than some of them."""
    rows = tx.connection.cursor(
        """
        SELECT case_id, customer_id, revision, state, open, csm, content, chain_number, chain_hash FROM cases
        WHERE customer_id = coalesce($1, customer_id) ORDER BY customer_id, opened_at, case_id
        """,
        customer_id,
        prefetch=AT_ONCE,
    )
    async for row in rows:
        fields = dict(row)
        yield KeptCase(head=Head(fields.pop("chain_number"), fields.pop("chain_hash")), **fields)


async def rows_of(tx: Transaction, case_id: str) -> list[Entry]:
    """Return the record of a case in order."""
    return await record.of_case(tx, case_id)


async def versions_of(tx: Transaction, case_id: str) -> list[KeptVersion]:
    """Return the versions of a case's plan in order."""
    rows = await tx.fetch(
        "SELECT number, content_hash, terms FROM plan_versions WHERE case_id = $1 ORDER BY number", case_id
    )
    return [KeptVersion(*row) for row in rows]


async def without_case(tx: Transaction) -> list[str]:
    """Return the ids of cases that have a record, or versions of a plan, and are not there themselves."""
    rows = await tx.fetch(
        """
        SELECT case_id FROM (SELECT case_id FROM record UNION SELECT case_id FROM plan_versions) AS kept
        WHERE NOT EXISTS (SELECT FROM cases WHERE cases.case_id = kept.case_id) ORDER BY case_id
        """
    )
    return [row["case_id"] for row in rows]
