"""What is to be told, and who is to take it in hand: kept in the transaction of the inbox, addressed afterwards."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from services.notifications.domain.telling import Delivery, Telling, told_once
from services.notifications.store import over
from shared.contracts.event import Fact
from shared.database import Row, Transaction
from shared.outbox import bucket_of

ASIDE = "telling-"  # and its number: what is asked to be tried again
LONGEST_NUMBER = 18


@dataclass(frozen=True)
class Ask:
    """Something that is to be taken in hand by a moment; next_in_line: audiences with the names that the fact gives;
    done_by: marks of the facts with which it is done; only_asks: nobody needs to hear of it any more then.
    """

    ask_id: str
    customer_id: str | None
    fact_id: str
    rule: str
    once: str
    due_at: datetime
    next_in_line: tuple[tuple[str, tuple[str, ...]], ...]
    done_by: tuple[str, ...] = ()
    only_asks: bool = False


async def add(tx: Transaction, told: Sequence[tuple[Telling, Fact]], asks: Sequence[Ask] = ()) -> None:
    """Note what is to be told; once, whoever asks again."""
    await tx.execute_many(
        """
        INSERT INTO tellings (bucket, rule, audience, once, names, customer_id, contact_id, fact_id, fact_type,
                              correlation_id, happened_at, by, template, urgency, says, ask_id, expires_at, state,
                              stand_ins)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
        ON CONFLICT (rule, audience, once) DO NOTHING
        """,
        [_row(telling, fact.key, fact.correlation_id, fact.occurred_at) for telling, fact in told],
    )
    await tx.execute_many(
        """
        INSERT INTO asks (ask_id, bucket, customer_id, fact_id, rule, once, next, due_at, done_by, only_asks)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING
        """,
        [
            (
                one.ask_id,
                bucket_of(one.customer_id or one.ask_id),
                one.customer_id,
                one.fact_id,
                one.rule,
                one.once,
                json.dumps(one.next_in_line),
                one.due_at,
                list(one.done_by),
                one.only_asks,
            )
            for one in asks
        ],
    )


async def settle(tx: Transaction, marks: Sequence[str], asked_anew: Collection[str]) -> list[Row]:
    """Note that what facts with these marks do is done by now, where nobody took it in hand; whoever has not heard of
    it hears no more of it. asked_anew: asks that are not done, since a fact of the same moment asks for them.

    Returns each ask with its customer, the fact that asked, and the mark by which it is done.
    """
    if not marks:
        return []
    rows = await tx.fetch(
        """
        UPDATE asks SET acknowledged_at = $2
        WHERE acknowledged_at IS NULL AND done_by && $1::text[] AND ask_id <> ALL($3::text[])
        RETURNING ask_id, customer_id, fact_id,
                  (SELECT mark FROM unnest(done_by) AS mark WHERE mark = ANY($1::text[]) LIMIT 1) AS mark
        """,
        marks,
        tx.now,
        list(asked_anew),
    )
    await over.withdraw(tx, [row["ask_id"] for row in rows], over.DONE)
    return rows


def _row(one: Telling, key: str, correlation_id: str, happened_at: datetime) -> tuple[object, ...]:
    return (
        bucket_of(key),
        one.rule,
        one.audience,
        one.once,
        list(one.names),
        one.customer_id,
        one.contact_id,
        one.fact_id,
        one.fact_type,
        correlation_id,
        happened_at,
        one.by,
        one.template,
        one.urgency,
        json.dumps(dict(one.says)),
        one.ask_id,
        one.expires_at,
        one.state,
        list(one.stand_ins),
    )


async def add_trial(tx: Transaction, telling: Telling, channel: str) -> None:
    """Note a message that asks for nothing, to the one person that it names, on one channel, now."""
    (person_id,) = telling.names
    row = _row(replace(telling, state="told"), person_id, telling.fact_id, tx.now)
    id_ = await tx.value(
        """
        INSERT INTO tellings (bucket, rule, audience, once, names, customer_id, contact_id, fact_id, fact_type,
                              correlation_id, happened_at, by, template, urgency, says, ask_id, expires_at, state,
                              stand_ins)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) RETURNING id
        """,
        *row,
    )
    now = Delivery(person_id, channel, tx.now, alone=True)
    await note_addressed(tx, [(replace(telling, telling_id=id_), [now])])


async def in_messages(tx: Transaction, message_ids: Sequence[str]) -> list[tuple[Telling, Row]]:
    """Return what messages told that have failed, and is not over, each with its delivery; a trial told nothing."""
    rows = await tx.fetch(
        f"""
        SELECT tellings.*, recipient, stands_for, digest, instead,
               coalesce(deliveries.ask_id, tellings.ask_id) AS own_ask_id
        FROM deliveries JOIN tellings ON tellings.id = telling_id
        WHERE message_id = ANY($1::text[]) AND deliveries.state = 'failed' AND rule <> 'trial'
          AND NOT {over.OVER}
        ORDER BY deliveries.id
        """,  # noqa: S608  # of constants
        message_ids,
    )
    return [(_telling(row), row) for row in rows]


async def to_address(tx: Transaction, buckets: Sequence[int], limit: int) -> list[Telling]:
    """Return what nobody looked at yet, oldest first; and what waits for a copy, if the last look is a second ago."""
    rows = await tx.fetch(_NEW, buckets, limit) + await tx.fetch(_WAITING, buckets, limit)
    return [_telling(row) for row in rows]


_NEW = """
    SELECT * FROM tellings WHERE state = 'new' AND bucket = ANY($1::smallint[])
    ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED
