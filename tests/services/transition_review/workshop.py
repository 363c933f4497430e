"""The lane of transition_review for tests, on a real Postgres: a clock to set, people, a customer, commands."""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from aiokafka import ConsumerRecord
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.transition_review.domain.policy import Policy
from services.transition_review.domain.transition import Transition
from services.transition_review.handlers import hearing
from services.transition_review.policies.reading import shipped_policy
from services.transition_review.store import transitions
from services.transition_review.sweeping import Sweep
from shared import actors
from shared.contracts.event import DomainEvent, Message
from shared.contracts.health import HealthScored
from shared.contracts.plans.facts import CaseUpdated, EligibilityConfirmed, EligibilityRefused
from shared.contracts.topics import CUSTOMERS, PEOPLE, PLANS, SCORES, TOPICS, TRANSITION_REVIEW_COMMANDS
from shared.contracts.upstream import CustomerChanged, PersonChanged
from shared.database import BUCKETS, Pool
from tests.contracts.examples import BY_TYPE
from tests.records import numbered, record
from tests.stories import customer, person
from tests.told_cases import told_case

KEY = Ed25519PrivateKey.generate()
START = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
ANSWERS = TOPICS["transition_review.answers.v1"]
CONTACTS = [
    {"contact_id": "carla", "name": "Carla Main", "email": "carla@acme.example", "role": "main"},
    {"contact_id": "eddy", "name": "Eddy Executive", "email": "eddy@acme.example", "role": "executive"},
    {"contact_id": "paul", "name": "Paul Post", "role": "user"},
]
TEAMS = ("revenue", "operations", "support", "finance", "legal", "security")
CONDITIONS = ("candid_conversation", "executive", "plan_ran_out", "declared_failed")
T = "t-1"


def checklist(*lost: str) -> dict[str, Any]:
    """Return a checklist of which all conditions are met but these."""
    conditions = [
        {"name": one, "met": one not in lost, "says": "So it is.", "needed": f"{one} is met" if one in lost else ""}
        for one in CONDITIONS
    ]
    return {"eligible": not lost, "at": START.isoformat(), "conditions": conditions, "signed": "x.y.z"}


