"""May this relationship be ended? transition_review asks, action_plans answers, over Kafka; nothing else decides it."""

import json
from typing import Any
from uuid import uuid4

from tests.deployment import Deployment, until
from tests.stories import person
from tests.system.conftest import Desk
from tests.system.test_doing import OPEN, lines


async def proposed(desk: Desk, by: str, case_id: str, overridden: list[str]) -> str:
    """Propose to end it, without these conditions; returns the transition's id."""
    overrides = [{"condition": one, "reason": "Abuse of our people."} for one in overridden]
    command = {"type": "ProposeTransition", "transition_id": str(uuid4()), "case_id": case_id, "why": "Abuse."}
    done = await desk.type("do", "-", "--as", by, stdin=lines(desk, command | {"overrides": overrides}))
    assert done.code == 0, done
    return str(command["transition_id"])


async def state_of(deployment: Deployment, transition_id: str) -> str:
    """Wait for the answer; returns the state that it leads to."""

    async def answered() -> Any:
        rows = await deployment.query(
            "SELECT state FROM transition_review.transitions WHERE transition_id = $1 AND state <> 'proposed'",
            transition_id,
        )
        return rows and rows[0]["state"]

    return str(await until(answered, "action_plans has answered"))


async def test_relationship_is_ended_only_by_the_checklist_or_an_executive(desk: Desk, deployment: Deployment) -> None:
    executive = f"exec-{uuid4()}"
    await deployment.publish(person(executive, roles=["executive"]))
    opened = await desk.type("do", "-", "--as", desk.csm, "--json", stdin=lines(desk, OPEN))
    case_id = json.loads(opened.out)["subject_id"]

    async def known() -> Any:
        return await deployment.query(
            "SELECT 1 FROM transition_review.cases, transition_review.people WHERE case_id = $1 AND person_id = $2",
            case_id,
            executive,
        )

    await until(known, "transition_review knows the case and the executive")
    why = json.loads((await desk.type("why-not", desk.customer, "--json")).out)
    assert why["may_be_ended"] is False
    unmet = [one["name"] for one in why["conditions"] if not one["met"]]
    assert await state_of(deployment, await proposed(desk, desk.csm, case_id, [])) == "refused"
    assert await state_of(deployment, await proposed(desk, executive, case_id, unmet[1:])) == "refused"
    transition_id = await proposed(desk, executive, case_id, unmet)
    assert await state_of(deployment, transition_id) == "draft"
    off = {"type": "WithdrawTransition", "transition_id": transition_id, "why": "They have turned around."}
    assert (await desk.type("do", "-", "--as", desk.csm, stdin=lines(desk, off))).code == 0