"""
_WAITING = """
    SELECT * FROM tellings
    WHERE state = 'waiting' AND bucket = ANY($1::smallint[]) AND looked_at < clock_timestamp() - interval '1 second'
    ORDER BY looked_at LIMIT $2 FOR UPDATE SKIP LOCKED
"""


def _telling(row: Row) -> Telling:
    return Telling(
        rule=row["rule"],
        who=row["audience"].removeprefix("next: ").partition(" ")[0],
        names=tuple(row["names"]),
        audience=row["audience"],
        once=row["once"],
        customer_id=row["customer_id"],
        fact_id=row["fact_id"],
        fact_type=row["fact_type"],
        by=row["by"],
        urgency=row["urgency"],
        template=row["template"],
        says={},
        telling_id=row["id"],
        ask_id=row["ask_id"],
        turn=row["turn"],
        contact_id=row["contact_id"],
        expires_at=row["expires_at"],
        waits_since=row["waits_since"],
        stand_ins=tuple(row["stand_ins"]),
    )


async def note_addressed(tx: Transaction, told: Sequence[tuple[Telling, Sequence[Delivery]]]) -> None:
    """Note who is told, and that what was addressed to nobody reaches nobody; that goes to the next in line at once,
    if it asks for a hand.

    Who is told of the fact already is told of what is more urgent instead, as long as nothing was sent.
    """
    await tx.execute_many(_DELIVER, [_delivery(telling, one) for telling, one in told_once(told)])
    nobody = [one for one, deliveries in told if not deliveries]
    for state, ids in (
        ("told", [one.telling_id for one, deliveries in told if deliveries]),
        ("nobody", [one.telling_id for one in nobody]),
    ):
        if ids:
            await tx.execute(
                "UPDATE tellings SET state = $2, why = NULL, waits_since = NULL WHERE id = ANY($1::bigint[])",
                ids,
                state,
            )
    await _pass_on(tx, nobody)


def _delivery(telling: Telling, one: Delivery) -> tuple[object, ...]:
    return (
        notice_id(telling, one),
        bucket_of(one.recipient),
        telling.telling_id,
        telling.fact_id,
        telling.turn,
        one.recipient,
        one.stands_for,
        one.channel,
        telling.customer_id,
        telling.urgency,
        one.due_at,
        one.digest,
        one.alone,
        one.state,
        one.ask_id,
        one.instead,
    )


# What had moved on and comes back is due when it was, as another notice: the message of the former one was given up.
_DELIVER = """
    INSERT INTO deliveries (notice_id, bucket, telling_id, fact_id, turn, recipient, stands_for, channel,
                            customer_id, urgency, due_at, digest, alone, state, ask_id, instead)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
    ON CONFLICT (fact_id, turn, channel, recipient) DO UPDATE
    SET notice_id = CASE deliveries.state WHEN 'moved' THEN md5(deliveries.notice_id)::uuid::text
                                          ELSE deliveries.notice_id END,
        telling_id = excluded.telling_id, urgency = excluded.urgency, stands_for = excluded.stands_for,
        due_at = least(deliveries.due_at, excluded.due_at), digest = excluded.digest, state = excluded.state,
        ask_id = coalesce(excluded.ask_id, deliveries.ask_id), instead = excluded.instead, why = NULL, message_id = NULL
    WHERE deliveries.state = 'moved'
       OR (deliveries.state IN ('due', 'quiet') AND array_position('{low,normal,high,critical}', excluded.urgency)
                                                  > array_position('{low,normal,high,critical}', deliveries.urgency))
