"""Who may do what, for every command and every kind of person; and nobody allows what they asked for themselves."""

import pytest

from shared.database import Pool
from tests.services.action_plans import every_command, steps
from tests.services.action_plans.every_command import DAY, TRIES
from tests.services.action_plans.tables import changed, everything
from tests.services.action_plans.test_commands import fields_of
from tests.services.action_plans.workshop import Bench
from tests.stories import person

EVERYBODY = {
    "ana": "the CSM",
    "eve": "a CSM of others",
    "lina": "the CSM's own manager, without a role",
    "mo": "a manager by role, who leads nobody",
    "xenia": "an executive",
    "admin": "an admin",
    "gone": "a manager who has left",
    "carla": "a contact of the customer",
    "nobody": "somebody unknown",
}
OWN = {"ana", "mo", "xenia", "admin"}
SENIOR = {"mo", "xenia", "admin"}
MANAGER = {"lina", "mo"}
OTHER = {"ReassignCase": SENIOR}
OTHER |= dict.fromkeys(("ApproveException", "AcknowledgeUndeliverable", "ExplainMissingData"), MANAGER)


@pytest.mark.parametrize("who", EVERYBODY)
async def test_each_person_may_what_their_role_and_their_customer_allow(pool: Pool, who: str) -> None:
    """Whoever may hears of the conflict, whoever may not does not even that: rights come first."""
    bench = Bench(pool)
    await every_command.everybody(bench)
    before = await everything(pool)
    for one in TRIES:
        given = {**await fields_of(one, bench, _known(one.kind)), "expected_revision": 99}
        code = "conflict" if who in OTHER.get(one.kind, OWN) else "not_allowed"
        await bench.refused(one.kind, code, who=who, **given)
    await bench.refused("OpenCase", "case_open" if who in OWN else "not_allowed", who=who, reason="Trouble")
    await bench.refused(
        "DismissCase", "no_case" if who in OWN else "not_allowed", who=who, case_id="no-such", reason="Trouble"
    )
    assert await changed(pool, before) == set()


def _known(kind: str) -> dict[str, str]:
    return {"content_hash": "0" * 64} if kind == "SignPlan" else {}


async def test_whoever_has_the_case_does_not_act_as_its_manager(pool: Pool) -> None:
    """A manager who is the CSM has nobody above: another one looks at it."""
    bench = Bench(pool)
    await every_command.given_up(bench)
    await bench.done("ReassignCase", who="xenia", csm="mo", reason="Ana is away.")
    for kind, more in (
        ("ApproveException", {"statement": "Go on."}),
        ("AcknowledgeUndeliverable", {"commitment_id": "c-us"}),
        ("ExplainMissingData", {"why": "Their proxy blocks it."}),
    ):
        await bench.refused(kind, "not_allowed", who="mo", **more)


async def test_nobody_allows_what_they_asked_for_themselves(pool: Pool) -> None:
    bench = Bench(pool)
    await every_command.late(bench)
    attempts = [{"on": bench.now.date(), "how": "By telephone"}]
    await bench.done("RequestException", who="mo", attempts=attempts, why="Nobody answers.")
    await bench.refused("ApproveException", "own_request", who="mo", statement="Go on.")
    await bench.done("RecordUndeliverable", who="mo", commitment_id="c-us", cause="It was never built.")
    await bench.refused("AcknowledgeUndeliverable", "own_request", who="mo", commitment_id="c-us")
    bench.now += DAY
    await bench.tell_person(**person("lina", roles=["manager"]))
    await bench.done("ApproveException", who="lina", statement="Go on.")
    await bench.done("AcknowledgeUndeliverable", who="lina", commitment_id="c-us")


async def test_rights_are_those_of_now(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.opened(bench)
    await bench.done("RecordSentiment", value=2, why="They sounded tired.")
    bench.now += DAY
    await bench.tell_person(**person("ana", manager="mo", active=False))
    await bench.refused("RecordSentiment", "not_allowed", value=2, why="They sounded tired.")
    await bench.tell_person(**person("eve", roles=["manager"]))
    await bench.done("RecordSentiment", who="eve", value=2, why="They sounded tired.")
