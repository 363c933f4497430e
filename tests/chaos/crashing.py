"""Runs a service that kills itself (kill -9) at a chosen point, when a marked customer passes there.

`python -m tests.chaos.crashing SERVICE POINT`; CRASH_MARK in the environment is what the customer's id begins with.
"""

import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaProducer

from amicable.service_process import run
from services.notifications.channels.smtp import Smtp
from shared import database, inbox, outbox
from shared.casework import Lane
from shared.firehose import Firehose
from shared.messaging import Intake
from shared.relay import Relay

MARK = os.environ.get("CRASH_MARK", "nobody")


def die() -> None:
    """kill -9, of oneself: nothing is cleaned up."""
    os.kill(os.getpid(), signal.SIGKILL)


def marked(*things: Any) -> bool:
    """Tell whether one of these is about the marked customer."""
    return any(MARK in str(getattr(thing, "key", thing)) for thing in things)


def before_inbox() -> None:
    """The record is read and its customer locked; the inbox has not seen it."""
    _before(inbox, "take", lambda _tx, message: marked(message))


def after_effect() -> None:
    """What was decided and the outbox rows are written, and nothing is committed."""
    _after(outbox, "add_many", lambda _tx, messages: marked(*(message for _, message in messages)))


def before_commit() -> None:
    """Everything is done in the transaction; COMMIT was not sent."""
    _around_transaction(before=True)


def after_commit() -> None:
    """Committed; the handler has not returned."""
    _around_transaction(before=False)


def before_offset() -> None:
    """The lane is done with the record; its offset is not committed."""
    _before(Intake, "_commit", lambda _self, message: marked(message.raw_message.key or b""))


def during_send() -> None:
    """The relay has handed a row to the producer, which may have sent it."""
    real = AIOKafkaProducer.send

    async def send(self: Any, topic: str, value: bytes, **more: Any) -> Any:
        future = await real(self, topic, value, **more)
        if marked(more["key"]):
            await self.flush()
            die()
        return future

    AIOKafkaProducer.send = send


def before_mark() -> None:
    """Kafka has acknowledged the row; it is not marked as published."""
    _after(Relay, "_send", lambda _self, rows: any(MARK in row["key"] for row in rows))


def while_draining() -> None:
    """SIGTERM came while the record was in hand; the outbox is being drained."""
    real = Lane._once

    async def once(self: Any, record: Any, *, quiet: bool) -> None:
        await real(self, record, quiet=quiet)
        if marked(record.key or b""):
            os.kill(os.getpid(), signal.SIGTERM)

    Lane._once = once  # type: ignore[method-assign]
    _before(Relay, "drain", lambda *_: True)


POINTS: dict[str, Callable[[], None]] = {
    point.__name__: point
    for point in (
        before_inbox, after_effect, before_commit, after_commit, before_offset, during_send, before_mark, while_draining
    )
}  # fmt: skip


def batch_before_commit() -> None:
    """The batch of the firehose is applied; COMMIT was not sent."""
    real = Firehose._once

    async def once(self: Any, records: Any, **how: Any) -> None:
        apply = self._apply

        async def applied(batch: Any, tx: Any) -> None:
            await apply(batch, tx)
            die()

        if marked(*(record.key for record in records)):
            self._apply = applied
        await real(self, records, **how)

    Firehose._once = once  # type: ignore[method-assign]


def piece_committed() -> None:
    """The first piece of the batch is committed; others of it may not be, and its offsets are not."""
    _after(Firehose, "_once", lambda _self, records, **_: marked(*(record.key for record in records)))


def batch_before_offset() -> None:
    """The lane is done with the batch; its offsets are not committed."""
    _before(Intake, "_commit", lambda _self, message: marked(*(record.key for record in message.raw_message)))


def after_hand_over() -> None:
    """The SMTP server has taken the mail; that is not noted."""
    _after(Smtp, "send", lambda _self, parcel: marked(parcel.subject))


OTHERS: dict[str, Callable[[], None]] = {
    point.__name__: point for point in (batch_before_commit, piece_committed, batch_before_offset, after_hand_over)
}


def _before(owner: Any, name: str, condition: Callable[..., bool]) -> None:
    real = getattr(owner, name)

    async def dying(*args: Any, **more: Any) -> Any:
        if condition(*args, **more):
            die()
        return await real(*args, **more)

    setattr(owner, name, dying)


def _after(owner: Any, name: str, condition: Callable[..., bool]) -> None:
    real = getattr(owner, name)

    async def dying(*args: Any, **more: Any) -> Any:
        result = await real(*args, **more)
        if condition(*args, **more):
            die()
        return result

    setattr(owner, name, dying)


def _around_transaction(*, before: bool) -> None:
    real, lock = database.transaction, database.lock_customer
    armed = False

    async def locking(tx: Any, key: str) -> None:
        nonlocal armed
        await lock(tx, key)
        armed = armed or marked(key)

    @asynccontextmanager
    async def transaction(*args: Any, **more: Any) -> AsyncIterator[Any]:
        async with real(*args, **more) as tx:
            yield tx
            if armed and before:
                die()
        if armed:
            die()

    database.lock_customer, database.transaction = locking, transaction


if __name__ == "__main__":
    (POINTS | OTHERS)[sys.argv[2]]()
    run(sys.argv[1])
