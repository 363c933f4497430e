"""A contact of acme at the page, for tests: comes by a link, reads, fills in forms as a browser does."""

import hashlib
import json
import re
import secrets
from html import unescape
from typing import Any

import httpx
from starlette.types import ASGIApp

from services.action_plans.page.application import create_site
from tests.services.action_plans.workshop import Bench

COMPANY = "Northwind"
ORIGIN = "http://page.test"


class Guest:
    """One contact with a link of their own; `text` is the last page as its source."""

    def __init__(self, bench: Bench, site: ASGIApp, token: str, link_id: str, *, address: str = "192.0.2.1") -> None:
        """`address`: where they come from."""
        self.bench = bench
        self.token = token
        self.link_id = link_id
        transport = httpx.ASGITransport(app=site, client=(address, 4711))
        self.http = httpx.AsyncClient(transport=transport, base_url=ORIGIN)
        self.text = ""

    async def look(self, query: str = "") -> httpx.Response:
        """Open the page."""
        return self._seen(await self.http.get(f"/p/{self.token}{query}"))

    async def send(self, what: str, **fields: str) -> httpx.Response:
        """Send a form of the page last seen, and follow to where it leads."""
        answer = await self.http.post(f"/p/{self.token}/{what}", data={**self.hidden(), **fields}, headers=FROM_HERE)
        if answer.status_code == httpx.codes.SEE_OTHER:
            answer = await self.http.get(answer.headers["location"])
        return self._seen(answer)

    def hidden(self) -> dict[str, str]:
        """Return the fields that the page's forms carry by themselves."""
        return dict(re.findall(r'<input type="hidden" name="(\w+)" value="(\w*)">', self.text))

    @property
    def words(self) -> str:
        """The page as people read it."""
        text = re.sub(r"<(style|title)\b.*?</\1>|<[^>]*>", " ", self.text, flags=re.DOTALL)
        return re.sub(r"\s+", " ", unescape(text))

    async def code(self) -> str:
        """Return the code that was released last, to this contact."""
        rows = await self.bench.pool.fetch("SELECT body FROM outbox WHERE topic = 'releases.v1' ORDER BY id")
        return field_of(json.loads(rows[-1]["body"]), "code")

    def _seen(self, answer: httpx.Response) -> httpx.Response:
        self.text = answer.text
        return answer


def field_of(message: Any, name: str) -> str:
    """Return a field of a released message."""
    (text,) = [one["text"] for one in message["fields"] if one["name"] == name]
    return str(text)


FROM_HERE = {"sec-fetch-site": "same-origin", "origin": "null"}


def site(bench: Bench, *, secure: bool = False) -> ASGIApp:
    """Return the page on the bench's database and clock."""
    return create_site(bench.pool, lambda: bench.now, bench.keeper, company=COMPANY, secure=secure)


async def invited(bench: Bench, *, contact: str = "carla", app: ASGIApp | None = None, **more: Any) -> Guest:
    """Give a contact a link, as a CSM does."""
    token, link_id = secrets.token_urlsafe(32), f"link-{secrets.token_hex(4)}"
    hashed = hashlib.sha256(token.encode()).hexdigest()
    await bench.done("CreateShareLink", link_id=link_id, contact_id=contact, token_hash=hashed, **more)
    return Guest(bench, app or site(bench), token, link_id)
