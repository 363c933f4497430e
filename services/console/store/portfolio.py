"""The customers in a table: filtered, sorted, a page at a time; and the lines of their scores."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from services.console.store.part import Part
from services.console.store.risks import OPEN, OVER
from shared.database import Row, Transaction

PAGE = 50
LINE_DAYS = 90
SORTS = {
    "name": "lower(name)",
    "score": "score",
    "trend": "trend_30",
    "confidence": "confidence",
    "revenue": "currency, yearly",  # amounts of several currencies are never compared
    "renewal": "renews_on",
    "csm": "lower(csm_name)",
    "segment": "segment",
}
STEPS = ("watched", "at_risk", "conversation", "plan", "reviewing", "failed", "ending", "ended", "none")


@dataclass(frozen=True)
class Wanted:
    """Which customers, in which order. search: a part of the name, or the beginning of the id."""

    search: str = ""
    band: str = ""
    segment: str = ""
    csm: str = ""
    step: str = ""
    renews_within: int = 0  # days; 0: whenever
    sort: str = "score"
    down: bool = False


@dataclass(frozen=True)
class Line:
    """A customer in the table. yearly: recurring revenue per year; step: how far its case or ending is."""

    customer_id: str
    name: str
    segment: str
    csm: str
    csm_name: str
    score: Decimal | None
    band: str | None
    confidence: float | None
    trend_30: Decimal | None
    amount: Decimal
    currency: str
    period: str
    yearly: Decimal
    renews_on: date | None
    step: str


# One row a customer: the open case, an open ending before it, a risk that is watched, or that it is over.
_STEPS = f"""
    SELECT customers.customer_id, customers.name, customers.segment, customers.csm,
           coalesce(people.name, customers.csm) AS csm_name, customers.amount, customers.currency, customers.period,
           customers.yearly, customers.renews_on,
           CASE WHEN ending.customer_id IS NOT NULL THEN 'ending' WHEN open_case.state IS NOT NULL THEN open_case.state
                WHEN risks.is_open THEN 'watched' WHEN past.customer_id IS NOT NULL THEN 'ended' ELSE 'none' END AS step
    FROM customers
    LEFT JOIN people ON people.person_id = customers.csm
    LEFT JOIN {OPEN} AS risks ON risks.customer_id = customers.customer_id
    LEFT JOIN (SELECT DISTINCT ON (customer_id) customer_id, state FROM cases WHERE is_open
               ORDER BY customer_id, opened_at DESC) AS open_case ON open_case.customer_id = customers.customer_id
    LEFT JOIN (SELECT customer_id FROM transitions WHERE is_open
               UNION SELECT customer_id FROM terminations WHERE state = 'announced') AS ending
        ON ending.customer_id = customers.customer_id
    LEFT JOIN {OVER} AS past ON past.customer_id = customers.customer_id
"""  # noqa: S608  # a constant
# Whoever is over is not scored any more.
_LINES = f"""
    SELECT line.*, scores.score, scores.band, scores.confidence, scores.trend_30
    FROM ({_STEPS}) AS line LEFT JOIN scores ON scores.customer_id = line.customer_id AND line.step <> 'ended'
"""  # noqa: S608  # a constant
_CHOSEN = """
    WHERE ($1 = '' OR strpos(lower(name), lower($1)) > 0 OR starts_with(customer_id, $1))
      AND ($2 = '' OR (coalesce(band, 'unknown') = $2 AND step <> 'ended'))
      AND ($3 = '' OR segment = $3) AND ($4 = '' OR csm = $4)
      AND ($5 = '' OR step = $5) AND ($6 = 0 OR renews_on BETWEEN $7::date AND $7::date + $6)
"""


async def some(tx: Transaction, wanted: Wanted, *, limit: int, offset: int) -> Part[Line]:
    """Return a page of the table."""
    rows = await tx.fetch(
        f"""
        SELECT *, count(*) OVER () AS total FROM ({_LINES}) AS line {_CHOSEN} {_order(wanted)} LIMIT $8 OFFSET $9
        """,  # noqa: S608  # constants, and a sort of SORTS
        *_choice(wanted, tx),
        limit,
        offset,
    )
    if not rows and offset:
        return replace(await some(tx, wanted, limit=1, offset=0), found=[])
    return Part([_line(row) for row in rows], rows[0]["total"] if rows else 0)


async def every(tx: Transaction, wanted: Wanted) -> AsyncIterator[Line]:
    """Yield all lines of the table, for a file."""
    cursor = tx.connection.cursor(
        f"SELECT * FROM ({_LINES}) AS line {_CHOSEN} {_order(wanted)}",  # noqa: S608  # as above
        *_choice(wanted, tx),
        prefetch=500,
    )
    async for row in cursor:
        yield _line(row)


def _order(wanted: Wanted) -> str:
    """Return the ORDER BY; what is not known comes last either way."""
    return f"ORDER BY {SORTS[wanted.sort]} {'DESC' if wanted.down else 'ASC'} NULLS LAST, customer_id"


def _choice(wanted: Wanted, tx: Transaction) -> tuple[object, ...]:
    return (
        wanted.search, wanted.band, wanted.segment, wanted.csm, wanted.step, wanted.renews_within, tx.now.date(),
    )  # fmt: skip


def _line(row: Row) -> Line:
    return Line(**{name: value for name, value in row.items() if name != "total"})


@dataclass(frozen=True)
class Choices:
    """What one can filter by."""

    segments: tuple[str, ...]
    csms: tuple[tuple[str, str], ...]


async def choices(tx: Transaction) -> Choices:
    """Return the segments and CSMs of the customers that are seen."""
    rows = await tx.fetch(
        "SELECT DISTINCT customers.segment, customers.csm, coalesce(people.name, customers.csm) AS name"
        " FROM customers LEFT JOIN people ON people.person_id = customers.csm"
    )
    csms = {(row["csm"], row["name"]) for row in rows}
    return Choices(tuple(sorted({row["segment"] for row in rows})), tuple(sorted(csms, key=lambda one: one[1])))


async def score_lines(
    tx: Transaction, customers: Sequence[str], days: int = LINE_DAYS
) -> dict[str, list[tuple[date, Decimal | None]]]:
    """Return the score of each day of each customer, the earliest first; days without news are left out."""
    rows = await tx.fetch(
        "SELECT customer_id, day, score FROM score_days WHERE customer_id = ANY ($1::text[]) AND day >= $2"
        " ORDER BY customer_id, day",
        customers,
        tx.now.date() - timedelta(days=days),
    )
    found: dict[str, list[tuple[date, Decimal | None]]] = defaultdict(list)
    for row in rows:
        found[row["customer_id"]].append((row["day"], row["score"]))
    return found
