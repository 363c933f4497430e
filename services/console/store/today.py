"""What a person is asked for today, and what changed since they last looked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from services.console.store.part import Part
from services.console.store.reading import Person, Place
from services.console.store.risks import OPEN
from shared.database import Row, Transaction

SOON = timedelta(days=2)
AHEAD = timedelta(days=7)
PAUSE = timedelta(minutes=30)  # so long after the last look the next one is another visit
Urgency = Literal["late", "soon", "open", "ahead"]


@dataclass(frozen=True)
class Asked:
    """A customer who needs somebody. form, item: what does it on the page that `link` leads to, empty where nothing
    does. more: how many other things are asked of the same.
    """

    customer_id: str
    name: str
    says: str
    why: str
    since: datetime
    due_at: datetime | None
    urgency: Urgency
    severity: str | None
    band: str | None
    score: float | None
    yearly: float
    currency: str | None
    whose: str | None
    link: str
    form: str
    item: str
    more: int = 0


_LINK = "CASE WHEN tasks.transition_id IS NULL THEN '/cases/' ELSE '/transitions/' END || tasks.subject_id"
# A case's or transition's need, or a risk that is only watched and has no case.
_ASKED = f"""
    SELECT tasks.customer_id, tasks.says, tasks.why, tasks.since, tasks.due_at, tasks.person_id AS csm, tasks.position,
           {_LINK} AS link, tasks.form, tasks.item
    FROM tasks WHERE tasks.whose = 'csm' AND tasks.person_id = ANY ($1::text[])
      AND (tasks.transition_id IS NOT NULL OR NOT EXISTS (
           SELECT FROM transitions AS one WHERE one.case_id = tasks.subject_id AND one.is_open))
    UNION ALL
    SELECT customers.customer_id,
           CASE risks.severity WHEN 'risk' THEN 'Look at the risk: no case is open' ELSE 'Keep an eye on it' END,
           coalesce((SELECT string_agg(DISTINCT one->>'text', '; ') FROM jsonb_array_elements(risks.reasons) AS one),
                    ''), risks.since, NULL, customers.csm, 0, '/customers/' || customers.customer_id,
           '', ''
    FROM {OPEN} AS risks JOIN customers USING (customer_id)
    WHERE customers.csm = ANY ($1::text[])
      AND NOT EXISTS (SELECT FROM cases WHERE cases.customer_id = risks.customer_id
                      AND (cases.is_open OR cases.closed_at >= risks.told_at))
      AND NOT EXISTS (SELECT FROM transitions AS one WHERE one.customer_id = risks.customer_id AND one.is_open)
"""  # noqa: S608  # the constant above
_URGENCY = """
    CASE WHEN due_at < $2 THEN 'late' WHEN due_at < $2 + $3::interval THEN 'soon'
         WHEN due_at IS NULL OR due_at <= $2 + $4::interval THEN 'open' ELSE 'ahead' END
