"""Whatever is thrown at a case in whatever order, sound or not: what must be true of every case stays true."""

import asyncio
import json
from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Any, TypeVar

import asyncpg
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from amicable import migrate
from services.action_plans.domain.case import Case
from services.action_plans.domain.eligibility import checklist
from services.action_plans.domain.terms import content_hash
from services.action_plans.store import cases
from services.action_plans.store.record import Head
from shared import database
from shared.contracts.endings.facts import TransitionCompleted, TransitionProposed, TransitionWithdrawn
from shared.contracts.health import HealthBandChanged, RiskUpdated
from shared.contracts.topics import HEALTH, RELATIONSHIP, TRANSITIONS
from shared.contracts.upstream import CustomerLeft
from shared.database import Transaction
from tests.conftest import PASSWORDS
from tests.records import record
from tests.services.action_plans import every_command, steps
from tests.services.action_plans.every_command import TRIES, Try
from tests.services.action_plans.tables import chain_problems
from tests.services.action_plans.test_commands import fields_of
from tests.services.action_plans.workshop import Bench
from tests.stories import person

RUNS = 60
STEPS = 20
KEPT = {"migrations", "epoch"}
STATES = {
    "opened": steps.opened,
    "planned": every_command.planned,
    "proposed": every_command.proposed,
    "late": every_command.late,
    "over": every_command.over,
    "failed": steps.failed,
}
NEW = ("conversation_id", "expectation_id", "commitment_id", "review_id", "link_id", "decision_id", "stakeholder_id")
T = TypeVar("T")


