"""Scores customers when something about them changed, and at least once an hour; announces what follows.

Only the owner of a customer's partition scores it, and only once the partition has caught up: a backfill moves what
is known, and announces nothing.
"""

import asyncio
import time
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import structlog

from services.health_scoring import store
from services.health_scoring.domain import episode as episodes
from services.health_scoring.domain import score
from services.health_scoring.domain.episode import Episode
from services.health_scoring.domain.score import Health
from services.health_scoring.domain.signals import Signals
from services.health_scoring.store import Due, Kept
from shared import database, outbox
from shared.clock import Clock
from shared.contracts import health as facts
from shared.contracts.topics import HEALTH, SCORES
from shared.database import Transaction, is_transient
from shared.firehose import Taken
from shared.messaging import Intake
from shared.service import Parts

OLD = timedelta(hours=24)
AT_ONCE = 200
POLL_SECONDS = 0.2
SET_ASIDE_SECONDS = 60.0

log = structlog.get_logger(__name__)


class CaughtUp:
    """Which partitions have caught up: no lag, and for a while no event dated more than 24 hours back."""

    def __init__(self, clock: Clock, quiet_seconds: float) -> None:
        """Nothing old was seen yet."""
        self._clock = clock
        self._quiet_seconds = quiet_seconds
        self._old_seen_at: dict[int, float] = {}
        self.news = asyncio.Event()

    def note(self, batch: list[Taken]) -> None:
        """Look at the dates of a batch, before it is committed."""
        limit = self._clock() - OLD
        for taken in batch:
            if taken.message.occurred_at < limit:
                self._old_seen_at[taken.partition] = time.monotonic()

    async def partitions(self, intake: Intake) -> list[int]:
        """Return the assigned partitions that have caught up."""
        behind: dict[int, int] = {}
        for tp, lag in (await intake.lag()).items():
            behind[tp.partition] = behind.get(tp.partition, 0) + lag
        return sorted(partition for partition, lag in behind.items() if lag == 0 and self.is_quiet(partition, intake))

    def is_quiet(self, partition: int, intake: Intake) -> bool:
        """Tell whether we have had the partition for a while, and saw nothing old on it all that time."""
        seen = time.monotonic() - self._old_seen_at.get(partition, float("-inf"))
        ours = partition in {tp.partition for tp in intake.partitions}
        return ours and min(seen, intake.seconds_assigned()) >= self._quiet_seconds


class NoLonger(Exception):
    """The partition went, or brings old events: what was read of a customer may be half of a backfill."""

    def __init__(self, partition: int) -> None:
        super().__init__()
        self.partition = partition


async def run(parts: Parts, caught_up: CaughtUp) -> None:
    """Score what is due, until cancelled."""
    set_aside = SetAside()
    while True:
        caught_up.news.clear()
        try:
            partitions = await caught_up.partitions(parts.intake)
            while partitions and await _score_some(parts, caught_up, set_aside, partitions):
                partitions = await caught_up.partitions(parts.intake)
        except NoLonger as why:
            log.info("scoring postponed", partition=why.partition)
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("scoring postponed", exc_info=error)
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await caught_up.news.wait()
        except TimeoutError:
            continue


class SetAside:
    """Customers whose score failed by itself: left out for a minute, so that the others do not wait for them."""

    def __init__(self) -> None:
        """Nobody is set aside."""
        self._until: dict[str, float] = {}

    def add(self, due: Due) -> None:
        """Leave the customer out."""
        self._until[due.customer_id] = time.monotonic() + SET_ASIDE_SECONDS

    @property
    def customers(self) -> list[str]:
        """Those who are left out now."""
        self._until = {customer: until for customer, until in self._until.items() if until > time.monotonic()}
        return list(self._until)


async def _score_some(parts: Parts, caught_up: CaughtUp, set_aside: SetAside, partitions: list[int]) -> int:
    now = parts.clock()
    async with database.transaction(parts.pool, "health_scoring", now) as tx:
        await store.mark_due_by_clock(tx, partitions, f"clock:{now.isoformat()}")
    some = await store.due(parts.pool, partitions, AT_ONCE, but=set_aside.customers)
    for due in some:
        try:
            await _score_one(parts, caught_up, due, now)
        except Exception as error:
            if isinstance(error, NoLonger) or is_transient(error):
                raise
            set_aside.add(due)
            log.exception("a customer cannot be scored: the others are, and this one is tried again in a minute")
    return len(some)


