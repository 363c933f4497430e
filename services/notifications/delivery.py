"""Delivers what is due. At least once: a crash between the hand-over and its note repeats the same message."""

import asyncio
import random
from contextlib import AbstractAsyncContextManager

import structlog
from jinja2 import TemplateError

from services.notifications import domain, store
from services.notifications.channels.channel import Channel, Permanent, Throttled, Transient
from services.notifications.domain import Notice
from services.notifications.domain.parcel import Parcel
from services.notifications.letters import letter
from shared import database, outbox
from shared.contracts.notices import NoticeFailed, NoticeSent
from shared.contracts.topics import NOTIFICATIONS
from shared.database import Transaction, is_transient
from shared.outbox import bucket_of
from shared.service import Parts

AT_ONCE = 50
POLL_SECONDS = 0.3
TEMPLATES = {"CaseOpened": "case_opened", "FeedStopped": "feed_stopped"}  # what is released names its own

log = structlog.get_logger(__name__)


async def run(parts: Parts, channel: Channel) -> None:
    """Send what is due, until cancelled. Replicas divide customers by bucket; the oldest first."""
    while True:
        try:
            await store.expire(parts.pool, parts.clock())
            while notices := await store.due(parts.pool, parts.leases.buckets, AT_ONCE):
                for notice in notices:
                    if bucket_of(notice.key) in parts.leases.buckets:  # or another replica sends it by now
                        await deliver(parts, channel, notice)
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("delivery postponed", exc_info=error)
        await asyncio.sleep(POLL_SECONDS)


async def deliver(parts: Parts, channel: Channel, notice: Notice) -> None:
    """Hand one message over and note what became of it; what has outlived itself waits to be given up."""
    if notice.expires_at is not None and parts.clock() >= notice.expires_at:
        await store.expire(parts.pool, parts.clock())
        return
    try:
        await _hand_over(channel, _written(notice, parts))
    except Permanent as refused:
        await _note_failure(parts, notice, str(refused))
        log.warning("notice failed", notice_id=notice.notice_id, problem=str(refused))
    except (Throttled, Transient, Unforeseen) as later:
        pause = domain.pause_before(notice.attempt, random.random())  # noqa: S311  # jitter
        async with _transaction(parts) as tx:
            await store.postpone(tx, notice, str(later), pause)
        log.warning("notice postponed", notice_id=notice.notice_id, problem=str(later), attempt=notice.attempt)
    else:
        await _note_success(parts, notice)
        log.info("notice sent", notice_id=notice.notice_id, attempt=notice.attempt)


class Unforeseen(Exception):
    """The channel failed in a way that nobody thought of: this message waits, the others go on."""


async def _hand_over(channel: Channel, parcel: Parcel) -> None:
    try:
        await channel.send(parcel)
    except (Permanent, Throttled, Transient):
        raise
    except Exception as error:
        log.exception("the channel failed")
        raise Unforeseen(f"the channel failed ({type(error).__name__})") from error


def _written(notice: Notice, parts: Parts) -> Parcel:
    """Write the message; one that cannot be written must not stop the others."""
    template = notice.says.get("template", TEMPLATES.get(notice.fact_type, ""))
    says = {
        **notice.says,
        "customer": notice.customer_name,
        "when": notice.happened_at,
        "until": notice.expires_at,
    }
    try:
        written = letter.write(template, says, notice.recipient)
    except (ValueError, LookupError, TypeError, TemplateError) as error:
        raise Permanent(f"the mail could not be written ({type(error).__name__})") from error
    return Parcel(
        key=notice.notice_id,
        address=notice.recipient.email,
        name=notice.recipient.name,
        subject=written.subject,
        text=written.text,
        html=written.html,
        headers={"From": notice.says["company"]} if "company" in notice.says else {},
        attachments=written.attachments,
        fact={"type": notice.fact_type, "event_id": notice.fact_id, "customer_id": notice.customer_id},
        link=None,
        urgency="high",
        sent_at=parts.clock(),
    )


async def _note_success(parts: Parts, notice: Notice) -> None:
    async with _transaction(parts) as tx:
        await database.lock_customer(tx, notice.key)
        correlation_id = await store.mark_sent(tx, notice)
        if correlation_id is not None and notice.customer_id is not None:
            told = {**_common(tx, notice, correlation_id), "fact_type": notice.fact_type}
            await outbox.add(tx, NOTIFICATIONS.name, NoticeSent.model_validate(told))


async def _note_failure(parts: Parts, notice: Notice, answer: str) -> None:
    async with _transaction(parts) as tx:
        await database.lock_customer(tx, notice.key)
        if (
            correlation_id := await store.mark_failed(tx, notice, answer)
        ) is not None and notice.customer_id is not None:
            told = {**_common(tx, notice, correlation_id), "reason": answer}
            await outbox.add(tx, NOTIFICATIONS.name, NoticeFailed.model_validate(told))


def _transaction(parts: Parts) -> AbstractAsyncContextManager[Transaction]:
    return database.transaction(parts.pool, "notifications", parts.clock())


def _common(tx: Transaction, notice: Notice, correlation_id: str) -> dict[str, object]:
    return {
        "customer_id": notice.customer_id,
        "correlation_id": correlation_id,
        "causation_id": notice.fact_id,
        "occurred_at": tx.now,
        "notice_id": notice.notice_id,
        "person_id": notice.recipient.person_id,
        "channel": "mail",
        "fact_id": notice.fact_id,
    }
