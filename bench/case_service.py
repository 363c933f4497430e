"""The lane and the sweep of action_plans on a real Postgres, with a clock to set: one case comes far, and is copied."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import psutil
from aiokafka import ConsumerRecord
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from amicable import migrate
from amicable.runtime.home import Home
from amicable.runtime.postgres import running_postgres
from services.action_plans.domain import plan as plans
from services.action_plans.handlers import hearing, planning
from services.action_plans.keeping import Cause, Keeper
from services.action_plans.signing import Signer
from services.action_plans.store import cases
from services.action_plans.sweeping import Sweep
from shared import actors, database
from shared.casework import Lane
from shared.contracts.event import Message
from shared.contracts.topics import ACTION_PLANS_COMMANDS
from shared.database import BUCKETS, Pool
from shared.outbox import bucket_of

SAMPLE_SECONDS = 0.05
COPIES = (  # of $1: one customer and its case, for each name and bucket; a record goes on from its last row
    """
    INSERT INTO customers (customer_id, occurred_at, event_id, csm, name, time_zone, contacts, executive_sponsor)
    SELECT other.name, occurred_at, event_id, csm, customers.name, time_zone, contacts, executive_sponsor
    FROM customers, unnest($2::text[], $3::smallint[]) AS other (name, bucket) WHERE customer_id = $1
    """,
    """
    INSERT INTO cases SELECT (jsonb_populate_record(cases, jsonb_build_object(
        'case_id', 'case-' || other.name, 'customer_id', other.name, 'bucket', other.bucket,
        'content', replace(replace(content, case_id, 'case-' || other.name), '"' || $1 || '"', '"' || other.name || '"')
    ))).*
    FROM cases, unnest($2::text[], $3::smallint[]) AS other (name, bucket) WHERE customer_id = $1
    """,
    """
    INSERT INTO record SELECT (jsonb_populate_record(record, jsonb_build_object('case_id', 'case-' || other.name))).*
    FROM record, unnest($2::text[], $3::smallint[]) AS other (name, bucket)
    WHERE (case_id, number) IN (SELECT case_id, chain_number FROM cases WHERE customer_id = $1)
    """,
    """
    INSERT INTO plan_versions
    SELECT (jsonb_populate_record(plan_versions, jsonb_build_object('case_id', 'case-' || other.name))).*
    FROM plan_versions, unnest($2::text[], $3::smallint[]) AS other (name, bucket)
    WHERE case_id IN (SELECT case_id FROM cases WHERE customer_id = $1)
    """,
)


@dataclass
class CaseService:
    """What runs in this process. leases, buckets: it has all of them; most_megabytes: resident, the most seen."""

    pool: Pool
    admin: str
    now: datetime
    keeper: Keeper = field(default_factory=lambda: Keeper(Signer(Ed25519PrivateKey.generate(), "bench")))
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    buckets: tuple[int, ...] = tuple(range(BUCKETS))
    most_megabytes: float = 0.0

    def __post_init__(self) -> None:
        """Connect the lane and the sweep."""
        self.lane: Lane = hearing.casework(self.keeper).connect(self.pool, self.clock, {"bench": self.key.public_key()})
        self.leases = self
        parts: Any = self
        self._sweep = Sweep(parts, self.keeper, hearing.NAME)
        self._numbers = count(1)

    def clock(self) -> datetime:
        """Return its time."""
        return self.now

    def record(self, topic: str, message: Message, **headers: bytes) -> ConsumerRecord[Any, Any]:
        """Return a message as Kafka hands it over."""
        return ConsumerRecord(
            topic=topic,
            partition=0,
            offset=next(self._numbers),
            timestamp=round(time.time() * 1000),
            timestamp_type=1,
            key=message.key.encode(),
            value=message.body(),
            checksum=None,
            serialized_key_size=-1,
            serialized_value_size=-1,
            headers=tuple(headers.items()),
        )

    async def ask(self, kind: str, customer: str, case_id: str, /, **fields: Any) -> float:
        """Have a command carried out; returns the seconds that it took."""
        about = {"customer_id": customer, "case_id": case_id, "occurred_at": self.now}
        given = {"event_id": f"command-{next(self._numbers)}", **about, **fields}
        asked = ACTION_PLANS_COMMANDS.by_type[kind].model_validate(given)
        at = datetime.now(UTC)
        token = actors.sign(self.key, "bench", person="csm", command_id=asked.event_id, body=asked.body(), at=at)
        record = self.record(ACTION_PLANS_COMMANDS.name, asked, **{actors.HEADER: token.encode()})
        began = time.perf_counter()
        await self.lane.take([record])
        return time.perf_counter() - began

    async def customer_signs(self, customer: str) -> None:
        """Have the customer sign what waits, as its page does."""
        async with database.transaction(self.pool, hearing.NAME, self.now) as tx:
            await database.lock_customer(tx, customer)
            known = await cases.open_of(tx, customer)
            if known is None or known[0].plan.proposed is None:
                return
            case, head = known
            signed = plans.accept(case.plan, "customer", "boss", known[0].plan.proposed.content_hash, tx.now, proof="x")
            decided = planning.accepted(case, signed, "customer", tx.now)
            await self.keeper.keep(tx, decided, head, Cause("page", "page"), by="boss")

    async def copy(self, customer: str, names: list[str]) -> None:
        """Make copies of a customer and its case, under other names."""
        connection = await asyncpg.connect(self.admin, server_settings={"search_path": hearing.NAME})
        try:
            for statement in COPIES:
                await connection.execute(statement, customer, names, [bucket_of(name) for name in names])
            await connection.execute("VACUUM ANALYZE")
            await connection.execute("CHECKPOINT")
        finally:
            await connection.close()

    async def sweep(self) -> int:
        """Do everything that is due now; returns how many cases were looked at."""
        looked = 0
        while found := await self._sweep.sweep():
            looked += found
        return looked

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Note what this process has resident."""
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watching.cancel()

    async def _watch(self) -> None:
        while True:
            self.most_megabytes = max(self.most_megabytes, psutil.Process().memory_info().rss / 1e6)
            await asyncio.sleep(SAMPLE_SECONDS)


@asynccontextmanager
async def case_service(folder: Path, now: datetime) -> AsyncIterator[CaseService]:
    """Start a Postgres that loses nothing, and the service's lane and sweep at it."""
    passwords = {role: secrets.token_hex(8) for role in migrate.ROLES}
    async with running_postgres(Home(folder / "home"), wanted_port=None) as postgres:
        await migrate.migrate(postgres.address, passwords, name="bench")
        own = migrate.with_database(postgres.address, "bench", user=hearing.NAME, password=passwords[hearing.NAME])
        async with database.create_pool(own, schema=hearing.NAME, connections=10) as pool:
            yield CaseService(pool, migrate.with_database(postgres.address, "bench"), now)
