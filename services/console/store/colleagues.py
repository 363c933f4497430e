"""Our people, to choose from."""

from shared.database import Transaction

MOST = 200  # to choose from, in every form that asks for somebody


async def active(tx: Transaction) -> dict[str, str]:
    """Return what active people of ours are called, by id; of many those nearest to the reader."""
    rows = await tx.fetch(
        """
        SELECT one.person_id, one.name FROM people AS one LEFT JOIN people AS me ON me.person_id = reader()
        WHERE one.active
        ORDER BY one.person_id = me.person_id DESC, one.person_id = me.manager DESC,
                 one.manager IN (me.person_id, me.manager) DESC NULLS LAST, one.roles && '{executive,reviewer}' DESC,
                 one.name
        LIMIT $1
        """,
        MOST,
    )
    return {row["person_id"]: row["name"] for row in rows}


async def teams(tx: Transaction) -> tuple[str, ...]:
    """Return the teams that active people of ours are in, by name."""
    rows = await tx.fetch("SELECT DISTINCT unnest(teams) AS team FROM people WHERE active ORDER BY team LIMIT $1", MOST)
    return tuple(row["team"] for row in rows)


async def leads_in(tx: Transaction) -> frozenset[str]:
    """Return the teams of active people who have this reader as manager, or as their manager's, up to ten levels."""
    rows = await tx.fetch(
        """
        WITH RECURSIVE led AS (
            SELECT person_id, teams, active, 1 AS level FROM people WHERE manager = reader()
            UNION
            SELECT one.person_id, one.teams, one.active, level + 1 FROM led JOIN people AS one
            ON one.manager = led.person_id WHERE level < 10
        )
        SELECT DISTINCT unnest(teams) AS team FROM led WHERE active
        """
    )
    return frozenset(row["team"] for row in rows)


async def stands_in_for(tx: Transaction, transition_id: str) -> frozenset[str]:
    """Return the teams that this reader answers for in a transition, besides their own."""
    rows = await tx.fetch(
        "SELECT team FROM stand_ins WHERE transition_id = $1 AND person_id = reader() AND until > $2",
        transition_id,
        tx.now,
    )
    return frozenset(row["team"] for row in rows)
