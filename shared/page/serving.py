"""Serves the page inside the service's process, on a port of its own, for as long as the service works."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import uvicorn
from starlette.types import ASGIApp

from shared.readiness import Check

log = structlog.get_logger(__name__)
GRACE_SECONDS = 5
MOST_AT_ONCE = 100  # connections, unless the page holds some open; more are told to come later


class Ended(Exception):
    """The server has ended by itself."""


class _Inside(uvicorn.Server):
    """A server that leaves the process's signals to the one around it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class PageServer:
    """The page's HTTP server."""

    def __init__(
        self, app: ASGIApp, host: str, port: int, *, proxies: str = "", most_at_once: int = MOST_AT_ONCE
    ) -> None:
        """`proxies`: whose word on a client's address is believed, with commas; nobody's where empty."""
        self._where = host, port
        self._server = _Inside(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,  # addresses hold tokens
                lifespan="off",
                server_header=False,
                proxy_headers=bool(proxies),
                forwarded_allow_ips=proxies or None,
                limit_concurrency=most_at_once,
                timeout_keep_alive=5,
                timeout_graceful_shutdown=GRACE_SECONDS,
                h11_max_incomplete_event_size=16_384,
            )
        )
        self.port: int | None = None

    async def run(self) -> None:
        """Serve until cancelled, then finish what is in hand. Raises OSError where the port is taken."""
        host, port = self._where
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            listener = socket.create_server((host, port), family=family, backlog=128)
        except OSError as error:
            log.critical("the page cannot listen", problem=str(error.strerror).lower(), host=host, port=port)
            raise
        self.port = listener.getsockname()[1]
        serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        try:
            await asyncio.shield(serving)
            raise Ended
        finally:
            self._server.should_exit = True
            await serving
            listener.close()

    def check(self) -> Check:
        """Tell whether the page is there, for /readyz."""
        up = self._server.started and not self._server.should_exit
        return Check("page", up, f"listens on port {self.port}" if up else "does not listen")
