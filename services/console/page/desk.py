"""What every page works with: who asks, how often they may, and the transaction in which they read."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from services.console.commanding import Signer
from services.console.config import Settings
from services.console.oidc import Provider
from services.console.page import rendering
from services.console.page.post import Post
from services.console.page.writer import Writer, locale_of
from services.console.store import freshness, live, sessions
from services.console.store.freshness import Freshness
from services.console.store.live import Position
from services.console.store.reading import Person, as_reader
from shared.clock import Clock
from shared.database import Pool, Transaction
from shared.page.links import hash_of, is_token
from shared.page.rates import Rate

AT_ONCE = 6  # transactions: the projection needs connections too
PATIENCE_SECONDS = 10.0
LOGIN_SECONDS = 60.0
PART = "x-part"  # a request's header: a script asks, for a form alone where it is one
READER = "x-reader"  # a request's header: for whom the page was made whose script asks


class LogIn(Exception):
    """Nobody is logged in. to: where they wanted to go."""

    def __init__(self, to: str) -> None:
        """`to` is a path of ours."""
        super().__init__()
        self.to = to


class Mixed(Exception):
    """A key came where browsers come: it opens what is for programs, and nothing else."""


class Missing(Exception):
    """There is nothing of that address, or it is not for this reader: nobody is told which."""


class TooOften(Exception):
    """Somebody asks more often than a person would."""


@dataclass(frozen=True)
class Visit:
    """A person who reads a page. tx: sees what they may see; since: from when on the page is told what changes."""

    request: Request
    person: Person
    write: Writer
    tx: Transaction
    freshness: Freshness
    since: Position
    can_act: bool

    def page(self, template: str, status: int = HTTPStatus.OK, **shown: Any) -> Response:
        """Return a page."""
        return HTMLResponse(
            rendering.page(
                template,
                me=self.person,
                w=self.write,
                freshness=self.freshness,
                path=self.request.url.path,
                news_since=self.since,
                **shown,
            ),
            status,
        )


@dataclass(frozen=True)
class Desk:
    """See the module.

    reading, entering: how often a session asks for pages, an address for logging in; calling, guessing: how often a
    key is used, and an address comes with one that is no good.
    """

    pool: Pool
    clock: Clock
    settings: Settings
    post: Post
    provider: Provider | None = None
    signer: Signer | None = None
    reading: Rate = field(default_factory=lambda: Rate(600, 60))
    entering: Rate = field(default_factory=lambda: Rate(30, 60))
    calling: Rate = field(default_factory=lambda: Rate(300, 60))
    guessing: Rate = field(default_factory=lambda: Rate(20, 600))
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    @property
    def cookie(self) -> str:
        """The name of the session's cookie; browsers take `__Host-` over TLS alone, and for this host alone."""
        return "__Host-amicable" if self.settings.page_secure else "amicable"

    @asynccontextmanager
    async def visit(self, request: Request) -> AsyncIterator[Visit]:
        """Open the door to whoever is logged in. Raises LogIn, Mixed, TooOften, TimeoutError."""
        async with self.reading_as(request, await self.person(request)) as visit:
            yield visit

    @asynccontextmanager
    async def reading_as(self, request: Request, person: Person) -> AsyncIterator[Visit]:
        """Open the transaction in which this person reads, when it is one's turn. Raises TimeoutError."""
        now = self.clock()
        write = Writer(locale_of(request.headers.get("accept-language", "")[:200]), person.time_zone, now)
        async with asyncio.timeout(PATIENCE_SECONDS), self.turns:
            fresh = await freshness.read(self.pool)
            async with as_reader(self.pool, now, person.person_id) as tx:
                since = await live.now(tx)
                yield Visit(request, person, write, tx, fresh, since, self.signer is not None)

    async def person(self, request: Request) -> Person:
        """Return who is logged in. Raises LogIn, Mixed, TooOften."""
        if request.headers.get("authorization", "")[:7].lower() == "bearer ":
            raise Mixed
        token = request.cookies.get(self.cookie, "")
        if not is_token(token):
            raise LogIn(_wanted(request))
        if not self.reading.take(hashlib.blake2b(token.encode(), digest_size=8).hexdigest()):
            raise TooOften
        person = await sessions.find(self.pool, hash_of(token))
        if person is None or not _is_meant(request, person):
            raise LogIn(_wanted(request))
        return person


def _is_meant(request: Request, person: Person) -> bool:
    """Tell whether the page whose script asks was made for this person, as every page is that is opened now."""
    reader = request.headers.get(READER)
    return reader is None or unquote(reader) == person.person_id


def _wanted(request: Request) -> str:
    """Return the address that was asked for, as a query of the login's; nothing for what is not a page."""
    if request.method != "GET" or request.url.path == "/":
        return ""
    query = f"?{request.url.query}" if request.url.query else ""
    return quote(f"{request.url.path}{query}"[:500], safe="")
