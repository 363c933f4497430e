"""From batches of upstream events to what is known, and to judgements: at once where the stream is live, else later."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from services.health_scoring.domain.facts import Facts, Signal
from services.health_scoring.domain.feeds import hour_of
from services.health_scoring.judging import OLD, Judge, Live
from services.health_scoring.store import feeds as stored_feeds
from services.health_scoring.store import health, knowledge
from services.health_scoring.store.health import Due
from services.health_scoring.store.knowledge import Announced, Happened, Used
from shared import outbox
from shared.contracts.topics import (
    CUSTOMERS,
    HEALTH_SCORING_COMMANDS,
    PEOPLE,
    RELATIONSHIP,
    SUPPORT,
    TRANSITIONS,
    UPSTREAM_TOPIC_OF_TYPE,
    USAGE,
)
from shared.contracts.upstream import CustomerChanged
from shared.database import Transaction
from shared.firehose import Taken
from shared.upstream_decoder import UsageRecorded

# People and commands go to commanding.py, transitions to following.py.
CONSUMES = (USAGE, SUPPORT, RELATIONSHIP, CUSTOMERS, TRANSITIONS, PEOPLE, HEALTH_SCORING_COMMANDS)
_SUBJECTS = ("ticket_id", "invoice_id", "contact_id")
_SAID = ("severity", "kind", "score", "by", "due_on", "on")


@dataclass
class Sorted:
    """A batch by what is done with it. active: the hours in which each feed brought something.

    old: where in the batch the first event stands, of each partition that brings such, dated more than 24 hours back.
    """

    uses: list[Used] = field(default_factory=list)
    happened: list[Happened] = field(default_factory=list)
    announced: list[Announced] = field(default_factory=list)
    active: dict[tuple[str, str], set[int]] = field(default_factory=lambda: defaultdict(set))
    old: dict[int, int] = field(default_factory=dict)


def sort(batch: Sequence[Taken], now: datetime) -> Sorted:
    """Look at every event once."""
    found = Sorted()
    limit = now - OLD
    for place, taken in enumerate(batch):
        message: Any = taken.message
        at = message.occurred_at
        if at < limit:
            found.old.setdefault(taken.partition, place)
        kind = message.__class__
        if kind is UsageRecorded:
            found.active[USAGE.name, message.source].add(hour_of(at))
            found.uses.append(
                Used(message.customer_id, message.metric, at, message.quantity, message.event_id, message.user_id)
            )
        elif kind is CustomerChanged:
            found.announced.append(_announced(message))
        else:
            found.active[UPSTREAM_TOPIC_OF_TYPE[message.type].name, message.source].add(hour_of(at))
            found.happened.append(_happened(message))
    return found


class Desk:
    """Takes batches. A partition is live until it brings something dated more than 24 hours back."""

    def __init__(self, judge: Judge) -> None:
        """`judge` judges what is live."""
        self._judge = judge

    async def keep_what_happened(self, batch: Sequence[Taken], tx: Transaction) -> set[int]:
        """Add a batch to what is known, and judge or have judged whom it is about; return partitions with old events.

        Of live partitions every event is judged by itself, in order, up to the first old one: what is announced does
        not depend on how the stream is cut into batches. Others only move what is known: their customers are judged
        when it has caught up.
        """
        if not batch:
            return set()
        found = sort(batch, tx.now)
        live = await health.require_partitions(tx, {taken.partition for taken in batch})
        live_until = {
            partition: found.old.get(partition, len(batch))
            for partition, is_live in live.items()
            if is_live and not tx.quiet
        }
        await health.set_live(tx, {partition for partition in found.old if live[partition]}, live=False)
        await stored_feeds.note(tx, found.active)
        changed = {told.event_id for told in found.announced if await knowledge.keep_customer(tx, told)}
        if live_until:
            at_once = [taken for place, taken in enumerate(batch) if place < live_until.get(taken.partition, 0)]
            await self._judge_at_once(at_once, tx)
        await knowledge.add_uses(tx, found.uses)
        await knowledge.add_signals(tx, found.happened)
        await health.mark_due(tx, _dues(batch, live_until, changed, tx))
        return set(found.old)

    async def _judge_at_once(self, batch: Sequence[Taken], tx: Transaction) -> None:
        """Judge customers after each of these events, before they are added to what is known."""
        events = [taken for taken in batch if taken.message.__class__ is not CustomerChanged]
        known = await self._judge.live(tx, await _concerned(events, tx))
        told = [message for one in known.values() for message in _step(one, events, tx.now)]
        await health.save(tx, [one.kept for one in known.values() if one.changed])
        await outbox.add_many(tx, told)


async def _concerned(events: Sequence[Taken], tx: Transaction) -> list[str]:
    """Return the customers whose judgement one of these live events may change; most uses change none.

    Use counts by complete days: of today's only the first of a metric says something now.
    """
    found = sort(events, tx.now)
    first = await knowledge.first_uses(tx, found.uses)
    concerned = {one.customer_id for one in found.happened}
    concerned |= {use.customer_id for use in found.uses if _says_something(use, first, tx.now)}
    return sorted(concerned)


def _says_something(use: Used, first: Mapping[tuple[str, str, date], datetime], now: datetime) -> bool:
    known = first.get((use.customer_id, use.metric, use.at.date()))
    return known is None or use.at < known or use.at.date() < now.date()


def _step(one: Live, events: Sequence[Taken], now: datetime) -> list[Any]:
    """Judge a customer after each of its events; return what is to be told."""
    for taken in events:
        message: Any = taken.message
        if message.key == one.kept.customer_id:
            facts, matters = _plus(one.facts, message, now)
            if matters:
                one.meet(facts, message.occurred_at, message.event_id, now)
            else:
                one.facts = facts
    return one.messages


def _plus(facts: Facts, message: Any, now: datetime) -> tuple[Facts, bool]:
    """Return what is known with one more event, and whether it can change a judgement now."""
    if message.__class__ is not UsageRecorded:
        return facts.with_signal(_happened(message).signal), True
    at = message.occurred_at
    first = facts.usage[message.metric].first_at_of(at.toordinal()) if message.metric in facts.usage else None
    matters = first is None or at < first or at.date() < now.date()
    return facts.with_use(message.metric, at, message.quantity, message.event_id, message.user_id), matters


def _dues(batch: Sequence[Taken], live_until: Mapping[int, int], changed: set[str], tx: Transaction) -> list[Due]:
    """Return who is to be judged later, since when, and because of which event: the latest."""
    dues: dict[str, tuple[int, datetime | None, datetime, str]] = {}
    for place, taken in enumerate(batch):
        message: Any = taken.message
        since = at = message.occurred_at
        if message.__class__ is CustomerChanged:
            if message.event_id not in changed:
                continue
            since = None
        elif place < live_until.get(taken.partition, 0):
            continue
        customer, cause = message.customer_id, message.event_id
        before = dues.get(customer)
        if before is not None:
            since = None if since is None or before[1] is None else min(since, before[1])
            at, cause = max((at, cause), (before[2], before[3]))
        dues[customer] = (taken.partition, since, at, cause)
    return [Due(customer, partition, since, cause, tx.quiet) for customer, (partition, since, _, cause) in dues.items()]


def _happened(message: Any) -> Happened:
    subject = next((getattr(message, name) for name in _SUBJECTS if getattr(message, name, None)), "")
    says = {name: value for name in _SAID if (value := getattr(message, name, None)) is not None}
    plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in says.items()}
    signal = Signal(message.occurred_at, message.source, message.event_id, message.type, subject, plain)
    return Happened(message.customer_id, signal)


def _announced(message: CustomerChanged) -> Announced:
    onboarding = message.onboarding
    profile: dict[str, Any] = {
        "segment": message.segment,
        "started_on": message.started_on.isoformat(),
        "renews_on": message.renews_on.isoformat() if message.renews_on else None,
        "seats": message.seats,
        "onboarding": {
            "expected_days": onboarding.expected_days,
            "started_on": onboarding.started_on.isoformat(),
            "completed_on": onboarding.completed_on.isoformat() if onboarding.completed_on else None,
        }
        if onboarding
        else None,
    }
    contacts = {contact.contact_id: contact.role for contact in message.contacts or ()}
    return Announced(
        message.customer_id,
        message.occurred_at,
        message.event_id,
        message.csm,
        message.name,
        profile,
        contacts,
    )
