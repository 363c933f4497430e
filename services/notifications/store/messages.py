"""Messages on their way: which may go now, what they hold, and what became of each."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.notifications.domain.attempts import Failure
from services.notifications.domain.message import SHOWN, Item, Message
from services.notifications.domain.recipient import Recipient
from services.notifications.store import falling_back
from shared.database import Pool, Row, Transaction

# A message is one process's as long as that is a member of those that share the work, whoever holds its bucket by now.
_CLAIM = """
    WITH heads AS (
        SELECT id FROM messages AS head
        WHERE state = 'pending' AND channel = $1 AND bucket = ANY($2::smallint[])
          AND next_attempt_at <= clock_timestamp() AND message_id <> ALL($3::text[])
          AND (in_hand_by IS NULL OR in_hand_by = $4 OR NOT EXISTS (
              SELECT FROM leases WHERE name = 'member/' || head.in_hand_by AND expires_at > clock_timestamp()))
          AND NOT EXISTS (
              SELECT FROM messages AS older
              WHERE older.state = 'pending' AND older.recipient = head.recipient AND older.channel = head.channel
                AND older.id < head.id
                AND (older.customer_id IS NOT DISTINCT FROM head.customer_id OR older.about && head.about))
        ORDER BY id LIMIT $5 FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE messages SET in_hand_by = $4 FROM heads WHERE messages.id = heads.id RETURNING messages.*
    )
    SELECT claimed.*, people.active, choices.choices -> 'addresses' ->> $1 AS own_address,
           coalesce(contact.name, people.name) AS name, coalesce(contact.email, people.email) AS email,
           coalesce(people.time_zone, customer.time_zone, 'UTC') AS time_zone
    FROM claimed
    LEFT JOIN people ON NOT to_contact AND people.person_id = recipient
    LEFT JOIN choices ON NOT to_contact AND choices.person_id = recipient
    LEFT JOIN customers AS customer ON to_contact AND customer.customer_id = claimed.customer_id
    LEFT JOIN LATERAL jsonb_to_recordset(customer.contacts) AS contact (contact_id text, name text, email text)
        ON contact.contact_id = recipient
    ORDER BY claimed.id
