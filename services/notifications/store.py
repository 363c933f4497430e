"""All SQL of notifications."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from services.notifications.domain import Intent, Notice, Recipient
from shared.contracts.event import Fact
from shared.contracts.upstream import CustomerChanged, PersonChanged
from shared.database import Pool, Row, Transaction

_DUE = """
    FROM notices
    LEFT JOIN customers USING (customer_id)
    LEFT JOIN people AS own
        ON notices.contact_id IS NULL AND own.person_id = coalesce(notices.person_id, customers.csm)
    LEFT JOIN people AS manager ON manager.person_id = own.manager AND NOT own.active
    LEFT JOIN LATERAL jsonb_to_recordset(customers.contacts) AS contact (contact_id text, name text, email text)
        ON contact.contact_id = notices.contact_id
    WHERE notices.state = 'pending' AND notices.next_attempt_at <= clock_timestamp()
      AND (own.active OR manager.active OR contact.email IS NOT NULL)
"""


async def keep_person(tx: Transaction, person: PersonChanged) -> None:
    """Keep how to reach the person, unless a later change is known."""
    await tx.execute(
        """
        INSERT INTO people (person_id, occurred_at, event_id, name, email, time_zone, manager, roles, active)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (person_id) DO UPDATE
        SET occurred_at = excluded.occurred_at, event_id = excluded.event_id, name = excluded.name,
            email = excluded.email, time_zone = excluded.time_zone, manager = excluded.manager,
            roles = excluded.roles, active = excluded.active
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
        person.active,
    )


async def admins(tx: Transaction) -> list[str]:
    """Return the administrators who are here."""
    rows = await tx.fetch("SELECT person_id FROM people WHERE active AND 'admin' = ANY(roles) ORDER BY person_id")
    return [row["person_id"] for row in rows]


async def keep_customer(tx: Transaction, customer: CustomerChanged) -> None:
    """Keep the customer's name, CSM, contacts and time zone, unless a later change is known."""
    contacts = [
        {"contact_id": one.contact_id, "name": one.name, "email": one.email} for one in customer.contacts if one.email
    ]
    await tx.execute(
        """
        INSERT INTO customers (customer_id, occurred_at, event_id, name, csm, contacts, time_zone)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (customer_id) DO UPDATE
        SET occurred_at = excluded.occurred_at, event_id = excluded.event_id, name = excluded.name, csm = excluded.csm,
            contacts = excluded.contacts, time_zone = excluded.time_zone
        WHERE (customers.occurred_at, customers.event_id) < (excluded.occurred_at, excluded.event_id)
        """,
        customer.customer_id,
        customer.occurred_at,
        customer.event_id,
        customer.name,
        customer.csm,
        json.dumps(contacts),
        customer.time_zone,
    )


async def add_notice(tx: Transaction, intent: Intent, fact: Fact) -> None:
    """Note that the fact is to be told; once, whoever asks again."""
    await tx.execute(
        """
        INSERT INTO notices (notice_id, bucket, customer_id, person_id, channel, fact_id, fact_type, correlation_id,
                             happened_at, says, state, contact_id, expires_at)
        VALUES ($1, $2, $3, $4, 'mail', $5, $6, $7, $8, $9, $10, $11, $12)
        ON CONFLICT (fact_id, channel, person_id) DO NOTHING
        """,
        intent.notice_id,
        intent.bucket,
        intent.customer_id,
        intent.person_id,
        fact.event_id,
        fact.type,
        fact.correlation_id,
        fact.occurred_at,
        json.dumps(dict(intent.says)),
        intent.state,
        intent.contact_id,
        intent.expires_at,
    )


async def due(pool: Pool, buckets: Sequence[int], limit: int) -> list[Notice]:
    """Return what is to be sent now and whose recipient is known, oldest first."""
    rows = await pool.fetch(
        f"""
        SELECT notices.*, customers.name AS customer_name,
               coalesce(notices.contact_id, CASE WHEN own.active THEN own.person_id ELSE manager.person_id END)
                   AS recipient,
               coalesce(contact.name, CASE WHEN own.active THEN own.name ELSE manager.name END) AS person_name,
               coalesce(contact.email, CASE WHEN own.active THEN own.email ELSE manager.email END) AS email,
               coalesce(CASE WHEN own.active THEN own.time_zone ELSE manager.time_zone END, customers.time_zone)
                   AS time_zone
        {_DUE} AND notices.bucket = ANY($1::smallint[]) ORDER BY notices.id LIMIT $2
        """,  # a constant
        buckets,
        limit,
    )
    return [_notice(row) for row in rows]


async def count_due(pool: Pool) -> int:
    """Return how many messages are to be sent now."""
    return int(await pool.fetchval(f"SELECT count(*) {_DUE}"))  # a constant


async def expire(pool: Pool, now: datetime) -> None:
    """Give up what was released and not sent within its life; what it said is erased."""
    await pool.execute(
        "UPDATE notices SET state = 'expired', says = '{}' WHERE state = 'pending' AND expires_at <= $1", now
    )


async def mark_sent(tx: Transaction, notice: Notice) -> str | None:
    """Note that the message was handed over; returns the correlation id, None if it was noted before."""
    correlation_id: str | None = await tx.value(
        """
        UPDATE notices SET state = 'sent', attempts = $2, sent_to = $3, last_answer = NULL,
                           says = CASE WHEN contact_id IS NULL THEN says ELSE '{}' END
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
        UPDATE notices SET state = 'failed', attempts = $2, last_answer = $3,
                           says = CASE WHEN contact_id IS NULL THEN says ELSE '{}' END
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
        says=json.loads(row["says"]),
        recipient=Recipient(row["recipient"], row["person_name"], row["email"], row["time_zone"]),
        attempt=row["attempts"] + 1,
        expires_at=row["expires_at"],
    )
