"""`amicable audit verify` beside the running system: what Kafka holds is the witness of a chain rewritten whole."""

import json
from dataclasses import replace

import asyncpg

from services.action_plans.store import record
from services.action_plans.store.record import Entry
from tests.deployment import Deployment, until
from tests.system.conftest import Desk


async def opened(desk: Desk, system: Deployment) -> str:
    """Open a case by hand, with something on its record; returns its id."""
    command = {"type": "OpenCase", "customer_id": desk.customer, "reason": "They do not answer."}
    (answer,) = (await desk.type("do", "-", "--as", desk.csm, "--json", stdin=json.dumps(command))).out.splitlines()
    case_id: str = json.loads(answer)["subject_id"]
    for value in (2, 1):
        sentiment = {**command, "type": "RecordSentiment", "case_id": case_id, "value": value, "why": "Tired of us."}
        del sentiment["reason"]
        assert (await desk.type("do", "-", "--as", desk.csm, stdin=json.dumps(sentiment))).code == 0

    async def sent() -> bool:
        return len(await system.facts("plans.v1", desk.customer)) == 3

    await until(sent, "the facts are in Kafka")
    return case_id


async def rewrite(system: Deployment, case_id: str) -> None:
    """Change the second row, and everything after it so that it fits again."""
    admin = await asyncpg.connect(system.admin, server_settings={"search_path": "action_plans"})
    async with admin.transaction():
        rows = await admin.fetch("SELECT * FROM record WHERE case_id = $1 ORDER BY number", case_id)
        first, second, *rest = [Entry(**dict(row)) for row in rows]
        head = record.Head(first.number, first.hash)
        await admin.execute("ALTER TABLE record DISABLE TRIGGER only_added")
        for row in (replace(second, details="{}"), *rest):
            bound = record.bind(head, row)
            head = record.Head(bound.number, bound.hash)
            await admin.execute(
                "UPDATE record SET details = $3, previous = $4, hash = $5 WHERE case_id = $1 AND number = $2",
                case_id, bound.number, bound.details, bound.previous, bound.hash,
            )  # fmt: skip
        await admin.execute("UPDATE cases SET chain_hash = $2 WHERE case_id = $1", case_id, head.hash)
        await admin.execute("ALTER TABLE record ENABLE TRIGGER only_added")
    await admin.close()


async def test_chain_rewritten_whole_is_found_by_what_kafka_holds(deployment: Deployment, desk: Desk) -> None:
    case_id = await opened(desk, deployment)
    sound = await desk.type("audit", "verify", desk.customer)
    assert (sound.code, sound.err) == (0, "")
    assert (
        sound.out.strip() == f"1 case and 3 rows of their records looked at (of {desk.customer}): nothing was changed."
    )
    await rewrite(deployment, case_id)
    found = await desk.type("audit", "verify", desk.customer)
    assert (found.code, found.err) == (1, "")
    assert found.out.splitlines()[0] == (
        f"Case {case_id} of {desk.customer}, row 3: The record was rewritten: Kafka holds another hash of this row."
    )
    every = json.loads((await desk.type("audit", "verify", "--all", "--json")).out)
    assert [(one["fault"], one["row"]) for one in every["findings"] if one["case_id"] == case_id] == [("rewritten", 3)]
