"""Judges customers, and has announced what is new about them: from an event, from the clock, from a decision.

Whoever judges holds the lock of the customer's partition (store.health.require_partitions), so that a customer has one
writer at a time.
"""

import asyncio
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.health_scoring.announcing import announce, expired
from services.health_scoring.cards_in_force import Cards, card_of
from services.health_scoring.domain.course import DAYS_KEPT
from services.health_scoring.domain.facts import Facts
from services.health_scoring.domain.feeds import Feeds, feeds, hour_of
from services.health_scoring.domain.judgement import judge
from services.health_scoring.domain.scorecard import HORIZON_DAYS, Scorecard
from services.health_scoring.store import feeds as stored_feeds
from services.health_scoring.store import health, knowledge, overrides
from services.health_scoring.store.health import Due, Kept
from services.health_scoring.store.overrides import Override
from shared import outbox
from shared.contracts.event import Message
from shared.database import Transaction

RECENT = timedelta(days=3)  # what is new since then needs no older use than the horizon


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
        words, told = await _words(tx, before.keys() | known.keys())
        feeds_now = await self.feeds(tx)
        saved = []
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
            await asyncio.sleep(0)  # the stream does not wait for all of them
        await health.save(tx, saved)
        judged = {one.customer_id for one in saved}
        await health.leave_alone(tx, sorted(before.keys() - judged))
        await outbox.add_many(tx, told)

    async def _load(self, tx: Transaction, dues: Sequence[Due], before: Mapping[str, Kept]) -> dict[str, Facts]:
        """Load what is needed: of most customers the horizon before yesterday, of some everything."""
        going_on = [due.customer_id for due in dues if _goes_on(due, before.get(due.customer_id), tx.now)]
        anew = [due.customer_id for due in dues if due.customer_id not in set(going_on)]
        today = tx.now.date()
        recent = today - RECENT - timedelta(days=1)
        known = await knowledge.load(tx, going_on, recent - timedelta(days=HORIZON_DAYS), firsts=recent)
        return known | await knowledge.load(tx, anew, today - timedelta(days=DAYS_KEPT + HORIZON_DAYS + 1))

    async def live(self, tx: Transaction, customers: Sequence[str]) -> dict[str, "Live"]:
        """Return customers to be judged event by event: those who are judged at all, as they are now."""
        before = await health.load(tx, customers)
        asked = [one.customer_id for one in before.values() if one.next_at is not None]
        pending = await health.take_pending(tx, asked)
        dues = [pending.get(one) or Due(one, before[one].partition, tx.now, "") for one in asked]
        known = await self._load(tx, dues, before)
        in_force = await self._cards.in_force(tx, tx.now)
        words, told = await _words(tx, asked)
        await outbox.add_many(tx, told)
        feeds_now = await self.feeds(tx)
        return {
            due.customer_id: Live(before[due.customer_id], known[due.customer_id], in_force, feeds_now,
                                  words.get(due.customer_id), due)
            for due in dues
        }  # fmt: skip


async def _words(tx: Transaction, customers: Iterable[str]) -> tuple[dict[str, Override], list[tuple[str, Message]]]:
    """Return what people say of these customers now, and what is to be told of words whose time is over."""
    asked = set(customers)
    over = [expired(word, tx.now) for word in await overrides.expire(tx, asked)]
    return await overrides.open_at(tx, asked, tx.now), over


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
        first = bisect_left(use.days, after.toordinal())
        ids = [(day, use.last_ids[day]) for day in use.days[first:] if day in use.last_ids]
        come += [(use.first_at[day], last) for day, last in ids if after < use.first_at[day] <= now]
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
