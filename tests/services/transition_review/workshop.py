"""The lane of transition_review for tests, on a real Postgres: a clock to set, people, a customer, commands."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.transition_review.domain.policy import Policy
from services.transition_review.domain.transition import Transition
from services.transition_review.handlers import hearing
from services.transition_review.policies.reading import shipped_policy
from services.transition_review.store import transitions
from services.transition_review.sweeping import Sweep
from shared.contracts.event import DomainEvent, Message
from shared.contracts.health import HealthScored
from shared.contracts.plans.facts import CaseUpdated, EligibilityConfirmed, EligibilityRefused
from shared.contracts.topics import CUSTOMERS, PEOPLE, PLANS, SCORES, TOPICS, TRANSITION_REVIEW_COMMANDS, TRANSITIONS
from shared.contracts.upstream import CustomerChanged, PersonChanged
from shared.database import Pool
from tests.contracts.examples import BY_TYPE
from tests.records import numbered, record
from tests.services.lane_bench import KEYS, AllBuckets, LaneBench
from tests.stories import customer, person
from tests.told_cases import told_case

START = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
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


class Bench(LaneBench):
    """One customer, acme: Ana is its CSM, Mo her manager, Xenia and Yves executives; r-legal is of legal, and so on;
    Sam, a manager, is of support.
    """

    commands, answered, told = TRANSITION_REVIEW_COMMANDS, TOPICS["transition_review.answers.v1"], TRANSITIONS

    def __init__(self, pool: Pool, now: datetime = START, policy: Policy | None = None) -> None:
        """Nobody is announced yet."""
        super().__init__(pool, now)
        self.lane = hearing.casework(policy or shipped_policy(), "Northwind", "https://ending.test").connect(
            pool, lambda: self.now, KEYS
        )
        self.case_revision, self.case_id = 0, "k"

    async def announce(self, **more: Any) -> None:
        """Tell of the people, the customer, its health and its failed case."""
        people = [
            person("ana", manager="mo"),
            person("mo", roles=["manager"]),
            person("xenia", roles=["executive"]),
            person("yves", roles=["executive"]),
            person("admin", roles=["admin"]),
            person("eve"),
            person("sam", roles=["manager"], teams=["support"]),
            person("tess"),
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

    async def pass_time(self, span: timedelta) -> None:
        """Move the clock, and let the sweep do what is due."""
        self.now += span
        parts: Any = AllBuckets(self)
        while await Sweep(parts, "transition_review").sweep():
            pass

    def day(self, days: int) -> date:
        """Return the day so many days ahead."""
        return self.now.date() + timedelta(days=days)
