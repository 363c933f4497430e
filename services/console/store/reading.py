"""The transaction in which somebody reads: whatever is asked in it, Postgres shows what this person may see."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from shared import database
from shared.database import Pool, Row, Transaction

SCHEMA = "console"
SENIOR = frozenset({"manager", "executive", "admin"})
Place = tuple[datetime, str]  # of a line in a list by time: its moment, and its id among those of the same moment
PERSON = """
    people.person_id, people.name, people.email, people.roles, people.teams, people.time_zone,
    ARRAY(SELECT led.person_id FROM people AS led WHERE led.manager = people.person_id AND led.active
          AND 'manager' = ANY (people.roles)) AS leads,
    ARRAY(WITH RECURSIVE gone (person_id, active) AS (
              SELECT led.person_id, led.active FROM people AS led
              WHERE led.manager = people.person_id AND NOT led.active AND 'manager' = ANY (people.roles)
              UNION
              SELECT one.person_id, one.active FROM people AS one JOIN gone ON one.manager = gone.person_id
              WHERE NOT gone.active
          ) SELECT person_id FROM gone) AS inherits
"""


@dataclass(frozen=True)
class Person:
    """One of our people, logged in. leads: whoever has them as manager.

    inherits: whoever had them as manager and has left, and whoever those led: what is theirs to do or to decide is this
    person's now.
    """

    person_id: str
    name: str
    email: str
    roles: frozenset[str]
    teams: tuple[str, ...]
    time_zone: str
    leads: tuple[str, ...] = ()
    inherits: tuple[str, ...] = ()

    @property
    def team(self) -> tuple[str, ...]:
        """For whom they answer, besides themselves."""
        return (*self.leads, *self.inherits)

    @property
    def is_senior(self) -> bool:
        """Whether they keep what is everybody's, such as the catalogue of alternatives."""
        return bool(self.roles & SENIOR)

    @property
    def sees_all(self) -> bool:
        """Whether every customer is shown. (Postgres decides by itself; this is for words on the page.)"""
        return bool(self.roles & {"executive", "admin"})


@asynccontextmanager
async def as_reader(pool: Pool, now: datetime, person_id: str) -> AsyncIterator[Transaction]:
    """Open a transaction that sees what the person may see."""
    async with database.transaction(pool, SCHEMA, now) as tx:
        await tx.execute("SELECT begin_reading($1, $2)", person_id, now)
        yield tx


def person_of(row: Row) -> Person:
    """Return the person of a row of `PERSON`."""
    return Person(
        row["person_id"],
        row["name"],
        row["email"],
        frozenset(row["roles"]),
        tuple(row["teams"]),
        row["time_zone"],
        tuple(row["leads"]),
        tuple(row["inherits"]),
    )


async def names(tx: Transaction) -> dict[str, str]:
    """Return what our people are called, by id."""
    return {row["person_id"]: row["name"] for row in await tx.fetch("SELECT person_id, name FROM people")}