"""


async def _pass_on(tx: Transaction, nobody: Sequence[Telling]) -> None:
    """Have what asks for a hand, and reached nobody by any audience, passed on now."""
    if asked := sorted({one.ask_id for one in nobody if one.ask_id is not None and one.turn == 0}):
        await tx.execute(
            """
            UPDATE asks SET due_at = $2, nobody = true
            WHERE ask_id = ANY($1::text[]) AND acknowledged_at IS NULL AND escalated_at IS NULL
              AND NOT EXISTS (SELECT FROM tellings WHERE tellings.ask_id = asks.ask_id AND turn = 0
                                AND tellings.state IN ('new', 'waiting', 'told'))
            """,
            asked,
            tx.now,
        )


def notice_id(telling: Telling, delivery: Delivery) -> str:
    """Return what the notice is known by, for ever: the same for this recipient, channel and fact."""
    about = f"{telling.fact_id}:{delivery.channel}:{delivery.recipient}"
    return str(uuid5(NAMESPACE_URL, f"amicable:notice:{about}" + ":again" * telling.turn))


async def note_waiting(tx: Transaction, waiting: Sequence[tuple[int, str]]) -> None:
    """Note that whoever is meant is not known yet: why, by telling, and since when."""
    await tx.execute(
        """
        UPDATE tellings SET state = 'waiting', looked_at = clock_timestamp(), why = waiting.why,
                            waits_since = coalesce(waits_since, $3)
        FROM unnest($1::bigint[], $2::text[]) AS waiting (id, why) WHERE tellings.id = waiting.id
        """,
        [id_ for id_, _ in waiting],
        [why for _, why in waiting],
        tx.now,
    )


async def set_aside(tx: Transaction, telling: Telling, why: str) -> None:
    """Keep what cannot be addressed where people see it: it is told to nobody until it is tried again."""
    await tx.execute("UPDATE tellings SET state = 'failed', why = $2 WHERE id = $1", telling.telling_id, why)
    await _pass_on(tx, [telling])


async def try_again(tx: Transaction, name: str) -> bool:
    """Have what stood aside addressed again, by the name that it has until it is a notice; returns whether it did."""
    return bool(
        await tx.value(
            "UPDATE tellings SET state = 'new', why = NULL WHERE id = $1 AND state = 'failed' RETURNING true",
            number_of(name),
        )
    )


def number_of(name: str) -> int | None:
    """Return the number of a telling by the name that it has until it is a notice; None where it is no such name."""
    number = name.removeprefix(ASIDE)
    return None if number == name or not number.isdecimal() or len(number) > LONGEST_NUMBER else int(number)


async def late(tx: Transaction, buckets: Sequence[int], limit: int) -> list[Row]:
    """Return asks that nobody took in hand in time, or that nobody could be asked for."""
    return await tx.fetch(
        """
        SELECT * FROM asks
        WHERE acknowledged_at IS NULL AND escalated_at IS NULL AND due_at <= $1 AND bucket = ANY($2::smallint[])
        ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED
        """,
        tx.now,
        buckets,
        limit,
    )


async def escalate(tx: Transaction, asks: Sequence[Row]) -> None:
    """Pass them to the next in line, once."""
    await tx.execute(
        "UPDATE asks SET escalated_at = $1 WHERE ask_id = ANY($2::text[])", tx.now, [row["ask_id"] for row in asks]
    )
    for row in asks:
        how = {"instead": "nobody"} if row["nobody"] else {"escalated": True}
        for audience, names in json.loads(row["next"]):
            next_ = f"next: {audience}"
            await tx.execute(_NEXT_IN_LINE, row["rule"], row["once"], next_, names, json.dumps(how))


async def try_later(tx: Transaction, ask: Row, pause: timedelta) -> None:
    """Have what could not be passed on tried again later."""
    await tx.execute("UPDATE asks SET due_at = $2 WHERE ask_id = $1", ask["ask_id"], tx.now + pause)


_NEXT_IN_LINE = """
    INSERT INTO tellings (bucket, rule, audience, once, names, customer_id, fact_id, fact_type, correlation_id,
                          happened_at, template, urgency, says, ask_id, turn, state, stand_ins)
    SELECT bucket, rule, $3, once, $4::text[], customer_id, fact_id, fact_type, correlation_id, happened_at, template,
           urgency, says || $5::jsonb, ask_id, 1, 'new', stand_ins
    FROM tellings WHERE rule = $1 AND once = $2 AND state <> 'expired' ORDER BY id LIMIT 1
    ON CONFLICT (rule, audience, once) DO NOTHING
"""


async def expire(tx: Transaction) -> None:
    """Give up what was released to a contact and not sent within its life; what it said is erased."""
    await tx.execute(
        """
        WITH gone AS (
            UPDATE tellings SET state = CASE WHEN state IN ('new', 'waiting') THEN 'expired' ELSE state END, says = '{}'
            WHERE contact_id IS NOT NULL AND expires_at <= $1 AND says <> '{}'
            RETURNING id
        ), given_up AS (
            UPDATE deliveries SET state = 'expired'
            WHERE telling_id IN (SELECT id FROM gone) AND state IN ('due', 'packed') RETURNING message_id
        )
        UPDATE messages SET state = 'expired'
        WHERE message_id IN (SELECT message_id FROM given_up) AND state = 'pending'
        """,
        tx.now,
    )
