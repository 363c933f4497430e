"""Customers as people look for them: by id, by name, by band, worst first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Literal

from shared.database import Transaction

Order = Literal["score", "name", "since", "trend"]
_WEEK_AGO = "midnights[(scored_at AT TIME ZONE 'UTC')::date - 7 - midnights_from + 1]"
_ORDERS: dict[str, str] = {
    "score": "hundredths NULLS FIRST, name",
    "name": "name",
    "since": "band_since DESC NULLS LAST, name",
    "trend": f"hundredths - {_WEEK_AGO} NULLS LAST, name",
}


@dataclass(frozen=True)
class Entry:
    """Who a customer is."""

    customer_id: str
    name: str
    csm: str
    segment: str


@dataclass(frozen=True)
class Row:
    """A customer's health in a line, as it was judged last; band None: not judged yet.

    week_ago: hundredths, at the midnight seven days before. risk: the first reason of the open episode.
    """

    customer_id: str
    name: str
    csm: str
    segment: str
    band: str | None
    band_since: datetime | None
    hundredths: int | None
    confidence: int | None
    week_ago: int | None
    severity: str | None
    risk: str | None


async def entry(tx: Transaction, customer_id: str) -> Entry | None:
    """Return who a customer is, None if it was never announced."""
    row = await tx.row(
        "SELECT customer_id, name, csm, profile ->> 'segment' AS segment FROM customers WHERE customer_id = $1",
        customer_id,
    )
    return Entry(**row) if row else None


async def nearest(tx: Transaction, customer_id: str) -> str | None:
    """Return the id of a customer that is written most like it, None where none is like it at all."""
    rows = await tx.fetch("SELECT customer_id FROM customers ORDER BY customer_id LIMIT 20000")
    near = get_close_matches(customer_id, [row["customer_id"] for row in rows], n=1)
    return near[0] if near else None


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
        SELECT customer_id, name, csm, profile ->> 'segment' AS segment, band, band_since, hundredths, confidence,
               {_WEEK_AGO} AS week_ago,
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
    return [Row(**{name: value for name, value in row.items() if name != "total"}) for row in found], total
