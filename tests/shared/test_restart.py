"""Postgres is restarted under a service: nothing is lost, nothing is doubled, nothing is parked."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import asyncpg

from amicable import migrate
from amicable.runtime.home import Home
from amicable.runtime.postgres import running_postgres
from shared import database
from shared.database import Transaction
from tests.conftest import PASSWORDS
from tests.shared.desk import EFFECTS, Desk
from tests.shared.records import record, risk


async def test_record_in_hand_is_taken_once_when_postgres_is_back(tmp_path: Path) -> None:
    """The server goes in the middle of a transaction; the same call takes the record, without a redelivery."""
    home = Home(tmp_path)
    server = AsyncExitStack()
    first = await server.enter_async_context(running_postgres(home, None, durable=False))
    port = int(first.shown.rpartition(":")[2])
    await migrate.migrate(first.address, PASSWORDS)
    admin = await asyncpg.connect(migrate.with_database(first.address, migrate.DATABASE))
    await admin.execute(EFFECTS)
    await admin.close()
    dsn = migrate.with_database(
        first.address, migrate.DATABASE, user="action_plans", password=PASSWORDS["action_plans"]
    )
    attempts = []

    async def restart(fact: Any, tx: Transaction) -> None:
        attempts.append(fact.seq)
        if attempts == [1, 2]:
            await server.aclose()
            again = await server.enter_async_context(running_postgres(home, port, durable=False))
            assert again.shown == first.shown

    try:
        async with database.create_pool(dsn, schema="action_plans", connections=3) as pool:
            desk = Desk(pool)
            desk.after = restart
            await desk.take(*(record(risk("acme", number)) for number in (1, 2, 3)))
            assert attempts == [1, 2, 2, 3]
            assert await desk.effects() == [1, 2, 3]
            assert await desk.letters() == []
    finally:
        await server.aclose()
