"""A customer's health as JSON: points as texts with two digits, moments in RFC 3339."""

from typing import Any

from services.health_scoring.domain.reasons import sentence
from services.health_scoring.domain.score import Contribution, points
from services.health_scoring.explanation import Explanation
from services.health_scoring.store.customers import Row
from services.health_scoring.store.overrides import Override


def explained(told: Explanation) -> dict[str, Any]:
    """Return the whole explanation."""
    judged = told.judgement
    standing = judged.standing
    return {
        "customer_id": told.entry.customer_id,
        "name": told.entry.name,
        "csm": told.entry.csm,
        "segment": told.entry.segment,
        "at": judged.score.at.isoformat(),
        "master_data": {
            "announced_at": told.entry.announced_at.isoformat(),
            "later_than_at": told.entry.announced_at > judged.score.at,
        },
        "score": points(judged.score.hundredths),
        "band": standing.band,
        "band_since": standing.since.isoformat(),
        "band_since_or_before": standing.since <= judged.course.begins,
        "confidence": judged.score.confidence / 10_000,
        "card": {"card": told.card.name, "version": told.card.version},
        "trend": {f"days_{days}": points(moved) for days, moved in judged.trend.items()},
        "override": _override(told.word),
        "risk": {
            "since": standing.open_since.isoformat(),
            "since_or_before": standing.open_since <= judged.course.begins,
            "severity": standing.severity,
            "reasons": [
                {"code": one.code, "text": one.text, "value": one.value, "usual": one.usual, "event_ids": one.evidence}
                for one in judged.reasons
            ],
        }
        if standing.open_since
        else None,
        "measures": [_measure(part) for part in told.contributions],
        "changes": {
            f"days_{days}": {
                "score": points(then.hundredths),
                "confidence": then.confidence / 10_000,
                "known": then.is_known,
                "measures": [{"measure": one.measure, "points": points(one.hundredths)} for one in then.moved],
            }
            for days, then in told.since.items()
        },
    }


def _override(word: Override | None) -> dict[str, Any] | None:
    if word is None:
        return None
    return {"band": word.band, "by": word.by, "reason": word.reason, "expires_at": word.expires_at.isoformat()}


def _measure(part: Contribution) -> dict[str, Any]:
    reading = part.reading
    return {
        "measure": reading.measure.name,
        "points": points(part.hundredths),
        "weight_percent": part.weight / 100,
        "good": None if reading.points is None else reading.points / 100,
        "measured": reading.value,
        "usual": reading.usual,
        "missing": reading.why,
        "assumed": reading.is_assumed,
        "age_days": reading.age_days,
        "says": sentence(reading),
        "event_ids": list(reading.evidence),
    }


def listed(row: Row) -> dict[str, Any]:
    """Return a customer's line."""
    return {
        "customer_id": row.customer_id,
        "name": row.name,
        "csm": row.csm,
        "segment": row.segment,
        "band": row.band,
        "band_since": row.band_since.isoformat() if row.band_since else None,
        "band_since_or_before": row.since_or_before,
        "score": points(row.hundredths),
        "trend": {"days_7": points(row.moved)},
        "confidence": None if row.confidence is None else row.confidence / 10_000,
        "risk": {"severity": row.severity, "first_reason": row.risk} if row.severity else None,
        "override": _override(row.word),
    }
