"""The door of a page: who comes how often, and the transaction in which they are served."""

import asyncio
import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

from fastapi import Request
from fastapi.responses import Response

from shared import database
from shared.clock import Clock
from shared.database import Pool, Transaction
from shared.documents.files import File
from shared.page.answers import plain
from shared.page.rates import Rate, Rates

AT_ONCE = 3  # transactions: the service's own work needs connections too
PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class Door:
    """What every page works with. schema: of the service. drawing: documents are drawn one at a time."""

    pool: Pool
    clock: Clock
    schema: str
    rates: Rates = field(default_factory=Rates)
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    drawing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    def too_often(self, request: Request, token: str, rate: Rate) -> Response | None:
        """Return the answer to somebody who comes too often, None to whoever may come in."""
        client = client_of(request)
        if self.rates.asking.take(client) and not self.rates.missing.is_spent(client) and rate.take(token[:64]):
            return None
        return plain(HTTPStatus.TOO_MANY_REQUESTS)

    def missed(self, request: Request) -> Response:
        """A link that opens nothing, whatever the reason."""
        self.rates.missing.take(client_of(request))
        return plain(HTTPStatus.NOT_FOUND)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Open a transaction when it is one's turn; TimeoutError for whoever would wait too long."""
        async with (
            asyncio.timeout(PATIENCE_SECONDS),
            self.turns,
            database.transaction(self.pool, self.schema, self.clock()) as tx,
        ):
            yield tx

    async def handed_out(self, file: File) -> Response:
        """Draw a file when it is its turn, beside what else goes on; TimeoutError for whoever would wait too long."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.drawing.acquire()
        try:
            body = await asyncio.to_thread(file.draw)
        finally:
            self.drawing.release()
        return Response(body, media_type=file.media_type, headers={"content-disposition": file.disposition})


def client_of(request: Request) -> str:
    """Return the client's address; of IPv6 its network, since one customer has 2^64 addresses of it."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else host
