"""Who answers for a team in one ending, until a moment: named there, and told as the team is."""

from collections.abc import Sequence
from dataclasses import replace

from services.notifications.domain.telling import Telling
from shared.contracts.endings.facts import StandInNamed, TransitionFact
from shared.contracts.event import Fact
from shared.database import Row, Transaction


async def keep(tx: Transaction, facts: Sequence[Fact]) -> None:
    """Keep who was named by any of the facts."""
    named = [one for one in facts if isinstance(one, StandInNamed)]
    await tx.execute_many(
        """
        INSERT INTO stand_ins (transition_id, team, person_id, until) VALUES ($1, $2, $3, $4)
        ON CONFLICT (transition_id, team, person_id) DO UPDATE SET until = excluded.until
        """,
        [(one.transition_id, one.about, one.person, one.until) for one in named],
    )


async def told_too(tx: Transaction, told: Sequence[tuple[Telling, Fact]]) -> list[tuple[Telling, Fact]]:
    """Add to what is for teams who answers for them now; not to what tells a team of them, or what they said."""
    endings = {id_ for one, fact in told if one.who == "team" and (id_ := _ending(fact)) is not None}
    if not endings:
        return list(told)
    rows = await tx.fetch(
        """
        SELECT transition_id, team, person_id FROM stand_ins WHERE until > $1 AND transition_id = ANY($2::text[])
        ORDER BY person_id
        """,
        tx.now,
        sorted(endings),
    )
    return [(replace(one, stand_ins=_of(one, fact, rows)), fact) for one, fact in told]


def _of(telling: Telling, fact: Fact, rows: Sequence[Row]) -> tuple[str, ...]:
    if telling.who != "team" or isinstance(fact, StandInNamed) or getattr(fact, "stands_in", False):
        return ()
    asked = [row for row in rows if row["transition_id"] == _ending(fact) and row["team"] in telling.names]
    return tuple(row["person_id"] for row in asked)


def _ending(fact: Fact) -> str | None:
    return fact.transition_id if isinstance(fact, TransitionFact) else None