"""


async def customers_who_need(tx: Transaction, csms: Sequence[str], *, limit: int, offset: int) -> Part[Asked]:
    """Return a page of the customers who need one of these CSMs, the most urgent first."""
    rows = await tx.fetch(
        f"""
        WITH asked AS ({_ASKED}),
        judged AS (
            SELECT asked.*, {_URGENCY} AS urgency, risks.severity,
                   count(*) OVER (PARTITION BY asked.customer_id) - 1 AS more
            FROM asked LEFT JOIN {OPEN} AS risks ON risks.customer_id = asked.customer_id
        ),
        first AS (
            SELECT DISTINCT ON (customer_id) * FROM judged
            ORDER BY customer_id, array_position('{{late,soon,open,ahead}}', urgency), due_at, position
        )
        SELECT first.*, coalesce(customers.name, first.customer_id) AS name, scores.band, scores.score,
               coalesce(customers.yearly, 0) AS yearly, customers.currency, people.name AS whose,
               count(*) OVER () AS total, count(*) FILTER (WHERE urgency = 'late') OVER () AS late
        FROM first LEFT JOIN customers USING (customer_id) LEFT JOIN scores USING (customer_id)
                   LEFT JOIN people ON people.person_id = first.csm
        ORDER BY array_position('{{late,soon,open,ahead}}', urgency), severity IS DISTINCT FROM 'risk',
                 array_position('{{red,yellow,unknown,green}}', scores.band), due_at, scores.score, since,
                 customer_id
        LIMIT $5 OFFSET $6
        """,  # noqa: S608  # constants
        csms,
        tx.now,
        SOON,
        AHEAD,
        limit,
        offset,
    )
    if not rows and offset:
        return replace(await customers_who_need(tx, csms, limit=1, offset=0), found=[])
    return Part([_asked(row) for row in rows], rows[0]["total"], rows[0]["late"]) if rows else Part([], 0)


def _asked(row: Row) -> Asked:
    return Asked(
        row["customer_id"], row["name"], row["says"], row["why"], row["since"], row["due_at"], row["urgency"],
        row["severity"], row["band"], row["score"], row["yearly"], row["currency"], row["whose"], row["link"],
        row["form"], row["item"], row["more"],
    )  # fmt: skip


@dataclass(frozen=True)
class Decision:
    """A review, an approval or another decision that is waited for."""

    customer_id: str
    name: str
    says: str
    why: str
    since: datetime
    due_at: datetime | None
    urgency: Urgency
    link: str
    form: str
    item: str


async def decisions_for(tx: Transaction, person: Person, *, limit: int, offset: int) -> Part[Decision]:
    """Return a page of what waits for this person's word, the most urgent first.

    As manager, as one of a team or who stands in for it, as executive.
    """
    rows = await tx.fetch(
        f"""
        SELECT tasks.customer_id, coalesce(customers.name, tasks.customer_id) AS name, tasks.says, tasks.why,
               tasks.since, tasks.due_at, {_URGENCY} AS urgency,
               {_LINK} AS link, tasks.form, tasks.item, count(*) OVER () AS total
        FROM tasks LEFT JOIN customers USING (customer_id)
        WHERE (whose = 'manager' AND person_id = ANY ($1::text[])) OR (whose = 'person' AND person_id = $5)
           OR (whose = 'executive' AND $7) OR (whose = 'team' AND (team = ANY ($6::text[]) OR EXISTS (
                   SELECT FROM stand_ins WHERE stand_ins.transition_id = tasks.transition_id
                       AND stand_ins.team = tasks.team AND stand_ins.person_id = $5 AND until > $2)))
        ORDER BY array_position('{{late,soon,open,ahead}}', {_URGENCY}), due_at, since, subject_id, position
        LIMIT $8 OFFSET $9
        """,  # noqa: S608  # constants
        person.team,
        tx.now,
        SOON,
        AHEAD,
        person.person_id,
        person.teams,
        "executive" in person.roles,
        limit,
        offset,
    )
    if not rows and offset:
        return replace(await decisions_for(tx, person, limit=1, offset=0), found=[])
    return Part([_decision(row) for row in rows], rows[0]["total"] if rows else 0)


def _decision(row: Row) -> Decision:
    return Decision(**{name: value for name, value in row.items() if name != "total"})


# Where a line stands: of one moment what follows from something comes after it, as a case from a risk, an ending from a
# case; and what one service told about the customer stands as it was told.
_SPHERE = "array_position('{health,plan,transition,termination}', line.sphere)"
PLACE = f"line.at, {_SPHERE}, line.seq, line.event_id"
LATEST_FIRST = f"line.at DESC, {_SPHERE} DESC, line.seq DESC, line.event_id DESC"


@dataclass(frozen=True)
class Happening:
    """A line of the time line."""

    event_id: str
    customer_id: str
    name: str
    at: datetime
    sphere: str
    type: str
    by: str | None
    subject_id: str | None
    detail: str


async def visit(tx: Transaction, person_id: str) -> datetime | None:
    """Note that the person looks now; return when the visit before this one was, None where this is the first."""
    before: datetime | None = await tx.value(
        """
        INSERT INTO visits (person_id, before, at) VALUES ($1, '-infinity', $2)
        ON CONFLICT (person_id) DO UPDATE
        SET before = CASE WHEN $2 > visits.at + $3::interval THEN visits.at ELSE visits.before END,
            at = greatest(visits.at, $2)
        RETURNING nullif(before, '-infinity')
        """,
        person_id,
        tx.now,
        PAUSE,
    )
    return before


async def changed_since(
    tx: Transaction, person_id: str, since: datetime, *, limit: int, before: Place | None
) -> list[Happening]:
    """Return what others and the clock did since then, the latest first; before: of a longer list what goes on there.

    by: of a customer's contact the name.
    """
    at, event_id = before or (None, "")
    rows = await tx.fetch(
        f"""
        SELECT line.event_id, customer_id, coalesce(customers.name, customer_id) AS name, at, sphere, type,
               coalesce((SELECT one->>'name' FROM jsonb_array_elements(customers.contacts) AS one
                         WHERE one->>'contact_id' = line.by), line.by) AS by, subject_id, detail
        FROM (SELECT * FROM happenings AS line
              WHERE at > $1 AND by IS DISTINCT FROM $2
                AND ($4::timestamptz IS NULL OR at < $4 OR (at = $4 AND ({PLACE}) < (
                    SELECT {PLACE} FROM happenings AS line WHERE at = $4 AND event_id = $5 LIMIT 1)))
              ORDER BY {LATEST_FIRST} LIMIT $3) AS line LEFT JOIN customers USING (customer_id)
        ORDER BY {LATEST_FIRST}
        """,  # noqa: S608  # constants
        since,
        person_id,
        limit,
        at,
        event_id,
    )
    return [Happening(**dict(row)) for row in rows]
