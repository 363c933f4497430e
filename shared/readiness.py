"""Liveness, and a readiness that tells the truth: what is checked is what the service needs to do its work."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from faststream.asgi import AsgiResponse, get

from shared import database
from shared.clock import Clock
from shared.database import Pool
from shared.messaging import Intake

ANSWER_SECONDS = 5.0


@dataclass(frozen=True)
class Limits:
    """From how many seconds on something is not ready: no answer of Kafka, an unpublished row, records handed back."""

    poll: float = 30
    outbox: float = 60
    taking: float = 60


@dataclass(frozen=True)
class Check:
    """One condition: whether it holds, and a sentence about it. counts: the same for programs, since the start."""

    name: str
    ok: bool
    says: str
    counts: Mapping[str, int] = field(default_factory=dict)


class Readiness:
    """Asks the parts of one service. `pending` counts what is due by the clock and not yet done (timers)."""

    def __init__(  # noqa: PLR0913  one keyword for each thing that it asks
        self,
        schema: str,
        pool: Pool,
        intake: Intake,
        clock: Clock,
        pending: Callable[[], Awaitable[int]],
        *,
        unknown: Mapping[str, int],
        limits: Limits | None = None,
        more: Callable[[], Sequence[Check]] = tuple,
    ) -> None:
        """Nothing is asked before a request comes.

        `unknown` counts the records of types that are not known here; `more` are checks of this service alone.
        """
        self._schema = schema
        self._pool = pool
        self._intake = intake
        self._clock = clock
        self._pending = pending
        self._unknown = unknown
        self._limits = limits or Limits()
        self._more = more

    async def checks(self) -> list[Check]:
        """Return every check."""
        return [*await self._database(), *self._consumer(), *self._more()]

    async def _database(self) -> list[Check]:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await database.require_schema(self._pool, self._schema)
                age = await self._pool.fetchval(
                    """
                    SELECT coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float
                    FROM outbox WHERE published_at IS NULL
                    """
                )
        except database.SchemaBehind as behind:
            return [Check("database", ok=True, says="answers"), Check("migrations", ok=False, says=str(behind))]
        except Exception as error:
            if not database.is_transient(error):
                raise
            return [Check("database", ok=False, says=f"does not answer ({type(error).__name__})")]
        return [
            Check("database", ok=True, says="answers"),
            Check("migrations", ok=True, says="at head"),
            Check("outbox", age < self._limits.outbox, f"oldest unpublished row: {age:.0f} s"),
        ]

    def _consumer(self) -> list[Check]:
        partitions = len(self._intake.partitions)
        since = self._intake.seconds_since_poll()
        failing = self._intake.seconds_failing()
        forbidden = self._intake.forbidden
        unknown = sum(self._unknown.values())
        polled = "never" if since is None else f"{since:.0f} s ago"
        return [
            Check("assignment", self._intake.assigned, f"{partitions} partitions"),
            Check("poll", since is not None and since < self._limits.poll, f"last answer of Kafka: {polled}"),
            Check("rights", not forbidden, _what_is_forbidden(forbidden)),
            Check("taking", self._takes(failing), self._how_it_takes(failing)),
            Check("types", ok=True, says=f"{unknown} records of unknown types were passed over since the start"),
        ]

    def _takes(self, failing: float) -> bool:
        return self._intake.alive and failing < self._limits.taking and not self._intake.stuck

    def _how_it_takes(self, failing: float) -> str:
        if not self._intake.alive:
            return "the consumer has ended"
        if stuck := self._intake.stuck:
            return "; ".join(stuck[:3])
        return f"records are handed back for {failing:.0f} s" if failing else "records are taken"

    async def report(self) -> dict[str, Any]:
        """Return readiness with all checks, the clock as the service sees it, and what is still to be done by now."""
        checks = await self.checks()
        ready = all(check.ok for check in checks)
        work: dict[str, int | None] = {"outbox": None, "timers": None}
        if ready:
            work = {
                "outbox": await self._pool.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL"),
                "timers": await self._pending(),
            }
        return {
            "service": self._schema,
            "ready": ready,
            "checks": {check.name: _told(check) for check in checks},
            "clock": self._clock().isoformat(),
            "waiting": work,
        }

    def routes(self) -> list[tuple[str, Any]]:
        """Return the ASGI routes: /livez (the process turns) and /readyz (200 or 503, with the report)."""

        @get
        async def live(_: Any) -> AsgiResponse:
            return AsgiResponse(b"alive", 200, {"content-type": "text/plain"})

        @get
        async def ready(_: Any) -> AsgiResponse:
            report = await self.report()
            body = json.dumps(report).encode()
            return AsgiResponse(body, 200 if report["ready"] else 503, {"content-type": "application/json"})

        return [("/livez", live), ("/readyz", ready)]


def _told(check: Check) -> dict[str, Any]:
    return {"ok": check.ok, "says": check.says, **({"counts": dict(check.counts)} if check.counts else {})}


def _what_is_forbidden(topics: list[str]) -> str:
    if not topics:
        return "every topic may be read"
    return f"the right to read {', '.join(topics)} is missing (or the topic is): see `amicable acls`"
