"""The lane of action_plans for tests, on a real Postgres: a clock to set, people, a customer, commands, answers."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.action_plans.domain.case import Case
from services.action_plans.handlers import hearing
from services.action_plans.keeping import Keeper
from services.action_plans.signing import Signer
from services.action_plans.store import cases
from services.action_plans.store.cases import Due
from services.action_plans.sweeping import Sweep
from shared import database
from shared.contracts.endings.facts import TransitionFact
from shared.contracts.event import DomainEvent, Message
from shared.contracts.health import RiskDetected
from shared.contracts.topics import ACTION_PLANS_COMMANDS, CUSTOMERS, HEALTH, PEOPLE, PLANS, TOPICS
from shared.contracts.upstream import CustomerChanged, PersonChanged
from shared.database import BUCKETS, Pool
from tests.contracts.examples import MINIMAL
from tests.records import numbered, record
from tests.services.lane_bench import KEYS, AllBuckets, LaneBench
from tests.stories import customer, person

SIGNER = Signer(Ed25519PrivateKey.generate(), "tests")
START = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
SMALLEST_TRANSITION = next(one.content["transition"] for one in MINIMAL if one.kind.__name__ == "TransitionProposed")
CONTACTS = [
    {"contact_id": "carla", "name": "Carla Main", "email": "carla@acme.example", "role": "main"},
    {"contact_id": "eddy", "name": "Eddy Executive", "email": "eddy@acme.example", "role": "executive"},
    {"contact_id": "ursula", "name": "Ursula User", "email": "ursula@acme.example", "role": "user"},
]


class Bench(LaneBench):
    """One customer, acme: Ana is its CSM, Mo her manager, Xenia an executive, Eve a CSM of others, Gone has left."""

    commands, answered, told = ACTION_PLANS_COMMANDS, TOPICS["action_plans.answers.v1"], PLANS

    def __init__(self, pool: Pool, now: datetime = START) -> None:
        """Nobody is announced yet."""
        super().__init__(pool, now)
        self.keeper = Keeper(SIGNER)
        self.lane = hearing.casework(self.keeper).connect(pool, lambda: self.now, KEYS)
        self.last_case = ""  # the id of acme's case that was open when somebody asked last

    async def announce(self, **more: Any) -> None:
        """Tell of the people and the customer."""
        people = [
            person("ana", manager="mo"),
            person("mo", roles=["manager"]),
            person("xenia", roles=["executive"]),
            person("admin", roles=["admin"]),
            person("eve"),
            person("gone", roles=["manager"], active=False),
        ]
        for one in people:
            await self.tell_person(**one)
        await self.tell_customer(**more)

    async def tell_person(self, **told: Any) -> None:
        """Tell of one of our people as they are now."""
        event = PersonChanged.model_validate({**told, "occurred_at": self.now})
        await self.lane.take([record(PEOPLE, event)])

    async def tell_customer(self, **more: Any) -> None:
        """Tell of acme as it is now."""
        told = customer("acme", more.pop("csm", "ana"), **{"contacts": CONTACTS, "time_zone": "Europe/Berlin", **more})
        told["occurred_at"] = self.now.isoformat()
        await self.lane.take([record(CUSTOMERS, CustomerChanged.model_validate(told))])

    async def tell(self, topic: Any, kind: type[DomainEvent], /, **fields: Any) -> None:
        """Tell a numbered fact about acme; of a transition the smallest one where nothing is said of it."""
        if issubclass(kind, TransitionFact):
            fields = {"transition": SMALLEST_TRANSITION, "reason": "They have turned around."} | fields
        await self.lane.take([record(topic, numbered(kind, "acme", next(self._seq[topic.name]), **fields))])

    async def risk(self, *, severity: str = "risk", episode: str = "e1", text: str = "Usage fell by 41 %.") -> str:
        """Let health_scoring find acme at risk; returns the case's id."""
        reasons = [{"code": "usage_level", "text": text}]
        await self.tell(HEALTH, RiskDetected, episode_id=episode, severity=severity, reasons=reasons, since=self.now)
        return await self.case_id()

    async def case_id(self) -> str:
        """Return the id of acme's open case."""
        found = await self.pool.fetchval("SELECT case_id FROM cases WHERE customer_id = 'acme' AND open")
        self.last_case = found or self.last_case
        return str(found)

    async def case(self) -> Case:
        """Return acme's latest case."""
        text = await self.pool.fetchval(
            "SELECT content FROM cases WHERE customer_id = 'acme' ORDER BY open DESC, opened_at DESC LIMIT 1"
        )
        return cases.decode(text)

    async def ask(self, kind: str, /, who: str = "ana", **fields: Any) -> dict[str, Any]:
        """Ask for something; returns the answer. Without a case_id it is about acme's open case."""
        return await self.send(await self.command(kind, **fields), who)

    async def command(self, kind: str, /, **fields: Any) -> Message:
        """Return a command. Without a case_id it is about acme's open case."""
        command = ACTION_PLANS_COMMANDS.by_type[kind]
        if "case_id" in command.model_fields:
            fields.setdefault("case_id", await self.case_id())
        common = {"event_id": f"command-{next(self._numbers)}", "customer_id": "acme", "occurred_at": self.now}
        return command.model_validate({**common, **fields})

    async def pass_time(self, span: timedelta) -> None:
        """Move the clock, and let the sweep do what is due."""
        self.now += span
        await self.sweep()

    async def sweep(self) -> None:
        """Do everything that is due by the clock now."""
        parts: Any = AllBuckets(self)
        while await Sweep(parts, self.keeper, "action_plans").sweep():
            pass

    async def due(self) -> Sequence[Due]:
        """Return the cases that the clock has to look at."""
        return await cases.due_now(self.pool, self.now, tuple(range(BUCKETS)), 1000)

    def transaction(self) -> Any:
        """Open a transaction at the bench's time."""
        return database.transaction(self.pool, "action_plans", self.now)
