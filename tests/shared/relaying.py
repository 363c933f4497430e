"""A relay in a process of its own: `python -m tests.shared.relaying DSN KAFKA`, until it is ended."""

import asyncio
import sys

from shared import database, relay
from shared.leases import Leases
from tests.shared.outbox_rows import relaying


async def main(dsn: str, kafka: str) -> None:
    """Relay the outbox of action_plans."""
    async with database.create_pool(dsn, schema="action_plans", connections=4) as pool:
        leases = Leases(pool)
        one = relay.Relay(pool, "action_plans", leases, lambda: relay.producer(kafka, "tests"))
        async with relaying(one, leases):
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
