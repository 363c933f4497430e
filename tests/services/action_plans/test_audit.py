"""Whoever changes a record, the case or a version is found, with the place; what was not sent yet is no fault."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from amicable.chain_heads import Heard, hear
from services.action_plans import audit
from services.action_plans.audit import Finding
from services.action_plans.domain.terms import hash_of_content
from services.action_plans.store import kept, record
from services.action_plans.store.record import Entry
from shared.database import Transaction
from tests.services.action_plans.steps import proposed, talked, with_players
from tests.services.action_plans.workshop import Bench
from tests.stories import person

Pool = Any
Admin = Any


@pytest.fixture
async def bench(pool: Pool) -> Bench:
    """A case with players, a conversation and a proposed plan."""
    bench = Bench(pool)
    await bench.announce()
    await bench.risk()
    await with_players(bench)
    await talked(bench)
    await proposed(bench)
    return bench


@pytest.fixture
async def admin(own_database: str) -> AsyncIterator[Admin]:
    """An administrator, who has taken away what keeps the record from being changed."""
    connection = await asyncpg.connect(own_database, server_settings={"search_path": "action_plans"})
    for table in ("record", "plan_versions"):
        await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER only_added")
    yield connection
    await connection.close()


async def told(bench: Bench) -> dict[str, Heard]:
    """Return what Kafka holds once everything was sent."""
    heard: dict[str, Heard] = {}
    for row in await bench.pool.fetch("SELECT body FROM outbox WHERE topic = 'plans.v1' ORDER BY id"):
        hear(heard, row["body"])
    return heard


async def audited(bench: Bench, heard: dict[str, Heard]) -> list[Finding]:
    """Return everything that is wrong with acme's cases."""
    async with bench.transaction() as tx:
        found: list[Finding] = []
        async for case in kept.stream(tx, "acme"):
            found += await _examined(tx, case, heard.pop(case.case_id, None))
        found += [audit.gone(case_id, one.customer_id, one.said()) for case_id, one in heard.items()]
        return found + [audit.left_over(case_id) for case_id in await kept.without_case(tx) if case_id not in heard]


async def _examined(tx: Transaction, case: kept.KeptCase, known: Heard | None) -> tuple[Finding, ...]:
    rows, versions = await kept.rows_of(tx, case.case_id), await kept.versions_of(tx, case.case_id)
    return audit.examine(case, rows, versions, known.said() if known else None)


async def rows(admin: Admin) -> list[Entry]:
    return [Entry(**dict(row)) for row in await admin.fetch("SELECT * FROM record ORDER BY number")]


async def rewrite(admin: Admin, changed: Entry) -> None:
    """Write every row from the changed one on anew, each bound to the one before it, and the case's head."""
    there = await rows(admin)
    before = there[changed.number - 2]
    head = record.Head(before.number, before.hash)
    for one in [changed, *there[changed.number :]]:
        bound = record.bind(head, one)
        head = record.Head(bound.number, bound.hash)
        await admin.execute(
            "UPDATE record SET details = $2, previous = $3, hash = $4 WHERE number = $1",
            bound.number, bound.details, bound.previous, bound.hash,
        )  # fmt: skip
    await admin.execute("UPDATE cases SET chain_hash = $1", head.hash)


async def test_record_as_it_was_written_has_no_findings(bench: Bench) -> None:
    assert await audited(bench, await told(bench)) == []


async def test_clock_that_finds_nothing_to_tell_leaves_the_case_as_its_record_has_hashed_it(pool: Pool) -> None:
    """It has told that a conversation is due; that is no alarm any more when it looks again."""
    bench = Bench(pool)
    await bench.announce()
    bench.now += timedelta(hours=1)
    await bench.tell_person(**person("ana"))  # with no manager who could take the case
    await bench.risk()
    await with_players(bench)
    await bench.pass_time(timedelta(days=8))
    await talked(bench)
    before = await bench.types()
    assert "ConversationDue" in before
    await bench.tell_person(**person("ana", active=False))
    await bench.sweep()
    assert await bench.types() == before
    assert await audited(bench, await told(bench)) == []


async def test_what_was_not_sent_yet_is_no_fault(bench: Bench) -> None:
    heard = await told(bench)
    await bench.done("RecordSentiment", value=2, why="They are tired of us.")
    assert await audited(bench, heard) == []
    assert await audited(bench, {}) == []


async def edited(admin: Admin) -> None:
    await admin.execute("UPDATE record SET details = '{}' WHERE number = 3")


async def replaced(admin: Admin) -> None:
    row = replace((await rows(admin))[2], details="{}")
    await admin.execute("UPDATE record SET details = '{}', hash = $1 WHERE number = 3", row.expected())


async def last_replaced(admin: Admin) -> None:
    row = replace((await rows(admin))[-1], details="{}")
    await admin.execute("UPDATE record SET details = '{}', hash = $1 WHERE number = $2", row.expected(), row.number)


async def by_another(admin: Admin) -> None:
    await admin.execute("UPDATE record SET by = 'mo' WHERE number = 3")