async def _score_one(parts: Parts, caught_up: CaughtUp, due: Due, now: datetime) -> None:
    async with database.transaction(parts.pool, "health_scoring", now, quiet=due.quiet) as tx:
        await database.lock_customer(tx, due.customer_id)
        await score_customer(tx, due)
        if not caught_up.is_quiet(due.partition, parts.intake):  # an old event is noted before anybody can read it
            raise NoLonger(due.partition)


async def score_customer(tx: Transaction, due: Due) -> None:
    """Score one customer, keep the result, and announce what is new about it."""
    signals = await store.load_signals(tx, due.customer_id)
    if signals.announced and not signals.left:
        health = score.assess(signals, tx.now)
        before = await store.load_health(tx, due.customer_id)
        after = await _announce(tx, due, health, signals, before)
        await store.save_health(tx, due.customer_id, partition=due.partition, hundredths=health.hundredths, kept=after)
    else:
        await store.pass_over(tx, due.customer_id)
    await store.settle(tx, due)


async def _announce(tx: Transaction, due: Due, health: Health, signals: Signals, before: Kept | None) -> Kept:
    common: dict[str, Any] = {
        "customer_id": due.customer_id,
        "correlation_id": due.caused_by,
        "causation_id": due.caused_by,
        "occurred_at": tx.now,
    }
    if before is not None and not _worth_publishing(before, health, tx.now):
        published = before
    else:
        revision = before.revision + 1 if before else 1
        await outbox.add(tx, SCORES.name, _scored(common, health, revision))
        published = Kept(health.band, revision, tx.now, health.hundredths, before.episode if before else None)
    if before is not None and before.band != health.band:
        changed = {"before": before.band, "after": health.band, "score": _points(health.hundredths)}
        await outbox.add(tx, HEALTH.name, facts.HealthBandChanged.model_validate({**common, **changed}))
    episode = await _follow_episode(tx, common, health, signals, before.episode if before else None)
    return Kept(health.band, published.revision, published.published_at, published.published_hundredths, episode)


def _worth_publishing(before: Kept, health: Health, now: datetime) -> bool:
    """A change of at least a point, of band, or a day since the last time."""
    if before.band != health.band or now - before.published_at >= timedelta(days=1):
        return True
    if before.published_hundredths is None or health.hundredths is None:
        return before.published_hundredths != health.hundredths
    return abs(before.published_hundredths - health.hundredths) >= 100


async def _follow_episode(
    tx: Transaction, common: dict[str, Any], health: Health, signals: Signals, before: Episode | None
) -> Episode | None:
    step = episodes.follow(before, health, new_id=str(uuid4()))
    if step.fact == "cleared" and before is not None:
        cleared = facts.RiskCleared.model_validate({**common, "episode_id": before.episode_id})
        await outbox.add(tx, HEALTH.name, cleared)
    elif step.fact is not None and step.episode is not None:
        kind = facts.RiskDetected if step.fact == "detected" else facts.RiskUpdated
        told = {
            "episode_id": step.episode.episode_id,
            "severity": step.episode.severity,
            "reasons": [{"code": reason.code, "text": reason.text} for reason in step.episode.reasons],
            "since": signals.newest or tx.now,
        }
        await outbox.add(tx, HEALTH.name, kind.model_validate({**common, **told}))
    return step.episode


def _scored(common: dict[str, Any], health: Health, revision: int) -> facts.HealthScored:
    parts = [
        {
            "measure": part.measure,
            "points": _points(part.hundredths),
            "weight": part.weight,
            "value": part.value,
            "explanation": part.explanation,
        }
        for part in health.contributions
    ]
    return facts.HealthScored.model_validate(
        {
            **common,
            "revision": revision,
            "score": _points(health.hundredths),
            "band": health.band,
            "confidence": health.confidence,
            "contributions": parts,
        }
    )


def _points(hundredths: int | None) -> str | None:
    return None if hundredths is None else f"{hundredths // 100}.{hundredths % 100:02d}"
