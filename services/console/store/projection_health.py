"""What the projection writes of health: the latest score, the last one of each day, changes of band, risk."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from shared.contracts.health import (
    HealthBandChanged,
    HealthOverridden,
    HealthScored,
    OverrideEnded,
    RiskCleared,
    RiskDetected,
    RiskUpdated,
)
from shared.database import Transaction

PARTS_DAYS = 100  # for so long the points of each measure are kept by day


async def keep_scores(tx: Transaction, scores: Sequence[HealthScored]) -> None:
    """Keep the latest score of each customer, and the last one of each of its days (UTC)."""
    latest: dict[str, HealthScored] = {}
    days: dict[tuple[str, date], HealthScored] = {}
    for one in sorted(scores, key=lambda one: one.revision):
        latest[one.customer_id] = one
        days[one.customer_id, one.occurred_at.date()] = one
    await tx.execute_many(
        """
        INSERT INTO scores (customer_id, revision, scored_at, score, band, band_since, confidence, trend_30, body)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (customer_id) DO UPDATE
        SET revision = excluded.revision, scored_at = excluded.scored_at, score = excluded.score,
            band = excluded.band, band_since = excluded.band_since, confidence = excluded.confidence,
            trend_30 = excluded.trend_30, body = excluded.body
        WHERE scores.revision < excluded.revision
        """,
        [
            (
                one.customer_id, one.revision, one.occurred_at, _decimal(one.score), one.band, one.band_since,
                one.confidence, _decimal(one.trend.days_30), one.model_dump_json(exclude_none=True),
            )
            for one in latest.values()
        ],
    )  # fmt: skip
    await tx.execute_many(
        """
        INSERT INTO score_days (customer_id, day, revision, score, band, parts) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (customer_id, day) DO UPDATE
        SET revision = excluded.revision, score = excluded.score, band = excluded.band, parts = excluded.parts
        WHERE score_days.revision < excluded.revision
        """,
        [
            (customer_id, day, one.revision, _decimal(one.score), one.band, _parts(one))
            for (customer_id, day), one in days.items()
        ],
    )


def _decimal(points: str | None) -> Decimal | None:
    return Decimal(points) if points is not None else None


def _parts(one: HealthScored) -> str:
    return json.dumps({part.measure: part.points for part in one.contributions})


async def keep_bands(tx: Transaction, changes: Sequence[HealthBandChanged]) -> None:
    """Keep changes of band; one that has no score of its day tells that too."""
    await tx.execute_many(
        "INSERT INTO band_changes (event_id, customer_id, at, before, after) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (event_id) DO NOTHING",
        [(one.event_id, one.customer_id, one.since, one.before, one.after) for one in changes],
    )
    await tx.execute_many(
        "INSERT INTO score_days (customer_id, day, revision, score, band) VALUES ($1, $2, 0, $3, $4)"
        " ON CONFLICT (customer_id, day) DO NOTHING",
        [(one.customer_id, one.since.date(), _decimal(one.score), one.after) for one in changes],
    )


async def keep_risks(tx: Transaction, facts: Sequence[RiskDetected | RiskUpdated | RiskCleared]) -> None:
    """Keep the latest episode of risk; of a cleared one nothing is kept but that it is over."""
    await tx.execute_many(
        """
        INSERT INTO risks (customer_id, epoch, seq, told_at, is_open, severity, reasons, since)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (customer_id) DO UPDATE
        SET epoch = excluded.epoch, seq = excluded.seq, told_at = excluded.told_at, is_open = excluded.is_open,
            severity = excluded.severity, reasons = excluded.reasons, since = excluded.since
        WHERE (risks.epoch, risks.seq) < (excluded.epoch, excluded.seq)
        """,
        [_of_risk(one) for one in sorted(facts, key=lambda one: (one.epoch, one.seq))],
    )


def _of_risk(one: RiskDetected | RiskUpdated | RiskCleared) -> tuple[object, ...]:
    told = one.customer_id, one.epoch, one.seq, one.occurred_at
    if isinstance(one, RiskCleared):
        return *told, False, "watch", "[]", one.occurred_at
    reasons = json.dumps([reason.model_dump(mode="json", exclude_none=True) for reason in one.reasons])
    return *told, True, one.severity, reasons, one.since


async def keep_overrides(tx: Transaction, facts: Sequence[HealthOverridden | OverrideEnded]) -> None:
    """Keep what a person says instead of the computed band, or that it is over."""
    await tx.execute_many(
        """
        INSERT INTO overrides (customer_id, epoch, seq, is_open, body) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (customer_id) DO UPDATE
        SET epoch = excluded.epoch, seq = excluded.seq, is_open = excluded.is_open, body = excluded.body
        WHERE (overrides.epoch, overrides.seq) < (excluded.epoch, excluded.seq)
        """,
        [_of_override(one) for one in sorted(facts, key=lambda one: (one.epoch, one.seq))],
    )


def _of_override(one: HealthOverridden | OverrideEnded) -> tuple[object, ...]:
    said = one.model_dump_json(exclude_none=True) if isinstance(one, HealthOverridden) else None
    return one.customer_id, one.epoch, one.seq, said is not None, said


async def forget_parts(tx: Transaction, limit: int) -> int:
    """Forget the points by measure of days long ago, at most `limit`; returns how many."""
    return int(
        await tx.value(
            """
            WITH old AS (SELECT customer_id, day FROM score_days WHERE day < $1 AND parts IS NOT NULL LIMIT $2),
            gone AS (
                UPDATE score_days SET parts = NULL FROM old
                WHERE score_days.customer_id = old.customer_id AND score_days.day = old.day RETURNING 1
            ) SELECT count(*) FROM gone
            """,
            tx.now.date() - timedelta(days=PARTS_DAYS),
            limit,
        )
    )
