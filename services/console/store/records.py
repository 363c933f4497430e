"""Cases, transitions and terminations as they were published last."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.console.needs import WORKED_ON
from services.console.store.reading import Place
from shared.contracts.endings.transition import TransitionSnapshot
from shared.contracts.plans.case import CaseSnapshot
from shared.database import Row, Transaction

MOST = 20


@dataclass(frozen=True)
class KnownCase:
    """A case and whose it is."""

    customer_id: str
    changed_at: datetime
    case: CaseSnapshot


@dataclass(frozen=True)
class KnownTransition:
    """A transition and whose it is."""

    customer_id: str
    changed_at: datetime
    transition: TransitionSnapshot


@dataclass(frozen=True)
class Task:
    """What is asked of somebody."""

    says: str
    whose: str
    person_id: str | None
    team: str | None
    since: datetime
    due_at: datetime | None
    form: str
    item: str


async def case(tx: Transaction, case_id: str) -> KnownCase | None:
    """Return the case, None where there is none or this reader may not see it."""
    row = await tx.row("SELECT customer_id, changed_at, body FROM cases WHERE case_id = $1", case_id)
    return _case(row) if row else None


async def cases_of(tx: Transaction, customer_id: str) -> list[KnownCase]:
    """Return the customer's cases, the latest first."""
    rows = await tx.fetch(
        "SELECT customer_id, changed_at, body FROM cases WHERE customer_id = $1 ORDER BY opened_at DESC LIMIT $2",
        customer_id,
        MOST,
    )
    return [_case(row) for row in rows]


async def transition(tx: Transaction, transition_id: str) -> KnownTransition | None:
    """Return the transition, None where there is none or this reader may not see it."""
    row = await tx.row("SELECT customer_id, changed_at, body FROM transitions WHERE transition_id = $1", transition_id)
    return _transition(row) if row else None


async def transitions_of(tx: Transaction, customer_id: str) -> list[KnownTransition]:
    """Return the customer's transitions that this reader may see, the latest first."""
    rows = await tx.fetch(
        "SELECT customer_id, changed_at, body FROM transitions"
        " WHERE customer_id = $1 ORDER BY changed_at DESC LIMIT $2",
        customer_id,
        MOST,
    )
    return [_transition(row) for row in rows]


async def under_way(tx: Transaction, customer_id: str, case_id: str) -> TransitionSnapshot | None:
    """Return the case's ending that is not over, as far as this reader may see it."""
    known = (one.transition for one in await transitions_of(tx, customer_id))
    return next((one for one in known if one.case_id == case_id and one.state in WORKED_ON), None)


async def tasks_of(tx: Transaction, subject_id: str) -> list[Task]:
    """Return what a case or transition asks of whom, the next step first."""
    rows = await tx.fetch(
        "SELECT says, whose, person_id, team, since, due_at, form, item FROM tasks WHERE subject_id = $1"
        " ORDER BY position",
        subject_id,
    )
    return [Task(**dict(row)) for row in rows]


def _case(row: Row) -> KnownCase:
    return KnownCase(row["customer_id"], row["changed_at"], CaseSnapshot.model_validate_json(row["body"]))


def _transition(row: Row) -> KnownTransition:
    return KnownTransition(row["customer_id"], row["changed_at"], TransitionSnapshot.model_validate_json(row["body"]))


async def notices(tx: Transaction, *, limit: int, before: Place | None) -> list[dict[str, Any]]:
    """Return what was sent to this reader, the latest first."""
    at, notice_id = before or (None, "")
    rows = await tx.fetch(
        """
        SELECT notice_id, state, notices.customer_id, coalesce(customers.name, notices.customer_id) AS name, channel,
               notices.at, says, notices.ask_id, taken.person_id AS taken_by, taken.at AS taken_at
        FROM notices
        LEFT JOIN customers ON customers.customer_id = notices.customer_id
        LEFT JOIN taken ON taken.ask_id = notices.ask_id
        WHERE notices.person_id = reader()
          AND ($1::timestamptz IS NULL OR notices.at < $1 OR (notices.at = $1 AND notice_id > $3))
        ORDER BY notices.at DESC, notice_id LIMIT $2
        """,
        at,
        limit,
        notice_id,
    )
    return [dict(row) for row in rows]
