"""Delivers messages. At least once: a crash between the hand-over and its note repeats the same key.

Each channel has a post of its own, so that a slow or dead one delays no other. Of each recipient and customer one
message is in hand at a time, so that none overtakes; what fails waits longer each time, and a host that does not answer
is left in peace for a while.
"""

import asyncio
import random
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog
from jinja2 import TemplateError

from services.notifications.channels.channel import Channel, Gone, Permanent, Throttled, Transient, Unreachable
from services.notifications.domain import attempts
from services.notifications.domain.choices import ADDRESSED
from services.notifications.domain.circuit import Circuits
from services.notifications.domain.message import Message
from services.notifications.domain.parcel import Parcel
from services.notifications.store import messages
from services.notifications.store.messages import Outcome
from services.notifications.writing import NotWritten, Writer
from shared import database
from shared.clock import real
from shared.database import is_transient
from shared.readiness import Check
from shared.service import Parts

POLL_SECONDS = 0.3
NOTED_AT_ONCE = 100
READ_AT_ONCE = 200
FRESH_SECONDS = 0.5  # as long as what was read is so still
LEAVING_SECONDS = 2.0

log = structlog.get_logger(__name__)


class Post:
    """The workers of one channel."""

    def __init__(
        self,
        parts: Parts,
        channel: Channel,
        writer: Writer,
        *,
        workers: int,
        noted: asyncio.Event | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """workers: messages on their way at once. noted: rings when the fate of messages was noted. monotonic: the
        clock of circuits, in seconds.
        """
        self._parts = parts
        self._channel = channel
        self._writer = writer
        self._workers = workers
        self._in_hand: dict[str, asyncio.Task[None]] = {}
        self._next: deque[Message] = deque()
        self._read_at = 0.0
        self._outcomes: list[Outcome] = []
        self._circuits = Circuits()
        self._noted = noted or asyncio.Event()
        self._monotonic = monotonic
        self.wake = asyncio.Event()
        self.counted: Counter[str] = Counter()

    @property
    def name(self) -> str:
        """The channel's name."""
        return self._channel.name

    def check(self) -> Check:
        """Tell what the channel did since the start, for /readyz; that it fails is no fault of this process."""
        told, sent = self.counted, self.counted["sent"]
        pace = f", {told['milliseconds'] / sent:.0f} ms each" if sent else ""
        resting = self._circuits.resting(self._monotonic())
        says = (
            f"{sent} sent{pace}, {told['postponed']} put off, {told['failed']} failed since the start;"
            f" {len(self._in_hand)} on their way, {resting} hosts or addresses left in peace"
        )
        counts = {
            **{name: told[name] for name in ("sent", "milliseconds", "postponed", "failed")},
            "on_their_way": len(self._in_hand),
            "resting": resting,
        }
        return Check(f"channel {self.name}", ok=True, says=says, counts=counts)

    async def run(self) -> None:
        """Deliver until cancelled; then let what is on its way arrive."""
        try:
            while True:
                self.wake.clear()
                try:
                    await self._note()
                    await self._take_up()
                except Exception as error:
                    if not is_transient(error):
                        raise
                    log.warning("delivery postponed", exc_info=error, channel=self.name)
                if not self._outcomes:
                    await self._rest()
        finally:
            await self._leave()

    async def close(self) -> None:
        """Close the channel; others may share its way out, and must have left."""
        await self._channel.close()

    async def _leave(self) -> None:
        """Give what is on its way a moment, and note it; the next process hands over the rest again, under its key."""
        if self._in_hand:
            await asyncio.wait(self._in_hand.values(), timeout=LEAVING_SECONDS)
        for task in self._in_hand.values():
            task.cancel()
        await asyncio.gather(*self._in_hand.values(), return_exceptions=True)
        try:
            await self._note()
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("delivery not noted: it is repeated", exc_info=error, channel=self.name)

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await self.wake.wait()
        except TimeoutError:
            return

    async def _take_up(self) -> None:
        """Begin with as many messages as there are free workers; more are claimed at once than that."""
        if not self._next:
            await self._claim()
        elif time.monotonic() - self._read_at > FRESH_SECONDS:
            await self._look_again()
        while self._next and len(self._in_hand) < self._workers:
            message = self._next.popleft()
            self._in_hand[message.message_id] = asyncio.create_task(self._work(message))

    async def _claim(self) -> None:
        leases, in_hand = self._parts.leases, list(self._in_hand)
        self._read_at = time.monotonic()
        found = await messages.claim(
            self._parts.pool, self.name, leases.buckets, leases.holder, in_hand=in_hand, limit=READ_AT_ONCE
        )
        self._next.extend(found)

    async def _look_again(self) -> None:
        """Leave out what is not to be sent any more, or is another process's: it was read a while ago."""
        self._read_at = time.monotonic()
        ids = [one.message_id for one in self._next]
        own = await messages.still_own(self._parts.pool, ids, self._parts.leases.holder)
        self._next = deque(one for one in self._next if one.message_id in own)

    async def _work(self, message: Message) -> None:
        try:
            outcome = await self.deliver(message)
        except Exception as error:
            log.exception("message not delivered", notice_id=message.message_id, channel=self.name)
            pause = attempts.pause_before(message.attempt, random.random())  # noqa: S311
            outcome = self._later(message, f"it could not be delivered ({type(error).__name__})", "transient", pause)
        self._outcomes.append(outcome)
        self.wake.set()

    async def _note(self) -> None:
        """Note what became of messages: all that is known by now, in one transaction."""
        while some := self._outcomes[:NOTED_AT_ONCE]:
            async with database.transaction(self._parts.pool, "notifications", self._parts.clock()) as tx:
                await messages.note(tx, some)
            del self._outcomes[: len(some)]
            for one in some:
                self._in_hand.pop(one.message_id, None)
            self._noted.set()

    async def deliver(self, message: Message) -> Outcome:
        """Hand one message over, and return what became of it."""
        now = self._parts.clock()
        if message.expires_at is not None and now >= message.expires_at:
            return Outcome(message.message_id, message.attempt, "it had outlived itself", "permanent")
        try:
            parcel = self._written(message)
        except NotWritten as why:
            return self._failed(message, str(why))
        host = self._channel.destination(parcel)
        if rest := self._circuits.rest(host, parcel.address, self._monotonic()):
            pause = timedelta(seconds=rest * (1 + random.random() / 10))  # noqa: S311  # jitter
            return Outcome(message.message_id, message.attempt, _resting(host), "transient", pause, counts=False)
        self._circuits.knocking(host, parcel.address)
        return await self._hand_over(message, parcel, host)

    async def _hand_over(self, message: Message, parcel: Parcel, host: str) -> Outcome:
        jitter = random.random()  # noqa: S311
        began, place = time.monotonic(), (host, parcel.address)
        try:
            await self._channel.send(parcel)
        except Permanent as refused:
            self._circuits.answered(*place)
            return self._failed(message, str(refused), gone=isinstance(refused, Gone))
        except Throttled as later:
            self._let_rest(place, later.retry_after)
            pause = attempts.throttled_pause(later.retry_after, message.attempt, jitter)
            return self._later(message, str(later), "throttled", pause)
        except Transient as later:
            note = self._circuits.unreachable if isinstance(later, Unreachable) else self._circuits.failed
            note(*place, self._monotonic())
            return self._later(message, str(later), "transient", attempts.pause_before(message.attempt, jitter))
        except Exception as error:
            log.exception("the channel failed", channel=self.name)
            self._circuits.answered(*place)
            pause = attempts.pause_before(message.attempt, jitter)
            return self._later(message, f"the channel failed ({type(error).__name__})", "transient", pause)
        self._circuits.answered(*place)
        self.counted["sent"] += 1
        self.counted["milliseconds"] += round(1000 * (time.monotonic() - began))
        log.info("message sent", notice_id=message.message_id, attempt=message.attempt, channel=self.name)
        return Outcome(message.message_id, message.attempt, own_address=self._has_own_addresses)

    @property
    def _has_own_addresses(self) -> bool:
        """Whether people name addresses of their own for it; mail and console know whom they reach."""
        return self.name not in ADDRESSED

    def _let_rest(self, place: tuple[str, str], wanted: timedelta | None) -> None:
        """It answers, and wants fewer messages; where it says until when, all that goes to this address waits."""
        if wanted is not None and wanted > timedelta(0):
            self._circuits.asked_for_rest(*place, self._monotonic() + wanted.total_seconds())
        else:
            self._circuits.answered(*place)

    def _written(self, message: Message) -> Parcel:
        """Write the message; one that cannot be written must not stop the others. Raises NotWritten."""
        try:
            return self._writer.write(message, self._parts.clock())
        except (ValueError, LookupError, TypeError, TemplateError) as error:
            raise NotWritten(f"the message could not be written ({type(error).__name__})") from error

    def _failed(self, message: Message, answer: str, *, gone: bool = False) -> Outcome:
        self.counted["failed"] += 1
        log.warning("message failed", notice_id=message.message_id, problem=answer, channel=self.name)
        return Outcome(
            message.message_id,
            message.attempt,
            answer,
            "permanent",
            own_address=self._has_own_addresses and message.active,
            gone=message.address if gone else None,
        )

    def _later(self, message: Message, answer: str, failure: attempts.Failure, pause: timedelta) -> Outcome:
        if attempts.is_given_up(message.began_at, real()):
            return self._failed(message, f"given up after a day: {answer}")
        self.counted["postponed"] += 1
        log.warning(
            "message postponed", notice_id=message.message_id, problem=answer, attempt=message.attempt,
            channel=self.name,
        )  # fmt: skip
        return Outcome(message.message_id, message.attempt, answer, failure, pause)


async def deliver(posts: Sequence[Post]) -> None:
    """Deliver on all channels until cancelled. They are closed when the last of them has let arrive what was on its
    way, since some share one way out.
    """
    try:
        async with asyncio.TaskGroup() as group:
            for post in posts:
                group.create_task(post.run())
    finally:
        await asyncio.gather(*(post.close() for post in posts))


def _resting(host: str) -> str:
    return f"{host}, or this address of it, is left in peace for a while"
