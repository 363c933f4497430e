"""Delivers what is due. At least once: a crash between the hand-over and its note repeats the same Message-ID."""

import asyncio
import random
from contextlib import AbstractAsyncContextManager
from email.message import EmailMessage

import structlog
from jinja2 import TemplateError

from services.notifications import domain, letter, store
from services.notifications.domain import Notice
from services.notifications.smtp import Channel, Permanent, Transient
from shared import database, outbox
from shared.contracts.notices import NoticeFailed, NoticeSent
from shared.contracts.topics import NOTIFICATIONS
from shared.database import Transaction, is_transient
from shared.outbox import bucket_of
from shared.service import Parts

AT_ONCE = 50
POLL_SECONDS = 0.3

log = structlog.get_logger(__name__)


async def run(parts: Parts, channel: Channel, sender: str) -> None:
    """Send what is due, until cancelled. Replicas divide customers by bucket; the oldest first."""
    while True:
        try:
            await store.expire(parts.pool, parts.clock())
            while notices := await store.due(parts.pool, parts.leases.buckets, AT_ONCE):
                for notice in notices:
                    if bucket_of(notice.key) in parts.leases.buckets:  # or another replica sends it by now
                        await deliver(parts, channel, notice, sender)
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("delivery postponed", exc_info=error)
        await asyncio.sleep(POLL_SECONDS)


async def deliver(parts: Parts, channel: Channel, notice: Notice, sender: str) -> None:
    """Hand one message over and note what became of it; what has outlived itself waits to be given up."""
    if notice.expires_at is not None and parts.clock() >= notice.expires_at:
        await store.expire(parts.pool, parts.clock())
        return
    try:
        await _hand_over(channel, _written(notice, sender))
    except Permanent as refused:
        await _note_failure(parts, notice, str(refused))
        log.warning("notice failed", notice_id=notice.notice_id, problem=str(refused))
    except (Transient, Unforeseen) as later:
        pause = domain.pause_before(notice.attempt, random.random())  # noqa: S311  # jitter
        async with _transaction(parts) as tx:
            await store.postpone(tx, notice, str(later), pause)
        log.warning("notice postponed", notice_id=notice.notice_id, problem=str(later), attempt=notice.attempt)
    else:
        await _note_success(parts, notice)
        log.info("notice sent", notice_id=notice.notice_id, attempt=notice.attempt)


class Unforeseen(Exception):
    """The channel failed in a way that nobody thought of: this message waits, the others go on."""


async def _hand_over(channel: Channel, mail: EmailMessage) -> None:
    try:
        await channel.send(mail)
    except (Permanent, Transient):
        raise
    except Exception as error:
        log.exception("the channel failed")
        raise Unforeseen(f"the channel failed ({type(error).__name__})") from error


def _written(notice: Notice, sender: str) -> EmailMessage:
    """Write the mail; one that cannot be written must not stop the others."""
    try:
        return letter.write(notice, sender)
    except (ValueError, LookupError, TypeError, TemplateError) as error:
        raise Permanent(f"the mail could not be written ({type(error).__name__})") from error


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