class AnySequence(RuleBasedStateMachine):
    """Commands, facts, the customer's acts and the clock, on a database that each run finds empty."""

    admin: str  # the administrator's DSN of that database

    def __init__(self) -> None:
        """Empty the tables."""
        super().__init__()
        self.runner = asyncio.Runner()
        name = self.admin.rpartition("/")[2]
        dsn = migrate.with_database(self.admin, name, user="action_plans", password=PASSWORDS["action_plans"])
        self.wait(self._empty())
        self.pool = database.create_pool(dsn, schema="action_plans", connections=2)
        self.wait(self._open())
        self.bench = Bench(self.pool)

    def wait(self, what: Awaitable[T]) -> T:
        """Run something to its end."""

        async def run() -> T:
            return await what

        return self.runner.run(run())

    async def _empty(self) -> None:
        connection = await asyncpg.connect(self.admin)
        rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'action_plans'")
        names = ", ".join(f"action_plans.{row['tablename']}" for row in rows if row["tablename"] not in KEPT)
        await connection.execute(f"TRUNCATE {names} RESTART IDENTITY")
        await connection.close()

    async def _open(self) -> None:
        await self.pool

    def teardown(self) -> None:
        """Let go."""
        self.wait(self.pool.close())
        self.runner.close()

    @initialize(state=st.sampled_from(sorted(STATES)))
    def begins(self, state: str) -> None:
        """Begin anywhere."""
        self.wait(STATES[state](self.bench))

    @rule(data=st.data(), one=st.sampled_from(TRIES), who=st.sampled_from(["", "", "", "mo", "xenia", "eve", "gone"]))
    def command(self, data: st.DataObject, one: Try, who: str) -> None:
        """Ask for anything: a revision follows from what is accepted, and nothing from what is refused."""
        other = dict(data.draw(st.sampled_from([{}, {}, {}, *(fields for _, fields in one.refused)])))
        before = self.wait(self.bench.case())
        asked = self.wait(self._fields(data, one, other, before))
        answer = self.wait(self.bench.ask(one.kind, who or one.who, **asked))
        after = self.wait(self.bench.case())
        if answer["type"] == "CommandAccepted":
            assert after.revision == before.revision + 1 == answer["revision"]
        else:
            assert after == before
            assert answer["problem"]["code"] not in {"failed ", "invalid"}
            assert answer["problem"]["unmet"]

    async def _fields(self, data: st.DataObject, one: Try, other: dict[str, Any], case: Case) -> dict[str, Any]:
        await self.bench.case_id()
        if one.kind == "SignPlan" and case.plan.proposed is None:
            other = {"content_hash": "0" * 64}
        given = await fields_of(one, self.bench, other)
        for name in NEW:
            if name in given:
                known = [value for value in _ids(case, name) if value]
                given[name] = data.draw(st.sampled_from([given[name], *known, f"{name}-{len(known)}"]))
        return {**given, "case_id": self.bench.last_case}

    @rule(signs=st.booleans())
    def customer_answers(self, signs: bool) -> None:  # drawn by name
        """The customer signs or refuses what waits."""
        case = self.wait(self.bench.case())
        waits = case.plan.proposed
        if not case.is_open or case.failure or waits is None or waits.refusal:
            return
        accepted = any(one.side == "customer" for one in waits.acceptances)
        if signs and not accepted and waits.terms.ends_on >= case.today(self.bench.now):
            self.wait(steps.customer_signs(self.bench))
        elif not signs:
            self.wait(steps.customer_refuses(self.bench))

    @rule(days=st.sampled_from([1, 3, 8, 30]), hours=st.integers(0, 23))
    def time_passes(self, days: int, hours: int) -> None:
        """The clock moves, and the service looks."""
        self.wait(self.bench.pass_time(timedelta(days=days, hours=hours)))
        assert self.wait(self.bench.due()) == []

    @rule(
        kind=st.sampled_from([TransitionProposed, TransitionWithdrawn, TransitionCompleted]),
        overridden=st.sampled_from([(), ("declared_failed", "no_surprise")]),
    )
    def transition(self, kind: Any, overridden: tuple[str, ...]) -> None:
        """A transition is proposed, withdrawn or completed."""
        case = self.wait(self.bench.case())
        more = {"case_revision": case.revision, "overridden": overridden} if kind is TransitionProposed else {}
        self.wait(self.bench.tell(TRANSITIONS, kind, transition_id="t", case_id=case.case_id, **more))

    @rule(
        what=st.sampled_from(["risk", "watch", "update", "green", "unknown", "csm", "zone", "left", "inactive", "back"])
    )
    def something_happens(self, what: str) -> None:
        """What others tell."""
        self.bench.now += timedelta(minutes=1)
        self.wait(self._happens(what))
        self.wait(self.bench.sweep())

    async def _happens(self, what: str) -> None:
        bench = self.bench
        match what:
            case "risk" | "watch":
                await bench.risk(severity=what, episode=f"e-{bench.now.isoformat()}")
            case "update":
                reasons = [{"code": "usage_level", "text": f"Worse since {bench.now}."}]
                risk = {"episode_id": "e1", "severity": "risk", "reasons": reasons, "since": bench.now}
                await bench.tell(HEALTH, RiskUpdated, **risk)
            case "green" | "unknown":
                await bench.tell(HEALTH, HealthBandChanged, before="red", after=what, since=bench.now)
            case "csm":
                await bench.tell_customer(csm="eve")
            case "zone":
                await bench.tell_customer(time_zone="Pacific/Auckland")
            case "inactive" | "back":
                await bench.tell_person(**person("ana", manager="mo", active=what == "back"))
            case "left":
                left = CustomerLeft(
                    event_id=f"left-{bench.now}", customer_id="acme", occurred_at=bench.now, on=bench.now.date()
                )
                await bench.lane.take([record(RELATIONSHIP, left)])

    @invariant()
    def what_must_be_true_is(self) -> None:
        """The record, the case, what was told of it and the checklist agree."""
        self.wait(self._agree())

    async def _agree(self) -> None:
        rows = await self.pool.fetch("SELECT * FROM cases ORDER BY opened_at, case_id")
        assert sum(row["open"] for row in rows) <= 1
        assert await chain_problems(self.pool) == []
        assert await self.pool.fetchval("SELECT count(*) FROM dead_letters") == 0
        told = {}
        bodies = await self.pool.fetch("SELECT body FROM outbox WHERE topic = 'plans.v1' ORDER BY id")
        facts = [json.loads(row["body"]) for row in bodies]
        assert [fact["seq"] for fact in facts] == list(range(1, len(facts) + 1))
        for fact in facts:
            if "case" in fact:
                told[fact["case"]["case_id"]] = fact
        for row in rows:
            case = cases.decode(row["content"])
            self._agrees(case, row, told[case.case_id])

    def _agrees(self, case: Case, row: Any, fact: dict[str, Any]) -> None:
        assert (row["state"], row["open"], row["csm"]) == (case.state, case.is_open, case.csm)
        met = tuple(one.name for one in checklist(case, self.bench.now) if one.met)
        assert case.eligible == met or not case.is_open
        for version in (case.plan.agreed, case.plan.proposed):
            if version is not None:
                assert version.content_hash == content_hash(case.customer_id, case.case_id, version.terms)
                assert {one.content_hash for one in version.acceptances} <= {version.content_hash}
        if case.plan.agreed is not None:
            assert sorted(one.side for one in case.plan.agreed.acceptances) == ["customer", "us"]
        tx = Transaction(None, "action_plans", datetime.fromisoformat(fact["occurred_at"]))
        snapshot = self.bench.keeper.snapshot(case, Head(row["chain_number"], row["chain_hash"]), tx)
        assert fact["case"] == json.loads(snapshot.model_dump_json(exclude_none=True))


def _ids(case: Case, name: str) -> list[str]:
    """Return the ids of that kind that the case has."""
    parts = (case.conversations, case.expectations, case.commitments, case.reviews, case.decisions, case.stakeholders)
    return [getattr(one, name) for part in parts for one in part if hasattr(one, name)]


def test_what_must_be_true_of_every_case_stays_true(own_database: str) -> None:
    machine = type("Machine", (AnySequence,), {"admin": own_database})
    bounds = settings(
        max_examples=RUNS, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(machine, settings=bounds)
