"""Judges customers, and has announced what is new about them: from an event, from the clock, from a decision.

Whoever judges holds the lock of the customer's partition (store.health.require_partitions), so that a customer has one
writer at a time.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zlib import crc32

from services.health_scoring.announcing import Beside, announce, expired
from services.health_scoring.cards_in_force import Cards, card_of
from services.health_scoring.domain.course import DAYS_KEPT
from services.health_scoring.domain.facts import Facts
from services.health_scoring.domain.feeds import Feeds, feeds, hour_of
from services.health_scoring.domain.judgement import judge
from services.health_scoring.domain.scorecard import HORIZON_DAYS, Scorecard
from services.health_scoring.store import endings, health, overrides
from services.health_scoring.store import feeds as stored_feeds
from services.health_scoring.store import packed as store_packed
from services.health_scoring.store.health import Due, Kept
from services.health_scoring.store.known import load, load_on
from services.health_scoring.store.packed import Use
from shared import outbox
from shared.contracts.event import Message
from shared.database import Transaction

OLD = timedelta(hours=24)  # an event of longer ago is not judged at once
RECENT = timedelta(days=3)  # what is new since then needs no older use than the horizon
PACKED_EVERY_DAYS = 4  # to write a row costs as much as to read some 30 days of use
SETTLED = timedelta(hours=1)  # after midnight: what a slower clock still took for the day before is in its days


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
        known, packed = await _load(tx, dues, before, news=tx.now)
        besides, told = await _beside(tx, before.keys() | known.keys())
        feeds_now = await self.feeds(tx)
        saved = []
        for due in dues:
            facts = known[due.customer_id]
            beside = besides.get(due.customer_id, Beside())
            if facts.profile is None or (facts.left_at is not None and facts.left_at <= tx.now):
                continue
            if beside.ending is not None and beside.ending.is_over_for(facts.profile.started_on):
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
            after, messages = announce(caused, judgement, kept, beside, tx.now)
            saved.append(after)
            told += messages
            await asyncio.sleep(0)  # the stream does not wait for all of them
        await health.save(tx, await _pack(tx, saved, known, packed))
        judged = {one.customer_id for one in saved}
        await health.leave_alone(tx, sorted(before.keys() - judged))
        await outbox.add_many(tx, told)

    async def live(self, tx: Transaction, customers: Sequence[str]) -> dict[str, "Live"]:
        """Return customers to be judged event by event: those who are judged at all, as they are now."""
        before = await health.load(tx, customers)
        asked = [one.customer_id for one in before.values() if one.next_at is not None]
        pending = await health.take_pending(tx, asked)
        dues = [pending.get(one) or Due(one, before[one].partition, tx.now, "") for one in asked]
        known, _ = await _load(tx, dues, before, news=tx.now - OLD)
        in_force = await self._cards.in_force(tx, tx.now)
        besides, told = await _beside(tx, asked)
        await outbox.add_many(tx, told)
        feeds_now = await self.feeds(tx)
        return {
            due.customer_id: Live(before[due.customer_id], known[due.customer_id], in_force, feeds_now,
                                  besides.get(due.customer_id, Beside()), due)
            for due in dues
        }  # fmt: skip


async def _load(
    tx: Transaction, dues: Sequence[Due], before: Mapping[str, Kept], *, news: datetime
) -> tuple[dict[str, Facts], dict[str, Use]]:
    """Return what is known of these customers, as far as it is needed; and what of their use was read as it is packed.

    Most go on from a few days ago, and need the horizon before that; of some everything is read. news: of then or later
    are the events that are added to it, whose days are therefore read as they are kept.
    """
    since = {due.customer_id: due.since for due in dues if _goes_on(due, before.get(due.customer_id), tx.now)}
    trusted = {customer: before[customer].with_news(at).with_news(news).packed_until for customer, at in since.items()}
    packed = await store_packed.load(tx, {customer: until for customer, until in trusted.items() if until is not None})
    known = await load_on(tx, packed)
    known |= await load(tx, since.keys() - packed.keys(), _needed(tx.now))
    anew = [due.customer_id for due in dues if due.customer_id not in since]
    return known | await load(tx, anew, tx.now.date() - timedelta(days=DAYS_KEPT + HORIZON_DAYS + 1)), packed


def _needed(now: datetime) -> date:
    """Return the first day of use that a judgement needs which goes on from a few days ago."""
    return now.date() - RECENT - timedelta(days=HORIZON_DAYS + 1)


async def _pack(
    tx: Transaction, saved: Sequence[Kept], known: Mapping[str, Facts], packed: Mapping[str, Use]
) -> list[Kept]:
    """Pack the use of those of whom it is not, or not up to a few days ago; each day that of some."""
    until = (tx.now - SETTLED).toordinal()
    asked = [one.customer_id for one in saved if _is_to_be_packed(one, packed.get(one.customer_id), until)]
    since = _needed(tx.now).toordinal()
    await store_packed.save(tx, {one: store_packed.use(known[one], since, until) for one in asked})
    anew = set(asked)
    return [replace(one, packed_until=until) if one.customer_id in anew else one for one in saved]


def _is_to_be_packed(one: Kept, packed: Use | None, until: int) -> bool:
    if packed is None or packed.until < until - PACKED_EVERY_DAYS:
        return True
    return packed.until < until and (crc32(one.customer_id.encode()) + until) % PACKED_EVERY_DAYS == 0


async def _beside(tx: Transaction, customers: Iterable[str]) -> tuple[dict[str, Beside], list[tuple[str, Message]]]:
    """Return what counts beside the scores of these customers now, and what is to be told of words that are over."""
    asked = set(customers)
    over = [expired(word, tx.now) for word in await overrides.expire(tx, asked)]
    words, ends = await overrides.open_at(tx, asked, tx.now), await endings.of(tx, asked)
    return {one: Beside(words.get(one), ends.get(one)) for one in words.keys() | ends.keys()}, over


def _goes_on(due: Due, kept: Kept | None, now: datetime) -> bool:
    return (
        kept is not None and due.since is not None and due.since > now - RECENT and kept.course.through > now - RECENT
    )


def _cause(due: Due, facts: Facts, kept: Kept | None, now: datetime) -> str:
    """Return what is named as the cause: the latest event that has come since the last judgement, if there is one.

    What was asked for by something else (the clock, the feeds, a card) is caused by that only where no event has come.
    """
    after = kept.scored_at if kept is not None and due.caused_by.startswith(health.CLOCK) else health.BEGINNING
    if kept is not None and due.caused_by.startswith(health.DECIDED):
        return due.caused_by
    come = [(signal.at, signal.event_id) for signal in facts.signals if after < signal.at <= now]
    for use in facts.usage.values():
        ids = [(use.first_at[day], last) for day, last in use.last_ids.items() if day in use.first_at]
        come += [(at, last) for at, last in ids if after < at <= now]
    return max(come)[1] if come else due.caused_by


class Live:
    """A customer whose events are judged one by one, so that what is announced does not depend on batches."""

    def __init__(
        self, kept: Kept, facts: Facts, in_force: Sequence[Scorecard], feeds_now: Feeds, beside: Beside, due: Due
    ) -> None:
        """`due`: what was still to be judged before these events."""
        self.kept = kept.with_news(due.since)
        self.facts = facts
        self.messages: list[tuple[str, Message]] = []
        self.changed = bool(due.caused_by)
        self._in_force = in_force
        self._feeds = feeds_now
        self._beside = beside
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
        self.kept, messages = announce(due, judgement, self.kept, self._beside, now)
        self.messages += messages
        self.changed = True
        self._pending = replace(due, since=now)