async def beyond(admin: Admin) -> None:
    await admin.execute("UPDATE record SET revision = 9007199254740993 WHERE number = 3")


async def deleted(admin: Admin) -> None:
    await admin.execute("DELETE FROM record WHERE number IN (3, 4)")


async def first_deleted(admin: Admin) -> None:
    await admin.execute("DELETE FROM record WHERE number = 1")


async def reordered(admin: Admin) -> None:
    await admin.execute("UPDATE record SET number = 1000 WHERE number = 3")
    await admin.execute("UPDATE record SET number = 3 WHERE number = 4")
    await admin.execute("UPDATE record SET number = 4 WHERE number = 1000")


async def cut_off(admin: Admin) -> None:
    await admin.execute("DELETE FROM record WHERE number > 8")


async def all_cut_off(admin: Admin) -> None:
    await admin.execute("DELETE FROM record")
    await admin.execute("DELETE FROM plan_versions")


async def content_edited(admin: Admin) -> None:
    await admin.execute("UPDATE cases SET content = replace(content, 'We went', 'We hurried')")


async def column_edited(admin: Admin) -> None:
    await admin.execute("UPDATE cases SET csm = 'eve'")


async def terms_edited(admin: Admin) -> None:
    await admin.execute("UPDATE plan_versions SET terms = replace(terms, 'Half of', 'All of')")


async def version_replaced(admin: Admin) -> None:
    await terms_edited(admin)
    row = await admin.fetchrow("SELECT * FROM plan_versions")
    hash_ = hash_of_content("acme", row["case_id"], json.loads(row["terms"]))
    await admin.execute("UPDATE plan_versions SET content_hash = $1", hash_)


async def version_deleted(admin: Admin) -> None:
    await admin.execute("DELETE FROM plan_versions")


async def rewritten(admin: Admin) -> None:
    await rewrite(admin, replace((await rows(admin))[2], details="{}"))


async def case_deleted(admin: Admin) -> None:
    await admin.execute("DELETE FROM cases")


CHANGES: list[tuple[Callable[[Admin], Awaitable[None]], list[tuple[str, int | None]]]] = [
    (edited, [("edited", 3)]),
    (by_another, [("edited", 3)]),
    (beyond, [("edited", 3)]),
    (replaced, [("edited", 3)]),
    (last_replaced, [("edited", 13), ("rewritten", 13)]),
    (deleted, [("deleted", 3), ("deleted", 4)]),
    (first_deleted, [("deleted", 1)]),
    (reordered, [("reordered", 3), ("reordered", 4)]),
    (cut_off, [("cut_off", 9)]),
    (all_cut_off, [("cut_off", 1)]),
    (content_edited, [("content", None)]),
    (column_edited, [("content", None)]),
    (terms_edited, [("version", None)]),
    (version_replaced, [("version", None)]),
    (version_deleted, [("version", None)]),
    (rewritten, [("rewritten", 13)]),
    (case_deleted, [("deleted", None)]),
]


@pytest.mark.parametrize(("change", "found"), CHANGES, ids=[change.__name__ for change, _ in CHANGES])
async def test_change_is_found_with_its_place(
    bench: Bench, admin: Admin, change: Callable[[Admin], Awaitable[None]], found: list[tuple[str, int | None]]
) -> None:
    heard = await told(bench)
    await change(admin)
    findings = await audited(bench, heard)
    assert [(one.fault, one.row) for one in findings] == found
    assert all(one.says.endswith(".") for one in findings)


async def test_record_and_case_set_back_together_are_found_by_what_was_said(bench: Bench, admin: Admin) -> None:
    """All of it fits together; only Kafka knows that there was more."""
    before = await admin.fetchrow("SELECT * FROM cases")
    await bench.done("RecordSentiment", value=2, why="They are tired of us.")
    await admin.execute("DELETE FROM record WHERE number > $1", before["chain_number"])
    await admin.execute(
        "UPDATE cases SET revision = $1, content = $2, chain_number = $3, chain_hash = $4",
        before["revision"], before["content"], before["chain_number"], before["chain_hash"],
    )  # fmt: skip
    assert await audited(bench, {}) == []
    (one,) = await audited(bench, await told(bench))
    assert (one.fault, one.row) == ("cut_off", before["chain_number"] + 1)


@pytest.mark.parametrize(
    "attempt",
    [
        "UPDATE record SET details = '{}'",
        "DELETE FROM record",
        "UPDATE plan_versions SET terms = '{}'",
        "DELETE FROM plan_versions",
        "TRUNCATE record",
        "TRUNCATE plan_versions",
        "ALTER TABLE record DISABLE TRIGGER only_added",
        "ALTER TABLE record DISABLE TRIGGER ALL",
        "DROP TRIGGER only_added ON record",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "SET session_replication_role = replica",
        "DROP TABLE record",
    ],
)
async def test_the_service_itself_cannot_change_its_record(bench: Bench, attempt: str) -> None:
    with pytest.raises(asyncpg.PostgresError):
        await bench.pool.execute(attempt)
    assert await audited(bench, await told(bench)) == []
