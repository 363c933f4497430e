"""Somebody of ours who asks for a document and fetches it, for tests of both services that make some."""

import json
import secrets
from typing import Any

import httpx
from starlette.types import ASGIApp

from shared.page.links import hash_of
from tests.services.lane_bench import LaneBench


class Fetcher:
    """A person with a browser; `token` is of what they asked for last."""

    def __init__(self, bench: LaneBench, kind: str, site: ASGIApp, who: str = "ana") -> None:
        """`kind`: the command by which a document is asked for; `site`: the page of the service that makes it."""
        self.bench = bench
        self.who = who
        self._kind = kind
        transport = httpx.ASGITransport(app=site, client=("192.0.2.1", 4711))
        self.http = httpx.AsyncClient(transport=transport, base_url="http://page.test")
        self.token = ""

    async def ask(self, document: str, format_: str, **more: Any) -> dict[str, Any]:
        """Ask for a document; returns the answer."""
        self.token = secrets.token_urlsafe(32)
        said = {"document": document, "format": format_, "token_hash": hash_of(self.token), **more}
        return await self.bench.ask(self._kind, self.who, **said)

    async def fetch(self, name: str, token: str | None = None) -> httpx.Response:
        """Fetch a document with the token."""
        return await self.http.get(f"/documents/{token or self.token}/{name}")

    async def get(self, document: str, format_: str) -> httpx.Response:
        """Ask for a document, and fetch it."""
        answer = await self.ask(document, format_)
        assert answer["type"] == "CommandAccepted", answer
        return await self.fetch(f"{document}.{format_}")


def code_of(answer: dict[str, Any]) -> str:
    """Return in a word what became of a command."""
    return "" if answer["type"] == "CommandAccepted" else str(answer["problem"]["code"])


async def all_that_is_kept(bench: LaneBench) -> str:
    """Return every row of every table, as one text."""
    names = await bench.pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    rows = [await bench.pool.fetch(f"SELECT to_jsonb(t)::text AS row FROM {name['tablename']} AS t") for name in names]
    bodies = [row["body"] for row in await bench.pool.fetch("SELECT body FROM outbox")]
    return json.dumps([row["row"] for some in rows for row in some]) + b"".join(bodies).decode()
