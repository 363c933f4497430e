"""From batches of upstream events to what is known, and to judgements: at once where the stream is live, else later."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from services.health_scoring.domain.facts import Facts, Signal
from services.health_scoring.domain.feeds import hour_of
from services.health_scoring.judging import Judge, Live
from services.health_scoring.store import feeds as stored_feeds
from services.health_scoring.store import health, knowledge
from services.health_scoring.store.health import Due
from services.health_scoring.store.knowledge import Announced, Happened, Used
from shared import outbox
from shared.contracts.topics import CUSTOMERS, RELATIONSHIP, SUPPORT, UPSTREAM_TOPIC_OF_TYPE, USAGE
from shared.contracts.upstream import CustomerChanged
from shared.database import Transaction
from shared.firehose import Taken

CONSUMES = (USAGE, SUPPORT, RELATIONSHIP, CUSTOMERS)
OLD = timedelta(hours=24)
_SUBJECTS = ("ticket_id", "invoice_id", "contact_id")
_SAID = ("severity", "kind", "score", "by", "due_on", "on")


class Desk:
    """Takes batches. A partition is live while it brings nothing dated more than 24 hours back."""

    def __init__(self, judge: Judge) -> None:
        """`judge` judges what is live."""
        self._judge = judge

    async def keep_what_happened(self, batch: Sequence[Taken], tx: Transaction) -> set[int]:
        """Add a batch to what is known, and judge or have judged whom it is about; return partitions with old events.

        Of live partitions every event is judged by itself, in order: what is announced does not depend on how the
        stream is cut into batches. Others only move what is known: their customers are judged when it has caught up.
        """
        if not batch:
            return set()
        live = await health.require_partitions(tx, {taken.partition for taken in batch})
        old = {taken.partition for taken in batch if taken.message.occurred_at < tx.now - OLD}
        await health.set_live(tx, old, live=False)
        await stored_feeds.note(tx, _active(batch))
        later = await self._announcements(batch, tx)
        events = [taken for taken in batch if taken.message.type != "CustomerChanged"]
        is_live = {partition for partition, is_live in live.items() if is_live and not tx.quiet} - old
        at_once = [taken for taken in events if taken.partition in is_live]
        known = await self._judge.live(tx, await _concerned(at_once, tx)) if at_once else {}
        told = [message for one in known.values() for message in _step(one, at_once, tx.now)]
        await knowledge.add_uses(
            tx, [_used(taken.message) for taken in events if taken.message.type == "UsageRecorded"]
        )
        await knowledge.add_signals(
            tx, [_happened(taken.message) for taken in events if taken.message.type != "UsageRecorded"]
        )
        await health.save(tx, [one.kept for one in known.values() if one.changed])
        await outbox.add_many(tx, told)
        waiting = [taken for taken in events if taken.partition not in is_live]
        await health.mark_due(tx, _dues([*waiting, *later], tx))
        return old

    async def _announcements(self, batch: Sequence[Taken], tx: Transaction) -> list[Taken]:
        """Keep announced customers; return the announcements that change a judgement."""
        changed = []
        for taken in batch:
            message: Any = taken.message
            if isinstance(message, CustomerChanged) and await knowledge.keep_customer(tx, _announced(message)):
                changed.append(taken)
        return changed


def _active(batch: Sequence[Taken]) -> Mapping[tuple[str, str], set[int]]:
    active: dict[tuple[str, str], set[int]] = defaultdict(set)
    for taken in batch:
        topic = UPSTREAM_TOPIC_OF_TYPE[taken.message.type].name
        if topic != CUSTOMERS.name:
            active[topic, taken.message.source].add(hour_of(taken.message.occurred_at))
    return active


async def _concerned(events: Sequence[Taken], tx: Transaction) -> list[str]:
    """Return the customers whose judgement one of these live events may change; most uses change none.

    Use counts by complete days: of today's only the first of a metric says something now.
    """
    uses = [_used(taken.message) for taken in events if taken.message.type == "UsageRecorded"]
    first = await knowledge.first_uses(tx, uses)
    concerned = {taken.message.key for taken in events if taken.message.type != "UsageRecorded"}
    concerned |= {use.customer_id for use in uses if _says_something(use, first, tx.now)}
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
    if message.type != "UsageRecorded":
        return facts.with_signal(_happened(message).signal), True
    at = message.occurred_at
    first = facts.usage[message.metric].first_at_of(at.toordinal()) if message.metric in facts.usage else None
    matters = first is None or at < first or at.date() < now.date()
    return facts.with_use(message.metric, at, message.quantity, message.event_id, message.user_id), matters


def _dues(batch: Sequence[Taken], tx: Transaction) -> list[Due]:
    """Return who is to be judged again, since when, and because of which event: the latest."""
    dues: dict[str, Due] = {}
    for taken in sorted(batch, key=lambda taken: (taken.message.occurred_at, taken.message.event_id)):
        message = taken.message
        since = None if message.type == "CustomerChanged" else message.occurred_at
        if message.key in dues:
            before = dues[message.key].since
            since = None if since is None or before is None else min(before, since)
        dues[message.key] = Due(message.key, taken.partition, since, message.event_id, tx.quiet)
    return list(dues.values())


def _used(message: Any) -> Used:
    return Used(
        message.customer_id, message.metric, message.occurred_at, message.quantity, message.event_id, message.user_id
    )


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
