"""Where people work on a customer's case and its ending, on the whole running system: by Kafka and the driven clock."""

import asyncio
import json
import math
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from amicable import reading
from amicable.addresses import Addresses, of_run
from amicable.asking import Answer, Asker, asking
from amicable.runtime.home import Home
from amicable.settling import Settling
from services.action_plans.domain.case import Case
from services.action_plans.store import cases
from services.transition_review.domain.transition import Transition
from services.transition_review.store import transitions
from shared import clock
from shared.contracts.answers import CommandAccepted, CommandRejected
from shared.contracts.topics import ACTION_PLANS_COMMANDS, TRANSITION_REVIEW_COMMANDS
from tests.cli.conftest import Shell
from tests.deployment import Catcher, Deployment, until
from tests.services.action_plans.workshop import CONTACTS
from tests.services.transition_review.workshop import TEAMS
from tests.stories import customer, person, trouble


class Office:
    """Ana is the customer's CSM, Mo her manager, Xenia an executive, Eve a CSM of others, r-legal is of legal …

    All that is asked for is about the customer's case, and about its one transition.
    """

    def __init__(self, shell: Shell, found: Addresses, customer_id: str, step: str, opened: AsyncExitStack) -> None:
        """Made by `office`; opened: what is closed in the end."""
        self.shell, self.found, self.customer = shell, found, customer_id
        self.system = Deployment(found.kafka, found.admin or "", Catcher())
        self.case_id = ""
        self.step, self._opened = step, opened
        self._desks: dict[str, Asker] = {}

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
        people = [
            person("ana", manager="mo"),
            person("mo", roles=["manager"]),
            person("xenia", roles=["executive"]),
            person("eve"),
            person("tess"),
            *(person(f"r-{team}", roles=["reviewer"], teams=[team]) for team in TEAMS),
        ]
        events = (*people, customer(self.customer, "ana", contacts=contacts))
        await self.system.publish(*({**event, "occurred_at": moment} for event in events))

        async def known() -> bool:
            return bool(
                await self.system.query(
                    "SELECT FROM action_plans.customers JOIN action_plans.people ON person_id = csm"
                    " JOIN transition_review.customers USING (customer_id) WHERE customer_id = $1 AND $2 ="
                    " (SELECT count(*) FROM transition_review.people WHERE person_id = ANY($3::text[]))",
                    self.customer,
                    len(people),
                    [one["person_id"] for one in people],
                )
            )

        await until(known, "the customer and our people are known")

    def address(self, contact_id: str) -> str:
        """Return the mail address of a contact."""
        return f"{contact_id}@{self.customer}.example"

    async def trouble(self) -> Case:
        """Let the customer come into trouble; returns the case that was opened by nobody's hand."""
        await self.system.publish(*trouble(self.customer, self.now))
        found: Case = await until(self._latest, "a case is opened by itself")
        self.case_id = found.case_id
        return found

    async def opened_by_hand(self) -> None:
        """Let the CSM open a case: health scoring waits some seconds for what is late before it finds a risk."""
        await self.done("OpenCase", reason="They answer nobody any more.")
        self.case_id = (await self.case()).case_id

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
        if kind in ACTION_PLANS_COMMANDS.by_type:
            command: Any = ACTION_PLANS_COMMANDS.by_type[kind]
            common |= {"case_id": self.case_id} if "case_id" in command.model_fields else {}
        else:
            command = TRANSITION_REVIEW_COMMANDS.by_type[kind]
            common["transition_id"] = f"ending-of-{self.customer}"
        desk = await self._desk(who)
        return await desk.ask(command.model_validate({**common, **fields}))

    async def _desk(self, who: str) -> Asker:
        if who not in self._desks:
            topics = [ACTION_PLANS_COMMANDS, TRANSITION_REVIEW_COMMANDS]
            self._desks[who] = await self._opened.enter_async_context(asking(self.found, who, topics))
        return self._desks[who]

    async def transition(self) -> Transition:
        """Return the customer's transition as it is kept."""
        found = await reading.read(
            self.found.database, "transition_review", self.now, lambda tx: transitions.latest_of(tx, self.customer)
        )
        assert found is not None
        return found

    async def confirm(self) -> None:
        """Wait until action_plans has answered the last question, and nothing is on its way any more."""
        await self.settled()
        assert (await self.transition()).asked is None

    async def state_of(self, transition_id: str) -> str:
        """Return how a transition stands, once nothing is on its way any more."""
        await self.settled()
        (row,) = await self.system.query(
            "SELECT state FROM transition_review.transitions WHERE transition_id = $1", transition_id
        )
        return str(row["state"])

    async def mails(self, contact_id: str) -> list[dict[str, Any]]:
        """Return the mails that a contact has got, latest first, once nothing is on its way any more."""
        await self.settled()
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.get(f"{self.found.mail_web}/api/v1/messages", params={"limit": 500})
        address = self.address(contact_id)
        return [one for one in answer.json()["messages"] if address in {to["Address"] for to in one["To"]}]

    async def hash(self) -> str:
        """Return the content hash of the version that waits."""
        version = (await self.transition()).submitted
        return version.content_hash if version else "0" * 64

    def day(self, days: int) -> date:
        """Return the day so many days ahead."""
        return self.now.date() + timedelta(days=days)

    async def published(self, topic: str = "transitions.v1") -> list[dict[str, Any]]:
        """Return what a topic tells of the customer, once nothing is left to be told."""
        await self.settled()
        return await self.system.facts(topic, self.customer)

    async def pass_time(self, span: timedelta) -> None:
        """Move the clock, and let all be done that is due."""
        await self.type("clock", "advance", f"{math.ceil(span / timedelta(minutes=1))}m", "--step", self.step)

    async def facts(self) -> list[dict[str, Any]]:
        """Return what plans.v1 tells of the customer, once nothing is left to be told."""
        return await self.published("plans.v1")

    async def settled(self) -> None:
        """Wait until nothing is on its way."""
        async with Settling(self.found) as system:
            await system.settled()


@asynccontextmanager
async def office(shell: Shell, customer_id: str, *, step: str) -> AsyncIterator[Office]:
    """Open an office for a customer of its own. step: of the clock; a day lets it tell what it tells a day ahead.

    It may be changed on the way, where nothing is due for months.
    """
    run = json.loads((shell.home / "run.json").read_text())
    found = of_run(run["addresses"], Home(shell.home))
    async with AsyncExitStack() as stack:
        yield Office(shell, found, customer_id, step, stack)
