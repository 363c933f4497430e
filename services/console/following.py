"""Follows how far the projection is, so that pages can say as of when they are."""

import asyncio
from collections.abc import Sequence

import structlog

from services.console.store import freshness
from shared import database
from shared.service import Parts

SECONDS = 2.0
HEARD_WITHIN = 30.0  # seconds; what Kafka has told of its end longer ago says nothing of now
log = structlog.get_logger(__name__)


class Watch:
    """Notes the lag of the partitions that this process has."""

    def __init__(self, parts: Parts, topics: Sequence[str]) -> None:
        """topics: those that this service takes; what was noted of others says nothing any more."""
        self._parts = parts
        self._topics = topics

    async def run(self) -> None:
        """Note it every two seconds, until cancelled."""
        begun = False
        while True:
            try:
                if not begun:
                    await freshness.forget_others(self._parts.pool, self._topics)
                    begun = True
                await self.note()
            except Exception as error:
                if not database.is_transient(error):
                    raise
                log.warning("lag not noted", exc_info=error)
            await asyncio.sleep(SECONDS)

    async def note(self) -> None:
        """Note how far each partition is now; nothing where Kafka has not answered lately: then nobody knows."""
        heard = self._parts.intake.seconds_since_poll()
        if heard is None or heard > HEARD_WITHIN:
            return
        behind = await self._parts.intake.lag()
        if behind:
            await freshness.note(self._parts.pool, {(tp.topic, tp.partition): count for tp, count in behind.items()})
