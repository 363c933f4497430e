"""A lane at work for tests: a handler that notes its effect, and does before it whatever the test says."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from aiokafka import ConsumerRecord
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared import parking
from shared.casework import Casework, Done, Lane
from shared.contracts.event import Message
from shared.contracts.health import RiskDetected
from shared.contracts.plans.commands import OpenCase
from shared.contracts.releases import MessageReleased
from shared.contracts.topics import ACTION_PLANS_COMMANDS, CUSTOMERS, HEALTH, RELEASES
from shared.contracts.upstream import CustomerChanged
from shared.database import Pool, Transaction
from shared.firehose import Firehose, Taken

KEY = Ed25519PrivateKey.generate()
EFFECTS = """
    CREATE TABLE action_plans.effects (
        id bigint GENERATED ALWAYS AS IDENTITY, customer_id text, event_id text, seq bigint, quiet boolean
    );
    GRANT SELECT, INSERT ON action_plans.effects TO action_plans;
"""
Before = Callable[[Any, Transaction], Awaitable[None]]


async def _nothing(message: Message, tx: Transaction) -> None:
    return None


class Poison(Exception):
    """A handler's own failure; the text plays customer data that no log may show."""


class Desk:
    """Both lanes of a service whose one effect is a row per message in the table `effects`."""

    def __init__(self, pool: Pool, schema: str = "action_plans") -> None:
        """`before` is awaited in front of each effect, `after` behind it."""
        self.pool = pool
        self.before: Before = _nothing
        self.after: Before = _nothing
        casework = Casework(schema)
        casework.on(HEALTH, RiskDetected)(self._note)
        casework.on(CUSTOMERS, CustomerChanged)(self._note)
        casework.on(RELEASES, MessageReleased)(self._note)
        casework.on(ACTION_PLANS_COMMANDS, OpenCase)(self._carry_out)
        self.unknown = casework.unknown
        self.lane: Lane = casework.connect(pool, lambda: datetime.now(UTC), {"tests": KEY.public_key()})
        self.firehose = Firehose(schema, pool, lambda: datetime.now(UTC), self._apply)
        self.batches: list[int] = []

    async def take(self, *records: ConsumerRecord[Any, Any]) -> None:
        """Take records one by one, as the casework lane does."""
        await self.lane.take(records)

    async def effects(self, customer: str | None = None) -> list[int]:
        """Return the numbers of what had an effect, in order."""
        rows = await self.pool.fetch(
            "SELECT seq FROM effects WHERE customer_id = coalesce($1, customer_id) ORDER BY id", customer
        )
        return [row["seq"] for row in rows]

    async def letters(self, *, is_open: bool = True) -> list[tuple[str, str | None, int | None]]:
        """Return (kind, customer, number) of what is kept and not resolved (or resolved)."""
        rows = await self.pool.fetch(
            "SELECT kind, key, seq FROM dead_letters WHERE (resolved_at IS NULL) = $1 ORDER BY key, seq, id", is_open
        )
        return [(row["kind"], row["key"], row["seq"]) for row in rows]

    async def ask(self, *, send: bool = False) -> None:
        """Ask for the replay of everything that is open, as an operator does."""
        await self.pool.execute(
            "UPDATE dead_letters SET replay_at = clock_timestamp(), replay_send = $1 WHERE resolved_at IS NULL", send
        )

    async def replay(self) -> None:
        """Replay what is asked for, until nothing is."""
        async with asyncio.timeout(20):  # a record that stays asked for would be replayed for ever
            while letters := await parking.asked_for(self.pool):
                for letter in letters:
                    await self.lane.replay(letter)

    async def _note(self, message: Any, tx: Transaction) -> None:
        await self.before(message, tx)
        await self._effect(message, tx)
        await self.after(message, tx)

    async def _carry_out(self, command: OpenCase, tx: Transaction) -> Done:
        await self._note(command, tx)
        return Done(f"by {tx.actor}", 1)

    async def _effect(self, message: Message, tx: Transaction) -> None:
        await tx.execute(
            "INSERT INTO effects (customer_id, event_id, seq, quiet) VALUES ($1, $2, $3, $4)",
            message.key,
            message.event_id,
            getattr(message, "seq", None),
            tx.quiet,
        )

    async def _apply(self, batch: Sequence[Taken], tx: Transaction) -> None:
        self.batches.append(len(batch))
        for taken in batch:
            await self.before(taken.message, tx)
        await tx.execute_many(
            "INSERT INTO effects (customer_id, event_id, seq, quiet) VALUES ($1, $2, $3, $4)",
            [(taken.message.key, taken.message.event_id, taken.partition, tx.quiet) for taken in batch],
        )


def failing(*numbers: int) -> Before:
    """Fail by itself on facts with these numbers."""

    async def fail(message: Any, tx: Transaction) -> None:
        if getattr(message, "seq", None) in numbers:
            raise Poison("Jane Doe, jane@example.com")

    return fail