"""


async def claim(
    pool: Pool, channel: str, buckets: Sequence[int], holder: UUID, *, in_hand: Collection[str] = (), limit: int
) -> list[Message]:
    """Return messages that may go now, which are the holder's from now on, and of no other process.

    Of each recipient the first alone of those that tell of the same customer, so that none overtakes. in_hand: what the
    holder has already.
    """
    if not buckets or not limit:
        return []
    rows = await pool.fetch(_CLAIM, channel, list(buckets), list(in_hand), holder, limit)
    items = await _items(pool, [row["message_id"] for row in rows])
    return [_message(row, *items.get(row["message_id"], ((), 0))) for row in rows]


async def still_own(pool: Pool, ids: Sequence[str], holder: UUID) -> set[str]:
    """Return which of them are to be sent still, and by the holder: time may have gone by since they were claimed."""
    rows = await pool.fetch(
        "SELECT message_id FROM messages WHERE message_id = ANY($1::text[]) AND state = 'pending' AND in_hand_by = $2",
        ids,
        holder,
    )
    return {row["message_id"] for row in rows}


async def _items(pool: Pool, ids: Sequence[str]) -> dict[str, tuple[tuple[Item, ...], int]]:
    rows = await pool.fetch(
        """
        SELECT wanted.message_id AS in_message, shown.* FROM unnest($1::text[]) AS wanted (message_id),
        LATERAL (
            SELECT deliveries.notice_id, deliveries.stands_for, deliveries.instead, tellings.*,
                   coalesce(deliveries.ask_id, tellings.ask_id) AS own_ask_id, customers.name AS customer,
                   customers.contacts, absent.name AS absent_name, count(*) OVER () AS number
            FROM deliveries JOIN tellings ON tellings.id = telling_id
            LEFT JOIN customers ON customers.customer_id = tellings.customer_id
            LEFT JOIN people AS absent ON absent.person_id = stands_for
            WHERE deliveries.message_id = wanted.message_id
            ORDER BY deliveries.notice_id = wanted.message_id DESC,
                     array_position('{critical,high,normal,low}', tellings.urgency), deliveries.id LIMIT $2
        ) AS shown
        """,
        ids,
        SHOWN,
    )
    names = await _names(pool, rows)
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["in_message"], []).append(row)
    return {
        id_: (tuple(_item(one, names) for one in some), some[0]["number"] - len(some)) for id_, some in found.items()
    }


async def _names(pool: Pool, rows: Sequence[Row]) -> Mapping[str, str]:
    """Return the names of the people of ours that messages speak of, by their ids."""
    words = {one for row in rows for one in json.loads(row["says"]).values() if isinstance(one, str) and len(one) < 200}
    found = await pool.fetch("SELECT person_id, name FROM people WHERE person_id = ANY($1::text[])", sorted(words))
    return {row["person_id"]: row["name"] for row in found}


def _item(row: Row, names: Mapping[str, str]) -> Item:
    contacts = {one["contact_id"]: one["name"] for one in json.loads(row["contacts"] or "[]")}
    return Item(
        notice_id=row["notice_id"],
        rule=row["rule"],
        template=row["template"],
        urgency=row["urgency"],
        customer_id=row["customer_id"],
        customer=row["customer"],
        fact_id=row["fact_id"],
        fact_type=row["fact_type"],
        correlation_id=row["correlation_id"],
        happened_at=row["happened_at"],
        says=json.loads(row["says"]),
        ask_id=row["own_ask_id"],
        instead=row["instead"],
        stands_for=row["absent_name"],
        names={**contacts, **names},
    )


def _message(row: Row, items: tuple[Item, ...], more: int) -> Message:
    recipient = Recipient(row["recipient"], row["name"] or "", row["email"] or "", row["time_zone"])
    return Message(
        message_id=row["message_id"],
        channel=row["channel"],
        kind=row["kind"],
        urgency=row["urgency"],
        recipient=recipient,
        address=row["own_address"],
        to_contact=row["to_contact"],
        active=row["to_contact"] or bool(row["active"]),
        made_at=row["made_at"],
        began_at=row["began_at"],
        attempt=row["attempts"] + 1,
        expires_at=row["expires_at"],
        items=items,
        more=more,
    )


@dataclass(frozen=True)
class Outcome:
    """What became of an attempt. answer None: it was taken; pause None: it will never be; counts: one was made.

    own_address: the channel's is the person's own, so that what it will never take goes by mail. gone: that address,
    where nothing will ever be taken there.
    """

    message_id: str
    attempt: int
    answer: str | None = None
    failure: Failure | None = None
    pause: timedelta | None = None
    counts: bool = True
    own_address: bool = False
    gone: str | None = None


async def note(tx: Transaction, outcomes: Sequence[Outcome]) -> None:
    """Note what became of messages; what was said to a contact is erased when it is over."""
    over = [one for one in outcomes if one.pause is None]
    for one in (one for one in outcomes if one.pause is not None):
        await tx.execute(
            """
            UPDATE messages SET attempts = $2, last_answer = $3, last_failure = $4, in_hand_by = NULL,
                                next_attempt_at = clock_timestamp() + $5::interval
            WHERE message_id = $1 AND state = 'pending'
            """,
            one.message_id,
            one.attempt if one.counts else one.attempt - 1,
            one.answer,
            one.failure,
            one.pause,
        )
    if over:
        await tx.execute(
            """
            WITH told AS (
                SELECT * FROM unnest($1::text[], $2::int[], $3::text[], $4::text[])
                    AS one (message_id, attempt, answer, failure)
            ), changed AS (
                UPDATE messages SET state = CASE WHEN told.answer IS NULL THEN 'sent' ELSE 'failed' END,
                                    attempts = told.attempt, last_answer = told.answer, last_failure = told.failure,
                                    in_hand_by = NULL
                FROM told WHERE messages.message_id = told.message_id AND messages.state = 'pending'
                RETURNING messages.message_id, messages.state
            ), marked AS (
                UPDATE deliveries SET state = changed.state
                FROM changed WHERE deliveries.message_id = changed.message_id AND deliveries.state = 'packed'
                RETURNING telling_id
            )
            UPDATE tellings SET says = '{}'
            WHERE contact_id IS NOT NULL AND id IN (SELECT telling_id FROM marked)
            """,
            [one.message_id for one in over],
            [one.attempt for one in over],
            [one.answer for one in over],
            [one.failure for one in over],
        )
        await _fall_back(tx, [one for one in over if one.own_address])


async def _fall_back(tx: Transaction, over: Sequence[Outcome]) -> None:
    if arrived := [one.message_id for one in over if one.answer is None]:
        await falling_back.arrived(tx, arrived)
    if refused := [one.message_id for one in over if one.answer is not None]:
        await falling_back.by_mail(tx, refused)
    if gone := {one.message_id: one.gone for one in over if one.gone is not None}:
        await falling_back.mark(tx, gone)


async def unpublished(tx: Transaction, buckets: Sequence[int], limit: int) -> list[Row]:
    """Return notices whose fate was not told on notifications.v1 yet; marks them as told. What stood aside is in no
    message.
    """
    return await tx.fetch(
        """
        WITH next AS (
            SELECT id FROM deliveries
            WHERE state IN ('sent', 'failed') AND NOT published AND bucket = ANY($1::smallint[])
            ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED
        ), told AS (
            UPDATE deliveries SET published = true WHERE id IN (SELECT id FROM next) RETURNING *
        )
        SELECT told.*, tellings.fact_type, tellings.correlation_id,
               coalesce(told.ask_id, tellings.ask_id) AS own_ask_id,
               coalesce(messages.last_answer, told.why) AS last_answer
        FROM told JOIN tellings ON tellings.id = told.telling_id
        LEFT JOIN messages ON messages.message_id = told.message_id
        ORDER BY told.id
        """,
        buckets,
        limit,
    )


async def count_due(pool: Pool, now: object) -> int:
    """Return how many things are to be told or sent now."""
    return int(
        await pool.fetchval(
            """
            SELECT (SELECT count(*) FROM tellings WHERE state = 'new')
                 + (SELECT count(*) FROM deliveries WHERE state = 'due' AND due_at <= $1)
                 + (SELECT count(*) FROM messages WHERE state = 'pending' AND next_attempt_at <= clock_timestamp())
                 + (SELECT count(*) FROM deliveries WHERE state IN ('sent', 'failed') AND NOT published)
                 + (SELECT count(*) FROM asks WHERE acknowledged_at IS NULL AND escalated_at IS NULL AND due_at <= $1)
            """,
            now,
        )
    )
