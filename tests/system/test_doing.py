"""`amicable do`: commands of several services in order, each with its answer."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from amicable.asking import ask, asking
from shared.contracts.answers import CommandAccepted
from shared.contracts.health_commands import RescoreCustomer
from shared.contracts.topics import HEALTH_SCORING_COMMANDS
from tests.system.conftest import Desk


def lines(desk: Desk, *commands: dict[str, Any]) -> str:
    """Write commands about the desk's customer, a line each."""
    return "".join(json.dumps({"customer_id": desk.customer, **command}) + "\n" for command in commands)


OPEN = {"type": "OpenCase", "reason": "They do not answer."}
RESCORE = {"type": "RescoreCustomer"}


async def test_commands_of_several_services_are_answered_in_order(desk: Desk) -> None:
    done = await desk.type("do", "-", "--as", desk.csm, stdin=lines(desk, OPEN, OPEN, RESCORE))
    assert (done.code, done.err) == (1, "")
    first, second, needed, third, told = done.out.splitlines()
    assert first.startswith("line 1 · OpenCase accepted: ")
    assert first.endswith(", revision 1")
    case_id = first.split()[5].rstrip(",")
    assert second == f"line 2 · OpenCase refused: The customer has an open case already: {case_id}."
    assert needed == "  needed: no case is open"
    assert third.startswith("line 3 · RescoreCustomer accepted: ")
    assert told == "3 commands: 2 accepted, 1 refused."


async def test_stop_sends_no_more_after_a_refusal(desk: Desk) -> None:
    text = lines(desk, {"type": "ClearOverride"}, OPEN)
    done = await desk.type("do", "-", "--as", desk.csm, "--stop", stdin=text)
    assert done.code == 1
    assert done.out.splitlines()[-1] == "2 commands: 0 accepted, 1 refused, 1 not sent."
    done = await desk.type("do", "-", "--as", desk.csm, "--json", stdin=text)
    rejected, accepted = (json.loads(line) for line in done.out.splitlines())
    assert rejected["problem"]["unmet"] == ["an override is open"]
    assert accepted["type"] == "CommandAccepted", "it had not been sent"


async def test_all_accepted_is_code_0(desk: Desk) -> None:
    done = await desk.type("do", "-", "--as", desk.csm, stdin=lines(desk, OPEN))
    assert (done.code, len(done.out.splitlines())) == (0, 1)


async def test_same_file_again_is_answered_as_it_was_and_nothing_is_done_twice(desk: Desk) -> None:
    text = lines(desk, OPEN | {"event_id": str(uuid4())})
    first, again = [await desk.type("do", "-", "--as", desk.csm, stdin=text) for _ in range(2)]
    assert (first.code, again.code) == (0, 0)
    assert again.out == first.out


async def test_answer_to_somebody_else_is_not_ours(desk: Desk) -> None:
    def command() -> RescoreCustomer:
        return RescoreCustomer(event_id=str(uuid4()), customer_id=desk.customer, occurred_at=datetime.now(UTC))

    found = desk.addresses()
    async with asking(found, desk.csm, [HEALTH_SCORING_COMMANDS]) as asker:
        await ask(found, command(), desk.csm)
        mine = command()
        answer = await asker.ask(mine)
    assert isinstance(answer, CommandAccepted)
    assert answer.command_id == mine.event_id
