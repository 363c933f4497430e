"""Where people work on a customer's case, on the whole running system: commands by Kafka, time by the driven clock."""

import asyncio
import json
import math
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from amicable import reading
from amicable.addresses import Addresses, of_run
from amicable.asking import Answer, Asker, asking
from amicable.runtime.home import Home
from amicable.settling import Settling
from services.action_plans.domain.case import Case
from services.action_plans.store import cases
from shared import clock
from shared.contracts.answers import CommandAccepted, CommandRejected
from shared.contracts.topics import ACTION_PLANS_COMMANDS
from tests.cli.conftest import Shell
from tests.deployment import Catcher, Deployment, until
from tests.services.action_plans.workshop import CONTACTS
from tests.stories import customer, person, trouble


class Office:
    """Ana is the customer's CSM, Mo her manager. All that is asked for is about its case."""

    def __init__(self, shell: Shell, found: Addresses, customer_id: str, step: str, desks: dict[str, Asker]) -> None:
        """Made by `office`."""
        self.shell, self.found, self.customer = shell, found, customer_id
        self.system = Deployment(found.kafka, found.admin or "", Catcher())
        self._step, self._desks = step, desks
        self._case_id: str | None = None

    @property
    def now(self) -> datetime:
        """What the clock of all processes says."""
        return clock.clock(self.found.clock_file)()

    async def type(self, *words: str) -> Any:
        """Run a command of `amicable` that must succeed; returns what it printed."""
        typed = await asyncio.to_thread(self.shell.type, *words, "--json")
        assert typed.code == 0, typed
        return json.loads(typed.out)

    async def announce(self) -> None:
        """Tell of the people and the customer, as upstream systems do."""
        moment = self.now.isoformat()
        contacts = [{**one, "email": self.address(one["contact_id"])} for one in CONTACTS]
        people = [person("ana", manager="mo"), person("mo", roles=["manager"])]
        for event in (*people, customer(self.customer, "ana", contacts=contacts)):
            await self.system.publish({**event, "occurred_at": moment})

        async def known() -> bool:
            return bool(
                await self.system.query(
                    "SELECT FROM action_plans.customers JOIN action_plans.people ON person_id = csm"
                    " WHERE customer_id = $1",
                    self.customer,
                )
            )

        await until(known, "the customer and its CSM are known")

    def address(self, contact_id: str) -> str:
        """Return the mail address of a contact."""
        return f"{contact_id}@{self.customer}.example"

    async def trouble(self) -> Case:
        """Let the customer come into trouble; returns the case that was opened by nobody's hand."""
        await self.system.publish(*trouble(self.customer, self.now))
        found: Case = await until(self._latest, "a case is opened by itself")
        self._case_id = found.case_id
        return found

    async def case(self) -> Case:
        """Return the customer's case as it is kept."""
        found = await self._latest()
        assert found is not None
        return found

    async def _latest(self) -> Case | None:
        known = await reading.read(
            self.found.database, "action_plans", self.now, lambda tx: cases.latest_of(tx, self.customer)
        )
        return known[0] if known else None

    async def done(self, kind: str, /, who: str = "ana", **fields: Any) -> None:
        """Ask for something that must be accepted."""
        answer = await self._ask(kind, who, fields)
        assert isinstance(answer, CommandAccepted), answer

    async def refused(self, kind: str, code: str, /, who: str = "ana", **fields: Any) -> list[str]:
        """Ask for something that must be refused with that code; returns what would have to be true."""
        answer = await self._ask(kind, who, fields)
        assert isinstance(answer, CommandRejected), answer
        assert answer.problem.code == code, answer
        assert answer.problem.unmet, "a refusal says what would meet it"
        return list(answer.problem.unmet)

    async def _ask(self, kind: str, who: str, fields: dict[str, Any]) -> Answer:
        common = {"event_id": str(uuid4()), "customer_id": self.customer, "occurred_at": self.now}
        command: Any = ACTION_PLANS_COMMANDS.by_type[kind]
        return await self._desks[who].ask(command.model_validate({**common, "case_id": self._case_id, **fields}))

    async def pass_time(self, span: timedelta) -> None:
        """Move the clock, and let all be done that is due."""
        await self.type("clock", "advance", f"{math.ceil(span / timedelta(minutes=1))}m", "--step", self._step)

    async def facts(self) -> list[dict[str, Any]]:
        """Return what plans.v1 tells of the customer, once nothing is left to be told."""
        async with Settling(self.found) as system:
            await system.settled()
        return await self.system.facts("plans.v1", self.customer)


@asynccontextmanager
async def office(shell: Shell, customer_id: str, *, step: str) -> AsyncIterator[Office]:
    """Open an office for a customer of its own. step: of the clock; a day lets it tell what it tells a day ahead."""
    run = json.loads((shell.home / "run.json").read_text())
    found = of_run(run["addresses"], Home(shell.home))
    async with AsyncExitStack() as stack:
        desks = {
            who: await stack.enter_async_context(asking(found, who, [ACTION_PLANS_COMMANDS])) for who in ("ana", "mo")
        }
        yield Office(shell, found, customer_id, step, desks)