class Bench:
    """One customer, acme: Ana is its CSM, Mo her manager, Xenia and Yves executives; r-legal is of legal, and so on."""

    def __init__(self, pool: Pool, now: datetime = START, policy: Policy | None = None) -> None:
        """Nobody is announced yet."""
        self.pool = pool
        self.now = now
        self.lane = hearing.casework(policy or shipped_policy(), "Northwind", "https://ending.test").connect(
            pool, lambda: self.now, {"tests": KEY.public_key()}
        )
        self.case_revision, self.case_id = 0, "k"
        self._numbers = count(1)
        self._seq: dict[str, Iterator[int]] = defaultdict(lambda: count(1))  # of each topic

    async def announce(self, **more: Any) -> None:
        """Tell of the people, the customer, its health and its failed case."""
        people = [
            person("ana", manager="mo"),
            person("mo", roles=["manager"]),
            person("xenia", roles=["executive"]),
            person("yves", roles=["executive"]),
            person("admin", roles=["admin"]),
            person("eve"),
            person("gone", roles=["executive"], active=False),
            *(person(f"r-{team}", roles=["reviewer"], teams=[team]) for team in TEAMS),
        ]
        for one in people:
            await self.tell_person(**one)
        await self.tell_customer(**more)
        await self.tell_health()
        await self.tell_case()

    async def tell_person(self, **told: Any) -> None:
        """Tell of one of our people as they are now."""
        event = PersonChanged.model_validate({**told, "occurred_at": self.now})
        await self.lane.take([record(PEOPLE, event)])

    async def tell_customer(self, customer_id: str = "acme", **more: Any) -> None:
        """Tell of a customer as it is now."""
        told = customer(
            customer_id, more.pop("csm", "ana"), **{"contacts": CONTACTS, "time_zone": "Europe/Berlin", **more}
        )
        told["occurred_at"] = self.now.isoformat()
        await self.lane.take([record(CUSTOMERS, CustomerChanged.model_validate(told))])

    async def tell_health(self, revision: int = 1, **changes: Any) -> None:
        """Tell acme's score."""
        told = {**BY_TYPE["HealthScored"].content, "customer_id": "acme", "revision": revision, **changes}
        await self.lane.take([record(SCORES, HealthScored.model_validate(told))])

    async def tell_case(self, *lost: str, state: str = "failed") -> None:
        """Tell acme's case, with these conditions not met."""
        self.case_revision += 1
        case = told_case(revision=self.case_revision, state=state, checklist=checklist(*lost))
        await self.tell(CaseUpdated, case=case)

    async def tell(self, kind: type[DomainEvent], /, **fields: Any) -> None:
        """Tell a numbered fact about acme on plans.v1."""
        await self.lane.take([record(PLANS, numbered(kind, "acme", next(self._seq[PLANS.name]), **fields))])

    async def question(self) -> dict[str, Any]:
        """Return the last question to action_plans."""
        asked = [one for one in await self.published() if one["type"] in {"TransitionProposed", "EligibilityAsked"}]
        return asked[-1]

    async def confirm(self, **changes: Any) -> None:
        """Let action_plans answer the last question with yes."""
        question = await self.question()
        told = {
            "case_id": question["case_id"],
            "transition_id": question["transition_id"],
            "revision": self.case_revision,
            "checklist": checklist(),
            "causation_id": question["event_id"],
            **changes,
        }
        await self.tell(EligibilityConfirmed, **told)

    async def refuse(self, *reasons: str) -> None:
        """Let action_plans answer the last question with no."""
        question = await self.question()
        told = {"case_id": question["case_id"], "transition_id": question["transition_id"]}
        await self.tell(EligibilityRefused, **told, reasons=reasons, causation_id=question["event_id"])

    async def transition(self, transition_id: str = T) -> Transition:
        """Return a transition."""
        text = await self.pool.fetchval("SELECT content FROM transitions WHERE transition_id = $1", transition_id)
        return transitions.decode(text)

    async def hash(self) -> str:
        """Return the content hash of the version that waits."""
        version = (await self.transition()).submitted
        return version.content_hash if version else "0" * 64

    async def ask(self, kind: str, /, who: str = "ana", **fields: Any) -> dict[str, Any]:
        """Ask for something; returns the answer."""
        return await self.send(self.command(kind, **fields), who)

    def command(self, kind: str, /, **fields: Any) -> Message:
        """Return a command, about the first transition of acme unless another is named."""
        command = TRANSITION_REVIEW_COMMANDS.by_type[kind]
        common: dict[str, Any] = {"event_id": f"command-{next(self._numbers)}", "occurred_at": self.now}
        if "customer_id" in command.model_fields:
            common |= {"customer_id": "acme", "transition_id": T}
        return command.model_validate({**common, **fields})

    async def send(self, asked: Message, who: str) -> dict[str, Any]:
        """Send a command as somebody; returns its answer."""
        await self.lane.take([self.signed(asked, who)])
        (answer,) = await self.answers(asked.event_id)
        return answer

    @staticmethod
    def signed(asked: Message, who: str) -> ConsumerRecord[Any, Any]:
        """Return the record of a command with the proof of who asks."""
        at = datetime.now(UTC)
        token = actors.sign(KEY, "tests", person=who, command_id=asked.event_id, body=asked.body(), at=at)
        return record(TRANSITION_REVIEW_COMMANDS, asked, headers={actors.HEADER: token.encode()})

    async def answers(self, command_id: str) -> list[dict[str, Any]]:
        """Return the answers to a command, each of which its contract reads."""
        return [one for one in await self.published(ANSWERS.name) if one["command_id"] == command_id]

    async def done(self, kind: str, /, who: str = "ana", **fields: Any) -> dict[str, Any]:
        """Ask for something that must be accepted."""
        answer = await self.ask(kind, who, **fields)
        assert answer["type"] == "CommandAccepted", answer
        return answer

    async def refused(self, kind: str, code: str, /, who: str = "ana", **fields: Any) -> list[str]:
        """Ask for something that must be refused with that code; returns what would have to be true."""
        answer = await self.ask(kind, who, **fields)
        assert answer["type"] == "CommandRejected", answer
        assert answer["problem"]["code"] == code, answer
        assert answer["problem"]["unmet"], "a refusal says what would meet it"
        unmet: list[str] = answer["problem"]["unmet"]
        return unmet

    async def published(self, topic: str = "transitions.v1") -> list[dict[str, Any]]:
        """Return the bodies in the outbox, each of which its contract reads."""
        rows = await self.pool.fetch("SELECT body FROM outbox WHERE topic = $1 ORDER BY id", topic)
        bodies = [json.loads(row["body"]) for row in rows]
        for body in bodies:
            TOPICS[topic].by_type[body["type"]].model_validate(body)
        return bodies

    async def types(self, topic: str = "transitions.v1") -> list[str]:
        """Return the types told on a topic, in order."""
        return [body["type"] for body in await self.published(topic)]

    async def pass_time(self, span: timedelta) -> None:
        """Move the clock, and let the sweep do what is due."""
        self.now += span
        parts: Any = _Parts(self)
        while await Sweep(parts, "transition_review").sweep():
            pass

    def day(self, days: int) -> date:
        """Return the day so many days ahead."""
        return self.now.date() + timedelta(days=days)


class _Parts:
    """What a sweep needs of a service: here all buckets are held."""

    def __init__(self, bench: Bench) -> None:
        self.pool = bench.pool
        self.clock = lambda: bench.now
        self.leases = self
        self.buckets = tuple(range(BUCKETS))
