"""What open pages are told, as rows: a page that was away for a while is told what it missed, in the same order."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from shared.database import Pool, Row, Transaction

HOURS = 24  # so long what was told is kept
AT_ONCE = 200
_POSITION = re.compile(r"([0-9]{1,19})-([0-9]{1,18})")


@dataclass(frozen=True, order=True)
class Position:
    """A place in what was told: the transaction that wrote it, and the number of the row."""

    xact: int
    id: int

    def __str__(self) -> str:
        """Return it as browsers give it back in Last-Event-ID."""
        return f"{self.xact}-{self.id}"


@dataclass(frozen=True)
class News:
    """What is told. person_id: to this person alone; subject: the form, or what has changed."""

    position: Position
    kind: str
    person_id: str | None
    subject: str


def position_of(text: str) -> Position | None:
    """Return the position that a browser gives back, None where it is none."""
    found = _POSITION.fullmatch(text)
    return Position(int(found[1]), int(found[2])) if found and int(found[1]) < 2**63 else None


async def changed(tx: Transaction, subjects: Sequence[tuple[str, str | None, str | None]]) -> None:
    """Tell the open pages about these subjects: each as (subject, customer, transition), as far as there is one."""
    await tx.execute_many(
        "INSERT INTO live (kind, subject, customer_id, transition_id) VALUES ('changed', $1, $2, $3)", subjects
    )


async def chosen(tx: Transaction, people: Sequence[str]) -> None:
    """Tell these people's pages that they are told in another way from now on."""
    await tx.execute_many(
        "INSERT INTO live (kind, person_id, subject) VALUES ('changed', $1, 'me/preferences')",
        [(one,) for one in people],
    )


async def taken(tx: Transaction, asks: Sequence[str]) -> None:
    """Tell the pages of whoever was asked that somebody has taken it in hand, or that it is done."""
    await tx.execute(
        """
        INSERT INTO live (kind, person_id, subject)
        SELECT DISTINCT 'changed', person_id, 'me/notifications' FROM notices WHERE ask_id = ANY ($1::text[])
        """,
        asks,
    )


async def noticed(tx: Transaction, people: Sequence[str]) -> None:
    """Tell these people's pages that they have a notification."""
    await tx.execute_many(
        "INSERT INTO live (kind, person_id, subject) VALUES ('notice', $1, 'notifications')",
        [(one,) for one in people],
    )


_NEWEST = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text"


async def now(tx: Transaction) -> Position:
    """Return the position from which on what comes is new to what is read in this transaction."""
    return Position(int(await tx.value(_NEWEST)), 0)


async def newest(pool: Pool) -> Position:
    """Return the position from which on what comes is new."""
    return Position(int(await pool.fetchval(_NEWEST)), 0)


async def latest(pool: Pool, after: Position) -> tuple[list[News], Position]:
    """Return what was told since, to whomever, and how far one has come; for the post, which hands it on."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT set_config('console.projects', 'on', true)")
        rows = await connection.fetch(
            """
            SELECT xact::text AS xact, id, kind, person_id, subject FROM live
            WHERE (xact, id) > ($1::text::xid8, $2) AND xact < pg_snapshot_xmin(pg_current_snapshot())
            ORDER BY live.xact, id LIMIT $3
            """,
            str(after.xact),
            after.id,
            AT_ONCE,
        )
    news = [_news(row) for row in rows]
    return news, news[-1].position if news else after


async def since(tx: Transaction, after: Position, subjects: Sequence[str]) -> list[News]:
    """Return what this reader was told since, and what changed of these subjects as far as they may see it."""
    rows = await tx.fetch(
        """
        SELECT xact::text AS xact, id, kind, person_id, subject FROM live
        WHERE (xact, id) > ($1::text::xid8, $2) AND xact < pg_snapshot_xmin(pg_current_snapshot())
          AND (person_id = reader() OR subject = ANY ($4))
        ORDER BY live.xact, id LIMIT $3
        """,
        str(after.xact),
        after.id,
        AT_ONCE,
        subjects,
    )
    return [_news(row) for row in rows]


def _news(row: Row) -> News:
    return News(Position(int(row["xact"]), row["id"]), row["kind"], row["person_id"], row["subject"])


async def forget(tx: Transaction, limit: int) -> int:
    """Forget what was told long ago, at most `limit`; returns how many."""
    await tx.execute("SELECT set_config('console.projects', 'on', true)")
    return int(
        await tx.value(
            """
            WITH gone AS (
                DELETE FROM live WHERE (xact, id) IN (
                    SELECT xact, id FROM live WHERE at < clock_timestamp() - make_interval(hours => $2) LIMIT $1)
                RETURNING 1
            ) SELECT count(*) FROM gone
            """,
            limit,
            HOURS,
        )
    )
