"""Whatever is asked, in whatever order, by whomever, also by two at once: nothing reaches the outside too early.

The judge here knows nothing of the rules: it reads what was published, and how each transition was told to stand then.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from amicable import migrate
from services.console.store.projection import involved as involved_in_the_console
from services.transition_review.domain.involved import involved
from shared import database
from shared.contracts.endings.transition import TransitionSnapshot
from tests.conftest import PASSWORDS
from tests.services.transition_review import steps
from tests.services.transition_review.every_ask import KINDS, asked
from tests.services.transition_review.workshop import CONDITIONS, TEAMS, Bench
from tests.services.transition_review.workshop import T as FIRST

RUNS, SOAK_RUNS = 100, 2_000
STEPS = 15
KEPT = {"migrations", "epoch"}
STATES = {
    one.__name__: one
    for one in (steps.proposed, steps.opened, steps.written, steps.submitted, steps.reviewed, steps.approved,
                steps.talked, steps.announced, steps.ending)
}  # fmt: skip
OUTSIDE = ("terminations.v1", "releases.v1")
T = TypeVar("T")


class Endings(RuleBasedStateMachine):
    """Commands, answers, the case and the clock, on a database that each run finds empty."""

    admin: str  # the administrator's DSN of that database

    def __init__(self) -> None:
        """Empty the tables."""
        super().__init__()
        self.runner = asyncio.Runner()
        name = self.admin.rpartition("/")[2]
        dsn = migrate.with_database(self.admin, name, user="transition_review", password=PASSWORDS["transition_review"])
        self.wait(self._empty())
        self.pool = database.create_pool(dsn, schema="transition_review", connections=3)
        self.wait(self._open())
        self.bench = Bench(self.pool)

    def wait(self, what: Awaitable[T]) -> T:
        """Run something to its end."""

        async def run() -> T:
            return await what

        return self.runner.run(run())

    async def _empty(self) -> None:
        connection = await asyncpg.connect(self.admin)
        rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'transition_review'")
        names = ", ".join(f"transition_review.{row['tablename']}" for row in rows if row["tablename"] not in KEPT)
        await connection.execute(f"TRUNCATE {names} RESTART IDENTITY")
        await connection.close()

    async def _open(self) -> None:
        await self.pool

    def teardown(self) -> None:
        """Judge what was published; let go."""
        try:
            self.wait(judge(self.bench))
        finally:
            self.wait(self.pool.close())
            self.runner.close()

    @initialize(state=st.sampled_from([*STATES, *["talked", "announced", "ending"] * 3]))
    def begins(self, state: str) -> None:
        """Begin anywhere."""
        self.wait(STATES[state](self.bench))

    @rule(data=st.data(), kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=6))
    def some_ask(self, data: st.DataObject, kinds: list[str]) -> None:
        """Ask for anything, one after the other; a refusal says what would meet it."""
        for kind in kinds:
            who, fields = self.wait(asked(self.bench, kind, data))
            answer = self.wait(self.bench.ask(kind, who, **fields))
            assert answer["type"] == "CommandAccepted" or answer["problem"]["unmet"]

    @rule(
        data=st.data(),
        author=st.sampled_from(["xenia", "ana", "xenia", "sam", ""]),
        of_support=st.sampled_from(["sam", "r-support"]),
        who=st.sampled_from(["xenia", "yves"]),
        reviewed=st.sampled_from([True, True, False]),
    )
    def somebody_pushes_it_through(  # drawn
        self, data: st.DataObject, author: str, of_support: str, who: str, reviewed: bool
    ) -> None:
        """Write, submit, have it reviewed or not, approve and announce, as far as each is let."""
        parts = steps.parts(self.bench)
        if author == "sam":
            refunds = parts["WriteRefunds"]["refunds"]
            refunds["items"]["prepaid"][0]["net"] = f"36{data.draw(st.integers(10, 99))}.00"
            self.wait(self.bench.ask("WriteRefunds", author, refunds=refunds))
        elif author:
            support = parts["WriteSupport"]["support"]
            hours = f"{data.draw(st.integers(0, 23))} to 24"
            self.wait(self.bench.ask("WriteSupport", author, support={**support, "hours": hours}))
        self.wait(self.bench.ask("SubmitPlan"))
        content_hash = self.wait(self.bench.hash())
        for team in TEAMS if reviewed else ():
            said = data.draw(st.sampled_from(["approve"] * 19 + ["object"]))
            word = {"team": team, "says": said, "content_hash": content_hash, "why": "So it is."}
            self.wait(self.bench.ask("GiveReview", of_support if team == "support" else f"r-{team}", **word))
        if reviewed:
            self.wait(self.bench.ask("ApprovePlan", who, content_hash=content_hash))
            self.wait(self.bench.confirm())
        self.wait(self.bench.ask("AnnounceEnding", contacts=["carla"]))

    @rule(data=st.data(), kinds=st.tuples(st.sampled_from(KINDS), st.sampled_from(KINDS)))
    def two_ask_at_once(self, data: st.DataObject, kinds: tuple[str, str]) -> None:
        """Ask for two things at the same time."""
        pairs = [(kind, *self.wait(asked(self.bench, kind, data))) for kind in kinds]

        async def both() -> None:
            await asyncio.gather(
                *(self.bench.send(self.bench.command(kind, **fields), who) for kind, who, fields in pairs)
            )

        self.wait(both())

    @rule(yes=st.booleans())
    def action_plans_answers(self, yes: bool) -> None:  # drawn by name
        """The last question is answered, whether it still waits or not."""
        self.wait(self.bench.confirm() if yes else self.bench.refuse("one thing is done"))

    @rule(
        what=st.sampled_from([*("lost", "regained", "minutes", "days") * 3, "left", "months"]),
        condition=st.sampled_from(CONDITIONS),
    )
    def something_happens(self, what: str, condition: str) -> None:
        """A condition is lost or regained, the customer leaves, or time passes and the service looks."""
        match what:
            case "lost":
                self.wait(self.bench.tell_case(condition))
            case "regained" | "left":
                self.wait(self.bench.tell_case(state="lost" if what == "left" else "failed"))
            case _:
                spans = {"minutes": timedelta(minutes=2), "days": timedelta(days=2), "months": timedelta(days=130)}
                self.wait(self.bench.pass_time(spans[what]))


async def judge(bench: Bench) -> None:
    """Require that everything which was published outside was allowed to be when it was."""
    assert await bench.pool.fetchval("SELECT count(*) FROM dead_letters") == 0
    await _same_people_are_let_in(bench)
    rows = await bench.pool.fetch("SELECT topic, body FROM outbox WHERE topic !~ 'answers' ORDER BY id")
    told: dict[str, list[dict[str, Any]]] = defaultdict(list)
    latest, said = "", dict[str, Any]()
    for row in rows:
        message = json.loads(row["body"])
        if row["topic"] not in OUTSIDE:
            latest = message["transition_id"]
            told[latest].append(message)
            continue
        history = told[message.get("termination_id", latest)]
        types, before = [fact["type"] for fact in history], said.get(latest)
        if "termination" in message:
            said[message["termination_id"]] = message["termination"]
        if types[-1] == "NoticeReceived":
            assert before is not None, "the notice follows an announcement"
            assert {**message["termination"], "notice_on": 0} == {**before, "notice_on": 0}, "its day alone is new"
        else:
            _may_be_told(message, types, history[-1]["transition"])


async def _same_people_are_let_in(bench: Bench) -> None:
    """The service that owns the transition and the console that shows it count the same people as involved."""
    facts = [one for one in await bench.published() if one["transition_id"] == FIRST]
    transition = replace(await bench.transition(), stand_ins=())
    told = TransitionSnapshot.model_validate(facts[-1]["transition"])
    assert involved_in_the_console(told) == involved(transition, bench.now)


def _may_be_told(message: dict[str, Any], types: list[str], stands: dict[str, Any]) -> None:
    assert "TransitionApproved" in types[: types.index("TalkHeld")], "the talk followed an approval"
    if "TransitionWithdrawn" in types:
        assert types[-1] == "TransitionWithdrawn", "nothing follows a withdrawal"
        _only_takes_back(message, types, stands)
        return
    assert "TransitionAnnounced" in types
    if message.get("template") == "ending_plan_link":
        assert stands["announced"], "the link leads to what was announced, whatever is being written since"
        return
    if message["type"] not in {"TerminationAnnounced", "TerminationChanged", "MessageReleased"}:
        return
    approval, version = stands["approval"], stands["submitted"]
    assert approval["content_hash"] == version["content_hash"], "what is told is what was approved"
    assert stands["talk"]["held_at"] <= stands["announced"]["at"]
    assert {one["standing"] for one in stands["reviews"]} <= {"approved", "overruled"}
    approvers = {one["by"] for one in stands["reviews"] if one["standing"] == "approved"} | {approval["by"]}
    assert not approvers & set(stands["authors"]), "nobody approves what they have written"
    assert "ana" not in approvers, "nobody who leads it speaks for a team"
    assert len(approvers) > 1


def _only_takes_back(message: dict[str, Any], types: list[str], stands: dict[str, Any]) -> None:
    if message.get("template") == "ending_called_off":
        assert message["contact_id"] in stands["talk"]["contacts"], "who heard it in the talk"
        return
    assert "TransitionAnnounced" in types
    assert message["type"] == "TerminationWithdrawn" or message["template"] == "ending_withdrawn"


def _run(admin: str, runs: int) -> None:
    machine = type("Machine", (Endings,), {"admin": admin})
    bounds = settings(
        max_examples=runs,
        stateful_step_count=STEPS,
        phases=(Phase.reuse, Phase.generate),  # what fails is shown step by step; to make it smaller takes many minutes
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=bounds)


def test_nothing_reaches_the_outside_too_early(own_database: str) -> None:
    _run(own_database, RUNS)


@pytest.mark.soak
def test_nothing_reaches_the_outside_too_early_in_thousands_of_sequences(own_database: str) -> None:
    _run(own_database, SOAK_RUNS)
