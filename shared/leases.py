"""Leases: replicas of a service divide its background work, and none does it twice.

Each replica holds a fair share of the customers' buckets, renewed every two seconds. A replica that dies or freezes
loses its share when the lease runs out, by the database's clock; one that thaws finds out before it works on, and what
it repeats at worst is a send with the same id.
"""

import asyncio
import time
from uuid import UUID, uuid4

import structlog

from shared.database import BUCKETS, Pool, is_transient

LIFE = 6.0  # seconds
RENEW_EVERY = 2.0
MARGIN = 1.0  # a lease is not used in its last second

log = structlog.get_logger(__name__)


class Leases:
    """The buckets that this process may work on now."""

    def __init__(self, pool: Pool) -> None:
        """Nothing is held until `run` has claimed it."""
        self._pool = pool
        self._holder = uuid4()
        self._buckets: tuple[int, ...] = ()
        self._until = 0.0
        self._leaving: list[str] = []

    @property
    def holder(self) -> UUID:
        """By what this process is known among the members."""
        return self._holder

    @property
    def buckets(self) -> tuple[int, ...]:
        """The buckets held; empty when the lease could not be renewed in time."""
        return self._buckets if time.monotonic() < self._until else ()

    async def run(self) -> None:
        """Claim and renew until cancelled; then give everything back."""
        try:
            while True:
                try:
                    await self.renew()
                except Exception as error:
                    if not is_transient(error):
                        raise
                    log.warning("leases not renewed", exc_info=error)
                await asyncio.sleep(RENEW_EVERY)
        finally:
            await self._give_back()

    async def renew(self) -> None:
        """Renew what is held and move towards a fair share.

        What is over it is not used from now on, and given up at the next renewal, when nothing is in hand any more.
        """
        asked = time.monotonic()
        async with self._pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(_RENEW, self._holder, LIFE, BUCKETS, self._leaving)
        claimed = sorted(int(row["bucket"]) for row in rows)
        share = rows[0]["share"] if rows else 0
        held, over = tuple(claimed[:share]), claimed[share:]
        if held != self._buckets:
            log.info("leases", count=len(held))
        self._buckets, self._until = held, asked + LIFE - MARGIN
        self._leaving = [f"bucket/{bucket}" for bucket in over]

    async def _give_back(self) -> None:
        self._buckets = ()
        try:
            async with asyncio.timeout(2), self._pool.acquire() as connection:
                await connection.execute("DELETE FROM leases WHERE holder = $1", self._holder)
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("leases not given back: they run out by themselves", exc_info=error)


_RENEW = """
WITH me AS (
    INSERT INTO leases (name, holder, expires_at)
    VALUES ('member/' || $1::uuid, $1::uuid, clock_timestamp() + make_interval(secs => $2::float))
    ON CONFLICT (name) DO UPDATE SET expires_at = excluded.expires_at RETURNING name
), members AS (
    SELECT count(*) + (SELECT count(*) FROM me WHERE name NOT IN (SELECT name FROM leases)) AS number
    FROM leases WHERE name LIKE 'member/%' AND (expires_at > clock_timestamp() OR holder = $1)
), share AS (
    SELECT ceil($3::int::float / greatest(number, 1))::int AS size FROM members
), mine AS (
    SELECT name FROM leases WHERE holder = $1 AND name LIKE 'bucket/%' AND name <> ALL($4::text[])
), given_up AS (
    DELETE FROM leases WHERE holder = $1 AND name = ANY($4::text[])
), free AS (
    SELECT 'bucket/' || number AS name
    FROM generate_series(0, $3::int - 1) AS number LEFT JOIN leases ON leases.name = 'bucket/' || number
    WHERE leases.name IS NULL OR (leases.expires_at < clock_timestamp() AND leases.holder <> $1)
    ORDER BY number
    LIMIT greatest(0, (SELECT size FROM share) - (SELECT count(*) FROM mine))
)
INSERT INTO leases (name, holder, expires_at)
SELECT name, $1, clock_timestamp() + make_interval(secs => $2::float)
FROM (SELECT name FROM mine UNION SELECT name FROM free) AS wanted ORDER BY name
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
    WHERE leases.holder = excluded.holder OR leases.expires_at < clock_timestamp()
RETURNING substr(name, 8)::int AS bucket, (SELECT size FROM share) AS share
"""


async def forget_members(pool: Pool) -> None:
    """Forget the processes that ended without giving their leases back."""
    await pool.execute("DELETE FROM leases WHERE expires_at < clock_timestamp() - interval '1 hour'")
