"""Customers as people look for them: by id, by name, by band, worst first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from services.health_scoring.domain.course import AROUND, ENOUGH, WINDOW
from services.health_scoring.store import overrides
from services.health_scoring.store.overrides import Override
from shared.database import Transaction

Order = Literal["score", "name", "since", "trend"]
_WEEK_AGO = "(scored_at AT TIME ZONE 'UTC')::date - 7 - midnights_from + 1"
# The same as domain.trend says: against the median of seven midnights, enough of which are known.
_MOVED = f"""
    CASE WHEN band <> 'unknown' THEN hundredths - (
        SELECT round(percentile_cont(0.5) WITHIN GROUP (ORDER BY points))::int
        FROM unnest(midnights[greatest(1, {_WEEK_AGO} - {AROUND}):{_WEEK_AGO} + {AROUND}]) AS points
        HAVING count(points) >= {ENOUGH}
    ) END
"""  # noqa: S608  # numbers of the domain
_ORDERS: dict[str, str] = {
    "score": "hundredths NULLS FIRST, name",
    "name": "name",
    "since": "band_since DESC NULLS LAST, name",
    "trend": "moved NULLS LAST, name",
}


@dataclass(frozen=True)
class Entry:
    """Who a customer is, as it was announced last, and when that was."""

    customer_id: str
    name: str
    csm: str
    segment: str
    started_on: date
    announced_at: datetime


@dataclass(frozen=True)
class Row:
    """A customer's health in a line, as it was judged last; band None: not judged yet.

    since_or_before: the band was the same in all that is looked at, of which band_since is the beginning.
    moved: by how many hundredths it is above what was usual a week ago. risk: the first reason of the open episode.
    word: what a person says instead, which changes none of the rest.
    """

    customer_id: str
    name: str
    csm: str
    segment: str
    band: str | None
    band_since: datetime | None
    since_or_before: bool
    hundredths: int | None
    confidence: int | None
    moved: int | None
    severity: str | None
    risk: str | None
    word: Override | None = None


async def entry(tx: Transaction, customer_id: str) -> Entry | None:
    """Return who a customer is, None if it was never announced."""
    row = await tx.row(
        """
        SELECT customer_id, name, csm, profile ->> 'segment' AS segment, (profile ->> 'started_on')::date AS started_on,
               occurred_at AS announced_at
        FROM customers WHERE customer_id = $1
        """,
        customer_id,
    )
    return Entry(**row) if row else None


async def known_since(tx: Transaction, customer_id: str) -> datetime | None:
    """Return when the first event of the customer happened that is kept, None if there is none."""
    since: datetime | None = await tx.value(
        """
        SELECT least((SELECT min(first_at) FROM usage_days WHERE customer_id = $1),
                     (SELECT min(occurred_at) FROM signals WHERE customer_id = $1))
        """,
        customer_id,
    )
    return since


async def any_announced(tx: Transaction) -> bool:
    """Tell whether there is any customer."""
    return bool(await tx.value("SELECT EXISTS (SELECT FROM customers)"))


async def rows(
    tx: Transaction,
    *,
    bands: Sequence[str] = (),
    segment: str | None = None,
    csm: str | None = None,
    at_risk: bool = False,
    order: Order = "score",
    limit: int = 50,
) -> tuple[list[Row], int]:
    """Return the first of the customers that are asked for, and how many there are; who has left is not listed."""
    found = await tx.fetch(
        f"""
        SELECT customer_id, name, csm, profile ->> 'segment' AS segment, band, band_since,
               coalesce(band_since <= through - interval '{WINDOW.days} days', false) AS since_or_before,
               hundredths, confidence, {_MOVED} AS moved,
               episode ->> 'severity' AS severity, episode #>> '{{reasons,0,text}}' AS risk, count(*) OVER () AS total
        FROM customers LEFT JOIN health USING (customer_id)
        WHERE (cardinality($1::text[]) = 0 OR band = ANY($1)) AND ($2::text IS NULL OR profile ->> 'segment' = $2)
          AND ($3::text IS NULL OR csm = $3) AND (NOT $4 OR episode IS NOT NULL)
          AND (health.customer_id IS NULL OR next_at IS NOT NULL)
        ORDER BY {_ORDERS[order]} LIMIT $5
        """,  # noqa: S608  # one of the orders above
        list(bands),
        segment,
        csm,
        at_risk,
        limit,
    )
    total = found[0]["total"] if found else 0
    words = await overrides.open_at(tx, [row["customer_id"] for row in found], tx.now)
    listed = [{name: value for name, value in row.items() if name != "total"} for row in found]
    return [Row(**row, word=words.get(row["customer_id"])) for row in listed], total
