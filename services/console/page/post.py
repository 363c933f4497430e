"""Brings news to open pages: one look at the database for all of them, and whoever is concerned is woken."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from services.console.store import live
from services.console.store.live import News, Position
from shared import database
from shared.database import Pool

LOOK_SECONDS = 0.25
MOST = 1500  # open pages of a process
MOST_OF_ONE = 30  # of one person

log = structlog.get_logger(__name__)


class Full(Exception):
    """There are too many open pages."""


@dataclass(eq=False)
class Reader:
    """An open page: who looks at it, and what at."""

    person_id: str
    subjects: frozenset[str]
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def is_concerned(self, news: News) -> bool:
        """Tell whether the news are for this page."""
        return news.person_id == self.person_id or news.subject in self.subjects


class Post:
    """The open pages of this process."""

    def __init__(self, pool: Pool) -> None:
        """Nobody reads yet."""
        self._pool = pool
        self._readers: set[Reader] = set()
        self._position: Position | None = None
        self.over = False

    @asynccontextmanager
    async def reader(self, person_id: str, subjects: Iterable[str]) -> AsyncIterator[Reader]:
        """Hold a page open. Raises Full."""
        mine = sum(1 for one in self._readers if one.person_id == person_id)
        if len(self._readers) >= MOST or mine >= MOST_OF_ONE:
            raise Full
        reader = Reader(person_id, frozenset(subjects))
        self._readers.add(reader)
        try:
            yield reader
        finally:
            self._readers.discard(reader)

    async def run(self) -> None:
        """Look for news until cancelled; then every page is let go, to come again to another process."""
        try:
            while True:
                try:
                    await self.look()
                except Exception as error:
                    if not database.is_transient(error):
                        raise
                    log.warning("news not read", exc_info=error)
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            self.over = True
            for reader in self._readers:
                reader.woken.set()

    async def look(self) -> None:
        """Wake whoever is concerned by what is new."""
        if not self._readers:
            self._position = None
            return
        if self._position is None:
            self._position = await live.newest(self._pool)
            for reader in self._readers:  # what came before is each one's own to find
                reader.woken.set()
        news, self._position = await live.latest(self._pool, self._position)
        for reader in self._readers:
            if any(reader.is_concerned(one) for one in news):
                reader.woken.set()
