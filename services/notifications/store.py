"""All SQL of notifications."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from services.notifications.domain import Notice, Recipient, State
from shared.contracts.upstream import CustomerChanged, PersonChanged
from shared.database import Pool, Row, Transaction

_DUE = """
    FROM notices
    JOIN customers USING (customer_id)
    JOIN people AS csm ON csm.person_id = customers.csm
    LEFT JOIN people AS manager ON manager.person_id = csm.manager AND NOT csm.active
    WHERE notices.state = 'pending' AND notices.next_attempt_at <= clock_timestamp()
      AND (csm.active OR manager.active)
"""


async def keep_person(tx: Transaction, person: PersonChanged) -> None:
    """Keep how to reach the person, unless a later change is known."""
    await tx.execute(
        """
        INSERT INTO people (person_id, occurred_at, event_id, name, email, time_zone, manager, active)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (person_id) DO UPDATE
        SET occurred_at = excluded.occurred_at, event_id = excluded.event_id, name = excluded.name,
            email = excluded.email, time_zone = excluded.time_zone, manager = excluded.manager,
            active = excluded.active
        WHERE (people.occurred_at, people.event_id) < (excluded.occurred_at, excluded.event_id)
        """,
        person.person_id,
        person.occurred_at,
        person.event_id,
        person.name,
        person.email,
        person.time_zone,
        person.manager,
        person.active,
    )


async def keep_customer(tx: Transaction, customer: CustomerChanged) -> None:
    """Keep the customer's name and CSM, unless a later change is known."""
    await tx.execute(
        """
        INSERT INTO customers (customer_id, occurred_at, event_id, name, csm) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (customer_id) DO UPDATE
        SET occurred_at = excluded.occurred_at, event_id = excluded.event_id, name = excluded.name, csm = excluded.csm
        WHERE (customers.occurred_at, customers.event_id) < (excluded.occurred_at, excluded.event_id)
        """,
        customer.customer_id,
        customer.occurred_at,
        customer.event_id,
        customer.name,
        customer.csm,
    )


async def add_notice(
    tx: Transaction,
    *,
    notice_id: str,
    bucket: int,
    customer_id: str,
    fact: tuple[str, str, str, datetime],
    reasons: Sequence[str],
    state: State,
) -> None:
    """Note that the fact (id, type, correlation id, when) is to be told to whoever looks after the customer."""
    await tx.execute(
        """
        INSERT INTO notices (notice_id, bucket, customer_id, channel, fact_id, fact_type, correlation_id, happened_at,
                             reasons, state)
        VALUES ($1, $2, $3, 'mail', $4, $5, $6, $7, $8, $9) ON CONFLICT (fact_id, channel) DO NOTHING
        """,
        notice_id,
        bucket,
        customer_id,
        *fact,
        json.dumps(list(reasons)),
        state,
    )


async def due(pool: Pool, buckets: Sequence[int], limit: int) -> list[Notice]:
    """Return what is to be sent now and whose recipient is known, oldest first."""
    rows = await pool.fetch(
        f"""
        SELECT notices.*, customers.name AS customer_name,
               CASE WHEN csm.active THEN csm.person_id ELSE manager.person_id END AS person_id,
               CASE WHEN csm.active THEN csm.name ELSE manager.name END AS person_name,
               CASE WHEN csm.active THEN csm.email ELSE manager.email END AS email,
               CASE WHEN csm.active THEN csm.time_zone ELSE manager.time_zone END AS time_zone
        {_DUE} AND notices.bucket = ANY($1::smallint[]) ORDER BY notices.id LIMIT $2
        """,  # a constant
        buckets,
        limit,
    )
    return [_notice(row) for row in rows]


async def count_due(pool: Pool) -> int:
    """Return how many messages are to be sent now."""
    return int(await pool.fetchval(f"SELECT count(*) {_DUE}"))  # a constant


async def mark_sent(tx: Transaction, notice: Notice) -> str | None:
    """Note that the message was handed over; returns the correlation id, None if it was noted before."""
    correlation_id: str | None = await tx.value(
        """
        UPDATE notices SET state = 'sent', attempts = $2, sent_to = $3, last_answer = NULL
        WHERE notice_id = $1 AND state = 'pending' RETURNING correlation_id
        """,
        notice.notice_id,
        notice.attempt,
        notice.recipient.person_id,
    )
    return correlation_id


async def mark_failed(tx: Transaction, notice: Notice, answer: str) -> str | None:
    """Note that the message cannot be handed over, ever; returns the correlation id, None if it was noted before."""
    correlation_id: str | None = await tx.value(
        """
        UPDATE notices SET state = 'failed', attempts = $2, last_answer = $3
        WHERE notice_id = $1 AND state = 'pending' RETURNING correlation_id
        """,
        notice.notice_id,
        notice.attempt,
        answer,
    )
    return correlation_id


async def postpone(tx: Transaction, notice: Notice, answer: str, pause: timedelta) -> None:
    """Note a failed attempt and when to try again."""
    await tx.execute(
        """
        UPDATE notices SET attempts = $2, last_answer = $3, next_attempt_at = clock_timestamp() + $4::interval
        WHERE notice_id = $1 AND state = 'pending'
        """,
        notice.notice_id,
        notice.attempt,
        answer,
        pause,
    )


def _notice(row: Row) -> Notice:
    return Notice(
        notice_id=row["notice_id"],
        customer_id=row["customer_id"],
        customer_name=row["customer_name"],
        fact_id=row["fact_id"],
        fact_type=row["fact_type"],
        happened_at=row["happened_at"],
        reasons=tuple(json.loads(row["reasons"])),
        recipient=Recipient(row["person_id"], row["person_name"], row["email"], row["time_zone"]),
        attempt=row["attempts"] + 1,
    )
