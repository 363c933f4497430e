"""What is at stake in the customers that one sees: value at risk, how bands moved, how many were saved."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from services.console.store.risks import OPEN, OVER
from shared.database import Transaction

MONTHS = 6
MOST_REASONS = 100  # of each currency, the largest


@dataclass(frozen=True)
class AtRisk:
    """Recurring revenue per year, in one currency. of: all that there is, None where no whole is meant."""

    what: str
    currency: str
    customers: int
    yearly: Decimal
    of: Decimal | None = None


# At risk: an open case, or an open episode of risk. Whose relationship is over is none of ours any more.
_AT_RISK = f"""
    SELECT * FROM (SELECT customers.customer_id, customers.segment, customers.currency, customers.yearly, risks.reasons,
           (coalesce(risks.is_open, false) OR one.customer_id IS NOT NULL) AS at_risk,
           past.customer_id IS NOT NULL AS is_over
    FROM customers LEFT JOIN {OPEN} AS risks ON risks.customer_id = customers.customer_id
    LEFT JOIN (SELECT DISTINCT customer_id FROM cases WHERE is_open) AS one ON one.customer_id = customers.customer_id
    LEFT JOIN {OVER} AS past ON past.customer_id = customers.customer_id) AS each WHERE at_risk OR NOT is_over
"""  # noqa: S608  # a constant

_OF_CASE = """
    SELECT body->'reasons' FROM cases WHERE cases.customer_id = each.customer_id AND is_open
    ORDER BY opened_at DESC LIMIT 1
"""


async def by_segment(tx: Transaction) -> list[AtRisk]:
    """Return the value at risk of each segment, by currency, the largest first."""
    rows = await tx.fetch(
        f"""
        SELECT segment AS what, currency, count(*) FILTER (WHERE at_risk) AS customers,
               coalesce(sum(yearly) FILTER (WHERE at_risk), 0) AS yearly, sum(yearly) AS of
        FROM ({_AT_RISK}) AS each GROUP BY segment, currency ORDER BY currency, yearly DESC, segment
        """  # noqa: S608  # a constant
    )
    return [AtRisk(**dict(row)) for row in rows]


async def by_reason(tx: Transaction) -> list[AtRisk]:
    """Return the value at risk by reason, by currency, the largest first; a customer with two counts in both.

    The reasons are those of the open episode; where there is none, those for which the case was opened.
    """
    rows = await tx.fetch(
        f"""
        SELECT what, currency, customers, yearly FROM (
        SELECT code AS what, currency, count(*) AS customers, sum(yearly) AS yearly,
               row_number() OVER (PARTITION BY currency ORDER BY sum(yearly) DESC, code) AS place
        FROM (SELECT DISTINCT customer_id, currency, yearly, coalesce(reason->>'code', 'no_reason_on_record') AS code
              FROM ({_AT_RISK}) AS each LEFT JOIN LATERAL jsonb_array_elements(coalesce(each.reasons, ({_OF_CASE})))
                   AS reason ON true WHERE at_risk) AS one
        GROUP BY code, currency) AS each WHERE place <= $1 ORDER BY currency, place
        """,  # noqa: S608  # a constant
        MOST_REASONS,
    )
    return [AtRisk(**dict(row)) for row in rows]


@dataclass(frozen=True)
class Flow:
    """How many customers moved from one band into another in a month."""

    month: date
    before: str
    after: str
    customers: int


async def band_flow(tx: Transaction) -> list[Flow]:
    """Return the moves between bands of the last months, the earliest first."""
    rows = await tx.fetch(
        """
        SELECT month, before, after, count(*) AS customers
        FROM (SELECT DISTINCT date_trunc('month', at)::date AS month, before, after, customer_id FROM band_changes
              WHERE at >= date_trunc('month', $1::timestamptz) - make_interval(months => $2)) AS moved
        GROUP BY month, before, after ORDER BY month, before, after
        """,
        tx.now,
        MONTHS - 1,
    )
    return [Flow(**dict(row)) for row in rows]


@dataclass(frozen=True)
class Saved:
    """Cases that came to an end in the last 12 months, by how."""

    saved: int
    lost: int
    ended: int
    since: datetime

    @property
    def rate(self) -> float | None:
        """The part that was saved, 0 to 1; None where no case has come to an end."""
        whole = self.saved + self.lost + self.ended
        return self.saved / whole if whole else None


async def save_rate(tx: Transaction) -> Saved:
    """Return how the cases of the last 12 months ended; dismissed ones were none."""
    row = await tx.row(
        """
        SELECT count(*) FILTER (WHERE state = 'saved') AS saved, count(*) FILTER (WHERE state = 'lost') AS lost,
               count(*) FILTER (WHERE state = 'ended') AS ended, $1::timestamptz - interval '12 months' AS since
        FROM cases WHERE closed_at > $1::timestamptz - interval '12 months'
        """,
        tx.now,
    )
    return Saved(**dict(row)) if row else Saved(0, 0, 0, tx.now)
