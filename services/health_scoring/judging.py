"""Judges customers and announces what is new about them: the same from an event, from the clock, from a decision.

Whoever judges holds the lock of the customer's partition (store.health.require_partitions), so that a customer has one
writer at a time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zlib import crc32

from services.health_scoring.domain import episode as episodes
from services.health_scoring.domain.course import DAYS_KEPT
from services.health_scoring.domain.facts import Facts
from services.health_scoring.domain.feeds import Feeds, feeds, hour_of
from services.health_scoring.domain.judgement import Judgement, daily_at, judge
from services.health_scoring.domain.reasons import Reason, sentence
from services.health_scoring.domain.score import Contribution
from services.health_scoring.domain.scorecard import HORIZON_DAYS, POINT, Scorecard
from services.health_scoring.scorecards.reading import load as read_card
from services.health_scoring.scorecards.shipped import default_cards, text_of
from services.health_scoring.store import cards, health, knowledge, overrides
from services.health_scoring.store import feeds as stored_feeds
from services.health_scoring.store.cards import Stored
from services.health_scoring.store.health import Due, Kept
from services.health_scoring.store.overrides import Override
from shared import outbox
from shared.contracts import health as facts_of
from shared.contracts.event import Message
from shared.contracts.topics import HEALTH, SCORES
from shared.database import Transaction

EPISODES = UUID("a7a5b0f4-6c7e-5d0c-9a37-5f1f0a3f6f0e")  # the namespace of their ids
ANY_SEGMENT = "*"
CLOCK = health.CLOCK
DECIDED = ("feeds:", "command:")  # causes that are no events of the customer
RECENT = timedelta(days=3)  # what is new since then needs no older use than the horizon
FEEDS_LOOK_BACK = timedelta(days=DAYS_KEPT + 1)


class Cards:
    """The scorecards in force; each version is read once."""

    def __init__(self) -> None:
        """Nothing was read yet."""
        self._read: dict[tuple[str, int], Scorecard] = {}
        self._stored = False

    async def in_force(self, tx: Transaction, at: datetime) -> tuple[Scorecard, ...]:
        """Return the cards in force at the moment; the shipped ones are, where nobody put others into force."""
        if not self._stored:
            await cards.require(tx, [Stored(card.name, card.version, text_of(card.name)) for card in default_cards()])
            self._stored = True
        return tuple([await self._card(tx, name, version) for name, version in await cards.in_force(tx, at)])

    async def _card(self, tx: Transaction, name: str, version: int) -> Scorecard:
        if (name, version) not in self._read:
            text = await cards.body(tx, name, version)
            self._read[name, version] = read_card(text or "", f"{name} version {version}")
        return self._read[name, version]


def card_of(in_force: Iterable[Scorecard], segment: str) -> Scorecard:
    """Return the card of a segment: one that names it, else the one for all others."""
    known = list(in_force)
    return next((card for wanted in (segment, ANY_SEGMENT) for card in known if wanted in card.segments), known[-1])


@dataclass(frozen=True)
class _Heard:
    """The feeds as they were judged for an hour, and by how many hours of activity."""

    hour: int
    size: int
    feeds: Feeds


class Judge:
    """Judges customers of locked partitions, and puts what follows into the outbox."""

    def __init__(self) -> None:
        """Nothing was read yet."""
        self._cards = Cards()
        self._heard: _Heard | None = None

    async def feeds(self, tx: Transaction) -> Feeds:
        """Return the feeds as they are now; they are read again when there is something new, or a new hour."""
        hour, size = hour_of(tx.now), await stored_feeds.size(tx)  # hours are only ever added
        if self._heard is None or (self._heard.hour, self._heard.size) != (hour, size):
            self._heard = _Heard(hour, size, feeds(await stored_feeds.load(tx), tx.now))
        return self._heard.feeds

    async def judge_due(self, tx: Transaction, dues: Sequence[Due]) -> None:
        """Judge these customers as of now; who is not announced, or has left, is left alone."""
        before = await health.load(tx, [due.customer_id for due in dues])
        in_force = await self._cards.in_force(tx, tx.now)
        known = await self._load(tx, dues, before)
        words = await overrides.open_at(tx, before.keys() | known.keys(), tx.now)
        feeds_now = await self.feeds(tx)
        saved, told = [], []
        for due in dues:
            facts = known[due.customer_id]
            if facts.profile is None or (facts.left_at is not None and facts.left_at <= tx.now):
                continue
            kept = before.get(due.customer_id)
            judgement = judge(
                card_of(in_force, facts.profile.segment),
                facts,
                feeds_now,
                tx.now,
                before=kept.course if kept and due.since else None,
                since=due.since,
            )
            caused = replace(due, caused_by=_cause(due, facts, kept, tx.now))
            after, messages = announce(caused, judgement, kept, words.get(due.customer_id), tx.now)
            saved.append(after)
            told += messages
        await health.save(tx, saved)
        judged = {one.customer_id for one in saved}
        await health.leave_alone(tx, sorted(before.keys() - judged))
        await outbox.add_many(tx, told)

    async def _load(self, tx: Transaction, dues: Sequence[Due], before: Mapping[str, Kept]) -> dict[str, Facts]:
        """Load what is needed: of most customers the horizon before yesterday, of some everything."""
        going_on = [due.customer_id for due in dues if _goes_on(due, before.get(due.customer_id), tx.now)]
        anew = [due.customer_id for due in dues if due.customer_id not in set(going_on)]
        today = tx.now.date()
        known = await knowledge.load(tx, going_on, today - RECENT - timedelta(days=HORIZON_DAYS + 1))
        return known | await knowledge.load(tx, anew, today - timedelta(days=DAYS_KEPT + HORIZON_DAYS + 1))

    async def live(self, tx: Transaction, customers: Sequence[str]) -> dict[str, "Live"]:
        """Return customers to be judged event by event: those who are judged at all, as they are now."""
        before = await health.load(tx, customers)
        asked = [one.customer_id for one in before.values() if one.next_at is not None]
        pending = await health.take_pending(tx, asked)
        dues = [pending.get(one) or Due(one, before[one].partition, tx.now, "") for one in asked]
        known = await self._load(tx, dues, before)
        in_force = await self._cards.in_force(tx, tx.now)
        words = await overrides.open_at(tx, asked, tx.now)
        feeds_now = await self.feeds(tx)
        return {
            due.customer_id: Live(before[due.customer_id], known[due.customer_id], in_force, feeds_now,
                                  words.get(due.customer_id), due)
            for due in dues
        }  # fmt: skip


def _goes_on(due: Due, kept: Kept | None, now: datetime) -> bool:
    return (
        kept is not None and due.since is not None and due.since > now - RECENT and kept.course.through > now - RECENT
    )


def _cause(due: Due, facts: Facts, kept: Kept | None, now: datetime) -> str:
    """Return what is named as the cause: the latest event that has come since the last judgement, if there is one.

    What was asked for by something else (the clock, the feeds, a card) is caused by that only where no event has come.
    """
    after = kept.scored_at if kept is not None and due.caused_by.startswith(CLOCK) else health.BEGINNING
    if kept is not None and due.caused_by.startswith(DECIDED):
        return due.caused_by
    come = [(signal.at, signal.event_id) for signal in facts.signals if after < signal.at <= now]
    for use in facts.usage.values():
        days = zip(use.days, use.first_at, strict=True)
        come += [(at, use.last_ids[day]) for day, at in days if after < at <= now and day in use.last_ids]
    return max(come)[1] if come else due.caused_by


class Live:
    """A customer whose events are judged one by one, so that what is announced does not depend on batches."""

    def __init__(
        self, kept: Kept, facts: Facts, in_force: Sequence[Scorecard], feeds_now: Feeds, word: Override | None, due: Due
    ) -> None:
        """`due`: what was still to be judged before these events."""
        self.kept = kept
        self.facts = facts
        self.messages: list[tuple[str, Message]] = []
        self.changed = bool(due.caused_by)
        self._in_force = in_force
        self._feeds = feeds_now
        self._word = word
        self._pending = due

    def meet(self, facts: Facts, at: datetime, event_id: str, now: datetime) -> None:
        """Judge the customer with one more event, that happened at `at`; what follows is in `messages`."""
        self.facts = facts
        if facts.profile is None:
            return
        if facts.left_at is not None and facts.left_at <= now:
            self.kept = replace(self.kept, next_at=None)
            self.changed = True
            return
        since = self._pending.since
        due = replace(self._pending, since=None if since is None else min(since, at), caused_by=event_id)
        card = card_of(self._in_force, facts.profile.segment)
        before = self.kept.course if due.since else None
        judgement = judge(card, facts, self._feeds, now, before=before, since=due.since)
        self.kept, messages = announce(due, judgement, self.kept, self._word, now)
        self.messages += messages
        self.changed = True
        self._pending = replace(due, since=now)


def announce(
    due: Due, judgement: Judgement, before: Kept | None, word: Override | None, now: datetime
) -> tuple[Kept, list[tuple[str, Message]]]:
    """Return what is to be kept of a judgement, and what is to be told of it."""
    standing, hundredths = judgement.standing, judgement.score.hundredths
    common: dict[str, Any] = {
        "customer_id": due.customer_id,
        "correlation_id": due.caused_by,
        "causation_id": due.caused_by,
        "occurred_at": now,
    }
    messages: list[tuple[str, Message]] = []
    revision = before.revision if before else 0
    published_at, published = (before.published_at, before.published_hundredths) if before else (now, None)
    if before is None or _worth_publishing(before, judgement, word, now):
        revision, published_at, published = revision + 1, now, hundredths
        messages.append((SCORES.name, _scored(common, judgement, word, revision)))
    if before is not None and before.band != standing.band:
        changed = {"before": before.band, "after": standing.band, "since": standing.since, "score": points(hundredths)}
        messages.append((HEALTH.name, facts_of.HealthBandChanged.model_validate({**common, **changed})))
    number = before.episodes + 1 if before else 1
    step = episodes.follow(
        before.episode if before else None,
        standing,
        judgement.codes if standing.open_since else (),
        lambda: judgement.reasons,
        new_id=str(uuid5(EPISODES, f"{due.customer_id}\n{number}")),
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
        min(
            judgement.next_at,
            daily_at(_hash(due.customer_id), max(published_at, now)),
            *([word.expires_at] if word else []),
        ),
    )
    return kept, messages


def _hash(customer_id: str) -> int:
    return crc32(customer_id.encode("utf-8", "surrogatepass"))


def _worth_publishing(before: Kept, judgement: Judgement, word: Override | None, now: datetime) -> bool:  # noqa: ARG001
    """A change of at least a point, of band or of card, or the day's snapshot."""
    hundredths = judgement.score.hundredths
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
    override = {
        "override_id": word.id, "band": word.band, "by": word.by, "expires_at": word.expires_at,
    } if word else None  # fmt: skip
    return facts_of.HealthScored.model_validate(
        {
            **common,
            "revision": revision,
            "score": points(judgement.score.hundredths),
            "band": judgement.standing.band,
            "band_since": judgement.standing.since,
            "confidence": judgement.score.confidence / 10_000,
            "contributions": [_contribution(part) for part in judgement.contributions],
            "trend": trend,
            "card": {"card": card, "version": version},
            "override": override,
        }
    )


