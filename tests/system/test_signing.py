"""From the CSM's commands to the customer's signature, through real Kafka, Postgres, HTTP and SMTP."""

import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from amicable.asking import ask
from shared.contracts.answers import CommandAccepted
from shared.contracts.topics import ACTION_PLANS_COMMANDS
from tests.deployment import Deployment, until
from tests.stories import customer, person
from tests.system.conftest import Desk

FROM_HERE = {"sec-fetch-site": "same-origin", "origin": "null"}


class Planning(Desk):
    """A CSM who makes a plan with a customer."""

    case_id: str | None = None

    async def done(self, kind: str, /, **fields: Any) -> str:
        """Ask for something that must be accepted; returns the id of what it is about."""
        command: Any = ACTION_PLANS_COMMANDS.by_type[kind]
        common = {"event_id": str(uuid4()), "occurred_at": datetime.now(UTC), "customer_id": self.customer}
        if self.case_id is not None:
            common["case_id"] = self.case_id
        answer = await ask(self.addresses(), command.model_validate({**common, **fields}), self.csm)
        assert isinstance(answer, CommandAccepted), answer
        return str(answer.subject_id)

    async def link(self, *words: str) -> dict[str, str]:
        """Run `amicable link`; returns what it printed."""
        typed = await self.type("link", self.customer, "--as", self.csm, "--json", *words)
        assert typed.code == 0, typed
        told: dict[str, str] = json.loads(typed.out)
        return told


async def proposed(desk: Planning) -> None:
    """Open a case, talk, and propose a plan with an expectation and a commitment of each side."""
    start = datetime.now(UTC).date() + timedelta(days=1)  # at the customer's it may be tomorrow already
    desk.case_id = await desk.done("OpenCase", reason="They called twice.")
    for id_, side, role, who in (("s-exec", "customer", "executive", "boss"), ("s-us", "us", "main", desk.csm)):
        await desk.done("AddStakeholder", stakeholder_id=id_, side=side, role=role, person_id=who)
    talk = {"conversation_id": "talk", "channel": "video"}
    await desk.done("ScheduleConversation", planned_for=datetime.now(UTC) + timedelta(hours=1), **talk)
    held = {"held_at": datetime.now(UTC), "attendees": ["s-exec", "s-us"]}
    await desk.done("RecordConversation", told_ending_possible=False, notes="We spoke openly.", **talk, **held)
    for side, author in (("us", desk.csm), ("customer", "boss")):
        await desk.done(
            "AddExpectation", expectation_id=f"e-{side}", side=side, kind="outcome", text=f"{side} wins", author=author
        )
    frame = {"starts_on": start, "ends_on": start + timedelta(days=60), "first_review_on": start + timedelta(days=5)}
    await desk.done("DraftPlan", purpose="We work it out.", cadence="weekly", **frame)
    for side, owner in (("us", desk.csm), ("customer", "boss")):
        about = {"what": f"{side} acts", "done_when": "Seen.", "due_on": start + timedelta(days=9)}
        await desk.done("AddCommitment", commitment_id=f"c-{side}", side=side, owner=owner, **about)
    await desk.done("ProposePlan")


async def test_customer_signs_on_its_page_with_the_code_from_its_mail(deployment: Deployment, tmp_path: Path) -> None:
    desk = Planning(deployment, tmp_path)
    contacts = [{"contact_id": "boss", "name": "Bo Ss", "role": "executive", "email": f"{desk.customer}@example.com"}]
    await deployment.publish(person(desk.csm), customer(desk.customer, desk.csm, contacts=contacts))

    async def known() -> Any:
        return await deployment.query(
            "SELECT FROM action_plans.customers JOIN action_plans.people ON person_id = csm WHERE customer_id = $1",
            desk.customer,
        )

    await until(known, "the customer and its CSM are known")
    await proposed(desk)
    link = await desk.link("--contact", "boss")
    async with httpx.AsyncClient(trust_env=False, follow_redirects=True, headers=FROM_HERE) as http:
        page = (await http.get(link["url"])).text
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="(\w*)">', page))
        await http.post(f"{link['url']}/code", data=fields)

        async def mailed() -> Any:
            return [mail for mail in deployment.catcher.mails if desk.customer in mail["To"]]

        (mail,) = await until(mailed, "the code is in the mail")
        body = mail.get_body(("plain",)).get_content()
        code = re.search(r"^ +([0-9]{6})\s*$", body, re.MULTILINE)
        assert code is not None, body
        page = unescape((await http.post(f"{link['url']}/sign", data={**fields, "code": code[1]})).text)
        assert "You have signed this version" in page
        assert await desk.link("--revoke", link["link_id"]) == {"link_id": link["link_id"]}
        assert (await http.get(link["url"])).status_code == 404
    log = "".join(service.log.read_text() for service in deployment.services.values())
    assert link["url"].rpartition("/")[2] not in log
    assert code[1] not in re.sub(r'"(timestamp|correlation_id|case_id|notice_id|offset)":[^,}]*', "", log)
