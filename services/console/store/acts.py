"""What people ask for, what became of it, and what they have typed so far. `form`: which form of which page."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.contracts.answers import CommandAccepted, CommandRejected
from shared.contracts.event import Answer, Problem
from shared.database import Row, Transaction

MOST_DRAFTS = 300  # of one person; the oldest go
DRAFT_DAYS = 180
ASKED_DAYS = 30
SECRET_HOURS = 24
State = Literal["saving", "done", "refused"]


@dataclass(frozen=True)
class Act:
    """A command that was asked for. problem: why it was refused; secret: for whoever asked."""

    command_id: str
    state: State
    asked_at: datetime
    answered_at: datetime | None
    problem: Problem | None
    secret: str | None


@dataclass(frozen=True)
class Draft:
    """What was typed. command_id: the command that asked for exactly this."""

    fields: Mapping[str, Sequence[str]]
    command_id: str | None
    at: datetime


async def begin(
    tx: Transaction, command_id: str, person_id: str, form: str, customer_id: str | None, secret: str | None
) -> bool:
    """Note that a command is asked for; False where it was before."""
    return bool(
        await tx.value(
            """
            INSERT INTO asked (command_id, person_id, form, customer_id, asked_at, secret)
            VALUES ($1, $2, $3, $4, clock_timestamp(), $5) ON CONFLICT DO NOTHING RETURNING true
            """,
            command_id,
            person_id,
            form,
            customer_id,
            secret,
        )
    )


async def answered(tx: Transaction, answers: Sequence[Answer]) -> None:
    """Note what became of commands that were asked for here, tell their persons' pages, and let go of what was typed.

    An answer that says the same again, or that belongs to a command from elsewhere, changes nothing.
    """
    told = [
        (
            one.command_id,
            "done" if isinstance(one, CommandAccepted) else "refused",
            one.problem.model_dump_json() if isinstance(one, CommandRejected) else None,
        )
        for one in answers
    ]
    if not told:
        return
    ids, states, problems = zip(*told, strict=True)
    await tx.execute(
        """
        WITH told AS (
            SELECT DISTINCT ON (command_id) * FROM unnest($1::text[], $2::text[], $3::jsonb[])
                AS one (command_id, state, problem) ORDER BY command_id, state
        ),
        known AS (
            UPDATE asked SET state = told.state, problem = told.problem, answered_at = clock_timestamp()
            FROM told WHERE asked.command_id = told.command_id AND asked.state = 'saving'
            RETURNING asked.command_id, asked.person_id, asked.form, told.state
        ),
        gone AS (
            DELETE FROM drafts USING known WHERE drafts.command_id = known.command_id AND known.state = 'done'
        )
        INSERT INTO live (kind, person_id, subject) SELECT 'command', person_id, form FROM known
        """,
        list(ids),
        list(states),
        list(problems),
    )


async def find(tx: Transaction, command_id: str) -> Act | None:
    """Return what became of a command of this reader, None where it is none of theirs."""
    row = await tx.row(
        "SELECT command_id, state, asked_at, answered_at, problem, secret FROM asked"
        " WHERE command_id = $1 AND person_id = reader()",
        command_id,
    )
    return _act(row) if row else None


async def latest(tx: Transaction, person_id: str, forms: str) -> dict[str, Act]:
    """Return the latest act of each form whose name begins so."""
    rows = await tx.fetch(
        """
        SELECT DISTINCT ON (form) form, command_id, state, asked_at, answered_at, problem, secret
        FROM asked WHERE person_id = $1 AND starts_with(form, $2) ORDER BY form, asked_at DESC
        """,
        person_id,
        forms,
    )
    return {row["form"]: _act(row) for row in rows}


def _act(row: Row) -> Act:
    problem = Problem.model_validate_json(row["problem"]) if row["problem"] else None
    return Act(row["command_id"], row["state"], row["asked_at"], row["answered_at"], problem, row["secret"])


async def keep_draft(
    tx: Transaction,
    person_id: str,
    form: str,
    fields: Mapping[str, Sequence[str]],
    command_id: str | None = None,
    *,
    while_typing: str = "",
) -> None:
    """Keep what somebody has typed.

    while_typing: the command that will ask for it. What was on its way while that was asked for comes too late: it must
    not stand there again as if it were new.
    """
    await tx.execute(
        """
        INSERT INTO drafts (person_id, form, fields, command_id, at) SELECT $1, $2, $3, $4, clock_timestamp()
        WHERE NOT EXISTS (SELECT FROM asked WHERE command_id = $5 AND state <> 'refused')
        ON CONFLICT (person_id, form) DO UPDATE
        SET fields = excluded.fields, command_id = excluded.command_id, at = excluded.at
        WHERE drafts.command_id IS DISTINCT FROM $5
           OR EXISTS (SELECT FROM asked WHERE command_id = $5 AND state = 'refused')
        """,
        person_id,
        form,
        json.dumps({name: list(values) for name, values in fields.items()}),
        command_id,
        while_typing,
    )
    await tx.execute(
        """
        DELETE FROM drafts WHERE person_id = $1 AND form IN (
            SELECT form FROM drafts WHERE person_id = $1 ORDER BY at DESC OFFSET $2)
        """,
        person_id,
        MOST_DRAFTS,
    )


async def drop_draft(tx: Transaction, person_id: str, form: str) -> None:
    """Forget what somebody has typed, as they wish."""
    await tx.execute("DELETE FROM drafts WHERE person_id = $1 AND form = $2", person_id, form)


async def drafts(tx: Transaction, person_id: str, forms: str) -> dict[str, Draft]:
    """Return what was typed into each form whose name begins so."""
    rows = await tx.fetch(
        "SELECT form, fields, command_id, at FROM drafts WHERE person_id = $1 AND starts_with(form, $2)",
        person_id,
        forms,
    )
    return {row["form"]: Draft(json.loads(row["fields"]), row["command_id"], row["at"]) for row in rows}


async def forget(tx: Transaction, limit: int) -> int:
    """Forget answered commands and drafts that are old, and secrets sooner; at most `limit`, returns how many."""
    await tx.execute("SELECT set_config('console.projects', 'on', true)")
    return int(
        await tx.value(
            """
            WITH old AS (
                DELETE FROM asked WHERE command_id IN (
                    SELECT command_id FROM asked WHERE asked_at < clock_timestamp() - make_interval(days => $2)
                    LIMIT $1)
                RETURNING 1
            ),
            stale AS (
                DELETE FROM drafts WHERE (person_id, form) IN (
                    SELECT person_id, form FROM drafts WHERE at < clock_timestamp() - make_interval(days => $3)
                    LIMIT $1)
                RETURNING 1
            ),
            hidden AS (
                UPDATE asked SET secret = NULL
                WHERE secret IS NOT NULL AND asked_at < clock_timestamp() - make_interval(hours => $4)
                  AND asked_at >= clock_timestamp() - make_interval(days => $2)
                RETURNING 1
            ) SELECT greatest((SELECT count(*) FROM old), (SELECT count(*) FROM stale))
            """,
            limit,
            ASKED_DAYS,
            DRAFT_DAYS,
            SECRET_HOURS,
        )
    )
