"""Everything that the service's tables hold, to see that nothing has changed."""

import hashlib
import json
from typing import Any

from shared.database import Pool

ANSWERS = "action_plans.answers.v1"
ALWAYS = {"inbox", "migrations"}  # a command is taken once, whatever becomes of it


async def everything(pool: Pool) -> dict[str, list[str]]:
    """Return the rows of every table but the inbox and the answers, as texts."""
    names = await pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'action_plans' ORDER BY tablename")
    found = {}
    for name in (row["tablename"] for row in names if row["tablename"] not in ALWAYS):
        other = f" WHERE topic <> '{ANSWERS}'" if name == "outbox" else ""
        rows = await pool.fetch(f"SELECT t::text AS row FROM {name} AS t{other} ORDER BY 1")
        found[name] = [row["row"] for row in rows]
    return found


async def changed(pool: Pool, before: dict[str, list[str]]) -> set[str]:
    """Return the names of the tables that hold other rows than before."""
    now = await everything(pool)
    return {name for name in now.keys() | before.keys() if now.get(name) != before.get(name)}


async def chain_problems(pool: Pool) -> list[str]:
    """Return what is wrong with the records: a number left out, a row that does not follow, a case unlike its last row.

    Written out once more, and not with what it is to prove.
    """
    found = []
    for case in await pool.fetch("SELECT * FROM cases"):
        rows = await pool.fetch("SELECT * FROM record WHERE case_id = $1 ORDER BY number", case["case_id"])
        previous = "0" * 64
        for number, row in enumerate(rows, 1):
            if row["number"] != number:
                found.append(f"number {row['number']} where {number} was expected")
            if row["previous"] != previous or row["hash"] != hash_of(dict(row)):
                found.append(f"row {number} does not follow")
            previous = row["hash"]
        last = rows[-1]
        if (case["chain_number"], case["chain_hash"]) != (last["number"], last["hash"]):
            found.append("the case has another head")
        if last["state_hash"] != hashlib.sha256(case["content"].encode()).hexdigest():
            found.append(f"the case is not as its last row ({last['kind']}) says")
        if last["revision"] != case["revision"]:
            found.append("the case has another revision than its last row")
    return found


def hash_of(row: dict[str, Any]) -> str:
    """Return the hash that a row must have: of sorted JSON without spaces, which is RFC 8785 for these."""
    said = {name: value for name, value in row.items() if name != "hash" and value is not None}
    said["at"] = said["at"].isoformat().replace("+00:00", "Z")
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
