"""What is judged without an event: by the clock, when a partition has caught up, when a feed stops or a card changes.

Only the owner of a partition does it, a few customers at a time, each with their partition locked: the stream waits
for a few of them at most.
"""

import asyncio
import json
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager, suppress
from dataclasses import replace
from datetime import timedelta

import structlog

from services.health_scoring import feed_news
from services.health_scoring.feed_turns import feeds_as_kept, first_difference
from services.health_scoring.judging import Judge
from services.health_scoring.store import health
from shared import database
from shared.by_the_clock import SetAside
from shared.database import Transaction, is_transient
from shared.messaging import Intake
from shared.service import Parts

AT_ONCE = 24  # customers
SIDE_BY_SIDE = 2  # partitions: while the database works for one, another is judged
STREAM_FIRST_SECONDS = 0.1
POLL_SECONDS = 0.2
HEARD_WITHIN = timedelta(hours=1)
PATIENCE_SECONDS = 600.0  # so long one partition that stands still may keep the others waiting

log = structlog.get_logger(__name__)


class Stream:
    """Whether a batch of events is in hand: the sweep waits for it, before it takes a partition's lock again."""

    def __init__(self) -> None:
        """Nothing is in hand."""
        self._rests = asyncio.Event()
        self._rests.set()

    @contextmanager
    def in_hand(self) -> Iterator[None]:
        """Hold the sweep back."""
        self._rests.clear()
        try:
            yield
        finally:
            self._rests.set()

    async def rests(self) -> None:
        """Wait until nothing is in hand; not for long, or a stream that never rests would keep everybody waiting."""
        with suppress(TimeoutError):
            async with asyncio.timeout(STREAM_FIRST_SECONDS):
                await self._rests.wait()


class CaughtUp:
    """Which partitions have caught up: no lag, and for a while no event dated more than 24 hours back."""

    def __init__(self, quiet_seconds: float) -> None:
        """Nothing old was seen yet."""
        self._quiet_seconds = quiet_seconds
        self._old_seen_at: dict[int, float] = {}
        self._heard: set[int] = set()
        self.news = asyncio.Event()

    def note(self, old: Iterable[int]) -> None:
        """Note partitions that have just brought something old."""
        self._old_seen_at |= dict.fromkeys(old, time.monotonic())

    async def partitions(self, intake: Intake) -> list[int]:
        """Return the assigned partitions that have caught up."""
        lag = await self._lag(intake)
        return sorted(
            partition for partition, behind in lag.items() if behind == 0 and self._is_quiet(partition, intake)
        )

    async def heard(self, intake: Intake) -> list[int]:
        """Return the assigned partitions that have been without lag since we have them.

        What came while nobody listened is known of them: from its absence something may be concluded.
        """
        lag = await self._lag(intake)
        self._heard &= lag.keys()
        self._heard |= {partition for partition, behind in lag.items() if behind == 0}
        return sorted(self._heard)

    async def _lag(self, intake: Intake) -> dict[int, int]:
        behind: dict[int, int] = {}
        for tp, lag in (await intake.lag()).items():
            behind[tp.partition] = behind.get(tp.partition, 0) + lag
        return behind

    def _is_quiet(self, partition: int, intake: Intake) -> bool:
        """Tell whether we have had the partition for a while, and saw nothing old on it all that time."""
        seen = time.monotonic() - self._old_seen_at.get(partition, float("-inf"))
        return min(seen, intake.seconds_assigned()) >= self._quiet_seconds


