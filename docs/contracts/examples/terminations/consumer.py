"""What a revenue team does with terminations.v1: stops the bill on the last day, books what is settled, closes once.

PostgreSQL keeps the key of every fact in the transaction of its effect: both are there, or neither is. Kafka's offset
is committed after that. Whatever dies in between, the fact comes again, and its key is known.

    KAFKA=localhost:9092 DATABASE=postgresql://… python consumer.py
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal
from typing import Any

import asyncpg
from faststream import BaseMiddleware, FastStream
from faststream.kafka import KafkaBroker
from faststream.middlewares import AckPolicy

Fact = dict[str, Any]


async def main() -> None:
    """Act on facts until SIGTERM."""
    async with asyncpg.create_pool(os.environ["DATABASE"], min_size=1, max_size=4) as pool:
        broker = KafkaBroker(os.environ["KAFKA"], middlewares=[PauseAfterFailure], graceful_timeout=20)

        @broker.subscriber(
            "terminations.v1",
            group_id="revenue",
            auto_offset_reset="earliest",  # the default, latest, passes over what was told before the first start
            ack_policy=AckPolicy.NACK_ON_ERROR,  # the default, ACK_FIRST, commits before the effect
            no_reply=True,
        )
        async def act(fact: Fact) -> None:
            await act_once(pool, fact)

        await FastStream(broker).run()


class PauseAfterFailure(BaseMiddleware):
    """A fact that cannot be acted on now is tried again a second later; what comes after it waits."""

    async def consume_scope(self, call_next: Callable[[Any], Awaitable[Any]], msg: Any) -> Any:
        """Act, and pause where that fails."""
        try:
            return await call_next(msg)
        except Exception:
            await asyncio.sleep(1)
            raise


async def act_once(pool: Any, fact: Fact) -> None:
    """Act on a fact, unless its key is known. Types and fields that a later version adds are passed over."""
    effect = EFFECTS.get(fact["type"])
    if effect is None:
        return
    async with pool.acquire() as db, db.transaction():
        if await is_new(db, fact):
            await effect(db, fact)


async def is_new(db: Any, fact: Fact) -> bool:
    """Keep the fact's key; tell whether it is new. Of two processes the second waits until the first has committed."""
    sql = "INSERT INTO acted_on (idempotency_key) VALUES ($1) ON CONFLICT DO NOTHING RETURNING true"
    return bool(await db.fetchval(sql, fact["idempotency_key"]))


async def announced_or_changed(db: Any, fact: Fact) -> None:
    """What is told takes the place of everything before."""
    if not await holds(db, fact, "announced"):
        return
    termination = fact["termination"]
    await bill_until(db, fact, date.fromisoformat(termination["effective_on"]))
    await take_back(db, fact)
    for settlement in termination["settlement"]:
        for line in settlement["lines"]:
            await book(db, fact, line["currency"], Decimal(line["amount"]), line["what"])


async def withdrawn(db: Any, fact: Fact) -> None:
    """The relationship goes on: so do its bills, and nothing is owed for an ending."""
    if await holds(db, fact, "withdrawn"):
        await bill_until(db, fact, None)
        await take_back(db, fact)


async def milestone_reached(db: Any, fact: Fact) -> None:
    """Note what is done."""
    await db.execute(
        "INSERT INTO milestones (termination_id, milestone_id, kind, reached_on) VALUES ($1, $2, $3, $4)",
        fact["termination_id"], fact["milestone_id"], fact["kind"], date.fromisoformat(fact["on"]),
    )  # fmt: skip


async def completed(db: Any, fact: Fact) -> None:
    """Close the customer's account."""
    if await holds(db, fact, "completed"):
        await db.execute(
            "INSERT INTO closings (termination_id, customer_id, closed_on) VALUES ($1, $2, $3)",
            fact["termination_id"], fact["customer_id"], date.fromisoformat(fact["effective_on"]),
        )  # fmt: skip


EFFECTS: dict[str, Callable[[Any, Fact], Awaitable[None]]] = {
    "TerminationAnnounced": announced_or_changed,
    "TerminationChanged": announced_or_changed,
    "TerminationWithdrawn": withdrawn,
    "MilestoneReached": milestone_reached,
    "TerminationCompleted": completed,
}


async def holds(db: Any, fact: Fact, state: str) -> bool:
    """Keep how the ending stands; tell whether this is the highest revision so far: a late one changes nothing."""
    sql = """
        INSERT INTO endings (termination_id, customer_id, revision, state) VALUES ($1, $2, $3, $4)
        ON CONFLICT (termination_id) DO UPDATE SET revision = excluded.revision, state = excluded.state
        WHERE endings.revision < excluded.revision RETURNING true
    """
    return bool(await db.fetchval(sql, fact["termination_id"], fact["customer_id"], fact["revision"], state))


async def bill_until(db: Any, fact: Fact, last_day: date | None) -> None:
    """Set the last day that the customer is billed for."""
    sql = """
        INSERT INTO subscriptions (customer_id, billed_until) VALUES ($1, $2)
        ON CONFLICT (customer_id) DO UPDATE SET billed_until = excluded.billed_until
    """
    await db.execute(sql, fact["customer_id"], last_day)


async def take_back(db: Any, fact: Fact) -> None:
    """Book the opposite of what is booked for the ending by now, in each currency."""
    sql = (
        "SELECT currency, sum(amount) FROM bookings WHERE termination_id = $1 GROUP BY currency HAVING sum(amount) <> 0"
    )
    for currency, amount in await db.fetch(sql, fact["termination_id"]):
        await book(db, fact, currency, -amount, "taken back")


async def book(db: Any, fact: Fact, currency: str, amount: Decimal, what: str) -> None:
    """Book an amount; its payment carries the fact's key on to the bank."""
    await db.execute(
        "INSERT INTO bookings (termination_id, idempotency_key, currency, amount, what) VALUES ($1, $2, $3, $4, $5)",
        fact["termination_id"], fact["idempotency_key"], currency, amount, what,
    )  # fmt: skip


if __name__ == "__main__":
    asyncio.run(main())
