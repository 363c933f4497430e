"""What is told of a judgement: the score's snapshot, another band, an episode of risk; and what is kept of it."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid5
from zlib import crc32

from services.health_scoring.domain import episode as episodes
from services.health_scoring.domain.ending import Ending
from services.health_scoring.domain.episode import Step
from services.health_scoring.domain.judgement import Judgement, daily_at
from services.health_scoring.domain.reasons import Reason, sentence
from services.health_scoring.domain.score import Contribution, Why, points
from services.health_scoring.domain.scorecard import POINT
from services.health_scoring.store.health import CLOCK, COMMAND, Due, Kept
from services.health_scoring.store.overrides import Override
from shared.contracts import health as facts_of
from shared.contracts.event import Message
from shared.contracts.topics import HEALTH, SCORES

EPISODES = UUID("a7a5b0f4-6c7e-5d0c-9a37-5f1f0a3f6f0e")  # the namespace of their ids


@dataclass(frozen=True)
class Beside:
    """What counts beside the score: what a person says instead, and an ending that goes on or is over."""

    word: Override | None = None
    ending: Ending | None = None

    @property
    def is_muted(self) -> bool:
        """Tell whether no risk is announced: the customer is in an ending."""
        return self.ending is not None and self.ending.is_going_on


def expired(word: Override, now: datetime) -> tuple[str, Message]:
    """Return what is to be told of a person's word whose time is over."""
    ended = {"override_id": word.id, "how": "expired"}
    common = _envelope(word.customer_id, f"{CLOCK}{word.expires_at.isoformat()}", now)
    return HEALTH.name, facts_of.OverrideEnded.model_validate({**common, **ended})


def announce(
    due: Due, judgement: Judgement, before: Kept | None, beside: Beside, now: datetime
) -> tuple[Kept, list[tuple[str, Message]]]:
    """Return what is to be kept of a judgement, and what is to be told of it.

    While the customer is in an ending its episode stays as it was told last.
    """
    word = beside.word
    standing, hundredths = judgement.standing, judgement.score.hundredths
    common = _envelope(due.customer_id, due.caused_by.removeprefix(COMMAND), now)
    messages: list[tuple[str, Message]] = []
    revision = before.revision if before else 0
    published_at, published = (before.published_at, before.published_hundredths) if before else (now, None)
    shown = word.id if word else None
    if before is None or due.caused_by.startswith(COMMAND) or _worth_publishing(before, judgement, shown, now):
        revision, published_at, published = revision + 1, now, hundredths
        messages.append((SCORES.name, _scored(common, judgement, word, revision)))
    known = before.band if before else "unknown"  # to everybody who only hears of changes
    if known != standing.band:
        changed = {"before": known, "after": standing.band, "since": standing.since, "score": points(hundredths)}
        messages.append((HEALTH.name, facts_of.HealthBandChanged.model_validate({**common, **changed})))
    number = before.episodes + 1 if before else 1
    opens = standing.open_since is not None and (before is None or before.episode is None)
    episode = before.episode if before else None
    step = (
        Step(episode)
        if beside.is_muted
        else episodes.follow(
            episode,
            standing,
            judgement.codes if standing.open_since else (),
            lambda: judgement.reasons,
            new_id=str(uuid5(EPISODES, f"{due.customer_id}\n{number}")) if opens else "",
        )
    )
    if step.fact is not None:
        messages.append((HEALTH.name, _risk(common, step, before, judgement)))
    kept = Kept(
        due.customer_id,
        due.partition,
        now,
        hundredths,
        judgement.score.confidence,
        standing.band,
        standing.since,
        standing.open_since,
        standing.severity,
        judgement.course,
        step.episode,
        number if step.fact == "detected" else number - 1,
        revision,
        published_at,
        published,
        shown,
        min(
            judgement.next_at,
            daily_at(_hash(due.customer_id), max(published_at, now)),
            *([word.expires_at] if word else []),
        ),
        before.with_news(due.since).packed_until if before else None,
    )
    return kept, messages


def _envelope(customer_id: str, cause: str, now: datetime) -> dict[str, Any]:
    return {"customer_id": customer_id, "correlation_id": cause, "causation_id": cause, "occurred_at": now}


def _hash(customer_id: str) -> int:
    return crc32(customer_id.encode("utf-8", "surrogatepass"))


def _worth_publishing(before: Kept, judgement: Judgement, shown: str | None, now: datetime) -> bool:
    """A change of at least a point, of band, of card or of a person's word, or the day's snapshot."""
    hundredths = judgement.score.hundredths
    if before.published_override != shown:
        return True
    if before.band != judgement.standing.band or before.course.card != judgement.course.card:
        return True
    if daily_at(_hash(before.customer_id), before.published_at) <= now:
        return True
    if before.published_hundredths is None or hundredths is None:
        return before.published_hundredths != hundredths
    return abs(before.published_hundredths - hundredths) >= POINT


def _risk(common: dict[str, Any], step: episodes.Step, before: Kept | None, judgement: Judgement) -> Message:
    if step.episode is None:
        over = before.episode.episode_id if before and before.episode else ""
        return facts_of.RiskCleared.model_validate({**common, "episode_id": over})
    kind = facts_of.RiskDetected if step.fact == "detected" else facts_of.RiskUpdated
    return kind.model_validate(
        {
            **common,
            "episode_id": step.episode.episode_id,
            "severity": step.episode.severity,
            "reasons": [_reason(reason) for reason in step.episode.reasons],
            "since": judgement.standing.open_since,
        }
    )


def _reason(reason: Reason) -> dict[str, Any]:
    evidence = {"value": reason.value, "usual": reason.usual, "event_ids": reason.evidence}
    return {"code": reason.code, "text": reason.text, "evidence": evidence}


def _scored(
    common: dict[str, Any], judgement: Judgement, word: Override | None, revision: int
) -> facts_of.HealthScored:
    trend = {f"days_{days}": points(moved) for days, moved in judgement.trend.items()}
    card, version = judgement.course.card
    return facts_of.HealthScored.model_validate(
        {
            **common,
            "revision": revision,
            "score": points(judgement.score.hundredths),
            "band": judgement.standing.band,
            "band_since": judgement.standing.since,
            "confidence": judgement.score.confidence / 10_000,
            "contributions": [_contribution(part) for part in judgement.shares],
            "trend": trend,
            "card": {"card": card, "version": version},
            "override": as_contract(word) if word else None,
        }
    )


def as_contract(word: Override) -> facts_of.Override:
    """Return a person's word as it is published."""
    return facts_of.Override(override_id=word.id, band=word.band, by=word.by, expires_at=word.expires_at)


def _contribution(part: Contribution) -> facts_of.Contribution:
    reading = part.reading
    value = None if reading.points is None else reading.points / POINT
    said = (reading.value, reading.usual, reading.why)
    return _built(reading.measure.name, part.hundredths, part.weight, value, said, sentence(reading))


@lru_cache(maxsize=4096)
def _built(
    measure: str,
    hundredths: int,
    weight: int,
    value: float | None,
    said: tuple[float | None, float | None, Why | None],
    explanation: str,
) -> facts_of.Contribution:
    """Build it without validation, which took longer than scoring: a card holds only what a contract can say.

    Of most customers most measures say the same.
    """
    measured, usual, missing = said
    return facts_of.Contribution.model_construct(
        measure=measure,
        points=points(hundredths) or "",
        weight=weight / 100,
        value=value,
        measured=measured,
        usual=usual,
        missing=missing,
        explanation=explanation,
    )