class Sweep:
    """Judges whoever is due in the partitions that this process has."""

    def __init__(self, parts: Parts, judge: Judge, caught_up: CaughtUp, stream: Stream) -> None:
        """Nothing is done before `run`."""
        self._stream = stream
        self._parts = parts
        self._judge = judge
        self._caught_up = caught_up
        self._set_aside = SetAside()

    async def run(self) -> None:
        """Judge what is due, until cancelled."""
        while True:
            self._caught_up.news.clear()
            try:
                await self.once()
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning("judging postponed", exc_info=error)
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._caught_up.news.wait()
            except TimeoutError:
                continue

    async def once(self) -> None:
        """Judge everybody who is due now."""
        ours = sorted({tp.partition for tp in self._parts.intake.partitions})
        if not ours:
            return
        ready = await self._caught_up.partitions(self._parts.intake)
        patient = self._parts.intake.seconds_assigned() < PATIENCE_SECONDS
        heard = set(await self._caught_up.heard(self._parts.intake) if patient else ours)
        async with self._transaction() as tx:
            await health.note_heard(tx, sorted(heard))
            if patient and not await health.all_heard(tx, HEARD_WITHIN):
                return  # a feed may look dead, and a customer silent, whose events wait to be taken
            met = await health.partitions(tx, ours)
            waiting = heard & {*ready, *(partition for partition, is_live in met.items() if is_live)}
            waiting = await self._with_something_to_do(tx, waiting, met.keys())
        in_turn = sorted(waiting, reverse=True)
        workers = [self._work_off(in_turn, ready) for _ in range(SIDE_BY_SIDE)]
        ended = await asyncio.gather(*workers, return_exceptions=True)
        errors = [error for error in ended if isinstance(error, BaseException)]
        if errors:
            raise next((error for error in errors if not is_transient(error)), errors[0])

    async def _with_something_to_do(self, tx: Transaction, waiting: set[int], met: Collection[int]) -> set[int]:
        """Leave out what would be visited in vain; a partition that was never met is not."""
        feeds = json.dumps(feeds_as_kept(await self._judge.feeds(tx), tx.now))
        found = await health.with_something_to_do(tx, sorted(waiting & set(met)), feeds, but=self._set_aside.ids)
        return found | (waiting - set(met))

    async def _work_off(self, waiting: list[int], ready: Sequence[int]) -> None:
        """Take one partition after the other from those that wait."""
        while waiting:
            partition = waiting.pop()
            await self._mind(partition, caught_up=partition in ready)
            while await self._judge_some(partition):
                pass

    def _transaction(self, *, quiet: bool = False) -> AbstractAsyncContextManager[Transaction]:
        return database.transaction(self._parts.pool, "health_scoring", self._parts.clock(), quiet=quiet)

    async def _mind(self, partition: int, *, caught_up: bool) -> None:
        """Note that a partition has caught up, and whose judgement other feeds change."""
        async with self._transaction() as tx:
            live = (await health.require_partitions(tx, [partition]))[partition]
            if not live and caught_up and await self._nothing_old(partition):
                await health.set_live(tx, [partition], live=True)
            elif not live:
                return
            await self._compare_feeds(tx, partition)
            if partition == feed_news.TELLER:
                await feed_news.tell(tx, await self._judge.feeds(tx))

    async def _nothing_old(self, partition: int) -> bool:
        """Look once more, now that nothing can be taken: an old event may have come since."""
        return partition in await self._caught_up.partitions(self._parts.intake)

    async def _compare_feeds(self, tx: Transaction, partition: int) -> None:
        is_now = feeds_as_kept(await self._judge.feeds(tx), tx.now)
        before = await health.feeds_of(tx, partition)
        if before is not None and json.loads(before) == is_now:
            return
        since = first_difference(json.loads(before) if before else [], is_now)
        if since is not None:
            await health.mark_all_due(tx, [partition], since, f"feeds:{tx.now.isoformat()}")
        await health.keep_feeds(tx, partition, json.dumps(is_now))

    async def _judge_some(self, partition: int) -> bool:
        """Judge a few customers of the partition; tell whether there may be more."""
        await self._stream.rests()
        try:
            return await self._judge_together(partition, AT_ONCE)
        except Exception as error:
            if is_transient(error):
                raise
            log.warning("some customers cannot be judged together: each is tried alone", exc_info=error)
        return await self._judge_alone(partition)

    async def _judge_together(self, partition: int, limit: int) -> bool:
        async with self._transaction() as tx:
            if not (await health.require_partitions(tx, [partition]))[partition]:
                return False
            dues = await health.take_due(tx, [partition], limit, but=self._set_aside.ids)
            quiet = any(due.quiet for due in dues)
            await self._judge.judge_due(replace(tx, quiet=quiet), dues)
        return len(dues) == limit or quiet

    async def _judge_alone(self, partition: int) -> bool:
        """Judge as many customers one by one, and set those aside who fail by themselves."""
        async with self._transaction() as tx:
            some = await health.look_due(tx, [partition], AT_ONCE, but=self._set_aside.ids)
        for due in some:
            try:
                async with self._transaction(quiet=due.quiet) as tx:
                    if not (await health.require_partitions(tx, [partition]))[partition]:
                        return False
                    await health.settle(tx, due)
                    await self._judge.judge_due(tx, [due])
            except Exception as error:
                if is_transient(error):
                    raise
                self._set_aside.add(due.customer_id)
                log.exception("a customer cannot be judged: the others are, and this one is tried again in a minute")
        return bool(some)