def _contribution(part: Contribution) -> dict[str, Any]:
    reading = part.reading
    return {
        "measure": reading.measure.name,
        "points": points(part.hundredths),
        "weight": part.weight / 100,
        "value": None if reading.points is None else reading.points / POINT,
        "measured": reading.value,
        "usual": reading.usual,
        "missing": reading.why,
        "explanation": sentence(reading),
    }


def points(hundredths: int | None) -> str | None:
    """Write hundredths of a point as points: 7042 is "70.42"."""
    if hundredths is None:
        return None
    sign, size = ("-" if hundredths < 0 else ""), abs(hundredths)
    return f"{sign}{size // POINT}.{size % POINT:02d}"


def feeds_as_kept(feeds_now: Feeds, now: datetime) -> list[list[str | None]]:
    """Return the turns of the feeds that a course can still see, to be compared with later."""
    oldest = now - FEEDS_LOOK_BACK
    gaps = [
        [gap.topic, gap.source, gap.start.isoformat(), gap.end.isoformat() if gap.end else None]
        for gap in feeds_now.gaps
        if gap.end is None or gap.end > oldest
    ]
    return [[topic, None, at.isoformat(), None] for topic, at in sorted(feeds_now.since.items()) if at > oldest] + gaps


def first_difference(before: list[list[str | None]], after: list[list[str | None]]) -> datetime | None:
    """Return the first moment of which two lists of turns say different things; None if of none that still counts."""
    was, is_now = {tuple(turn) for turn in before}, {tuple(turn) for turn in after}
    moments = [datetime.fromisoformat(at) for turn in is_now ^ was for at in turn[2:3] if at]
    return min(moments, default=None)
