"""The console at work on a real database: what it is told, and its pages as somebody's browser gets them."""

import base64
import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import count
from typing import Any

import httpx
from pydantic import SecretStr

from services.console import handlers
from services.console.config import Settings
from services.console.page.application import create_pages
from services.console.page.post import Post
from services.console.store.projected import KEPT, TABLES
from shared.contracts.event import Message
from shared.contracts.reading import read
from shared.contracts.topics import TOPICS, Topic
from shared.database import Pool, Row
from shared.firehose import Firehose
from tests.contracts.examples import BY_TYPE, FULL, MINIMAL, Example
from tests.records import record
from tests.stories import customer, person

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
SEED = base64.b64encode(b"the console signs with this one!").decode()
ORIGIN = "http://127.0.0.1"
FROM_HERE = {"sec-fetch-site": "same-origin"}
PROJECTED = (*TABLES, *KEPT)
_MINIMAL = {example.kind.__name__: example for example in MINIMAL}
_seq = count(1)


def told(kind: str, customer_id: str, *, minimal: bool = False, **changes: Any) -> tuple[Topic, bytes]:
    """Return a golden example about a customer, with what is changed; numbered anew, with an id of its own."""
    example = (_MINIMAL if minimal else BY_TYPE)[kind]
    number = next(_seq)
    body = {**example.content, "customer_id": customer_id, "event_id": f"told-{number}", **changes}
    if "seq" in body:
        body["seq"] = number
    return example.topic, json.dumps(body).encode()


def case(kind: str, customer_id: str, case_id: str, **changes: Any) -> tuple[Topic, bytes]:
    """Return a fact about a case; changes are those of the case."""
    told_of = BY_TYPE["CaseUpdated"].content["case"]
    whole = {**told_of, "announced_at": None, "case_id": case_id, **changes}
    return told(kind, customer_id, case=whole)


def transition(kind: str, customer_id: str, transition_id: str, **changes: Any) -> tuple[Topic, bytes]:
    """Return a fact about a transition; changes are those of the transition."""
    told_of = BY_TYPE["TransitionAnnounced"].content["transition"]
    whole = {**told_of, "involved": None, "transition_id": transition_id, **changes}
    return told(kind, customer_id, transition_id=transition_id, transition=whole)


def upstream(body: Mapping[str, Any]) -> tuple[Topic, bytes]:
    """Return a person or a customer as told."""
    name = "people.v1" if body["type"] == "PersonChanged" else "customers.v1"
    return TOPICS[name], json.dumps({**body, "occurred_at": (NOW - timedelta(days=1)).isoformat()}).encode()


def one(person_id: str, *roles: str, **more: Any) -> tuple[Topic, bytes]:
    """Return a person with roles, as told."""
    return upstream(person(person_id, roles=list(roles), **more))


def of(customer_id: str, csm: str, **more: Any) -> tuple[Topic, bytes]:
    """Return a customer of a CSM, as told."""
    return upstream(customer(customer_id, csm, **more))


def examples() -> list[tuple[Topic, bytes]]:
    """Return every golden example that the read model is made of, each with an id, and its revision, of its own."""
    made_of = set(handlers.CONSUMES) - set(handlers.ANSWERS)
    return [_apart(each) for each in (*FULL, *MINIMAL) if each.topic in made_of]


def _apart(example: Example) -> tuple[Topic, bytes]:
    number = next(_seq)
    body = {**example.content, "event_id": f"example-{number}"}
    if "customer_id" in body:
        body["customer_id"] = "northwind-foods"  # the ids of cases and transitions are the same in many of them
    for holder in (body, body.get("case"), body.get("transition")):
        if isinstance(holder, dict):
            holder |= {name: number for name in ("seq", "revision") if name in holder}
    return example.topic, json.dumps(body).encode()


class Workshop:
    """The console. Nothing happens unless a test does it."""

    def __init__(self, pool: Pool, now: datetime = NOW, **settings: Any) -> None:
        """`settings`: of the service, where they are not the usual ones."""
        self.pool = pool
        self.now = now
        self._lane = Firehose("console", pool, lambda: self.now, handlers.project)
        chosen: dict[str, Any] = {"demo_login": "loopback", "page_port": 0, "http_port": 0, "kafka": "unused:1"}
        chosen |= {"actor_seed": SecretStr(SEED), "plan_url": "http://127.0.0.1:1", "ending_url": "http://127.0.0.1:2"}
        url = SecretStr("postgresql://unused@unused/unused")
        self.post = Post(pool)
        own = Settings(database_url=url, **{**chosen, **settings})
        self.app = create_pages(pool, lambda: self.now, own, self.post)

    async def tell(self, *messages: tuple[Topic, bytes]) -> None:
        """Project messages, in one batch."""
        await self._lane.take([record(topic, body) for topic, body in messages])
        assert [dict(row) for row in await self.pool.fetch("SELECT topic, reason FROM dead_letters")] == []

    async def rows(self, table: str) -> list[Row]:
        """Return all rows of a table, whoever may see them."""
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT set_config('console.projects', 'on', true)")
            return list(await connection.fetch(f"SELECT * FROM {table} AS one ORDER BY one::text"))

    async def all_rows(self) -> dict[str, list[Row]]:
        """Return the whole read model."""
        return {table: await self.rows(table) for table in PROJECTED}

    async def forget(self) -> None:
        """Empty the read model and the inbox, as somebody does who makes it anew."""
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT set_config('console.projects', 'on', true)")
            for table in (*PROJECTED, "inbox"):
                await connection.execute(f"DELETE FROM {table}")

    def browser(self, address: str = "127.0.0.1") -> "Browser":
        """Return a browser in which nobody is logged in."""
        return Browser(self, address)

    async def browser_of(self, person_id: str) -> "Browser":
        """Return a browser in which somebody is logged in."""
        browser = self.browser()
        answer = await browser.post("/login/demo", person=person_id)
        assert answer.headers["location"] == "/", answer.text
        return browser

    def later(self, **time: float) -> None:
        """Move the clock."""
        self.now += timedelta(**time)


class Browser:
    """What a person sees, without drawing it: pages and forms, and cookies kept."""

    def __init__(self, workshop: Workshop, address: str) -> None:
        transport = httpx.ASGITransport(app=workshop.app, client=(address, 4711))
        self.http = httpx.AsyncClient(transport=transport, base_url=ORIGIN)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask for a page."""
        return await self.http.get(path, headers=headers)

    async def post(self, path: str, **fields: str) -> httpx.Response:
        """Send a form as a browser does."""
        return await self.http.post(path, data=fields, headers=FROM_HERE)

    async def read(self, path: str) -> str:
        """Return a page's words."""
        answer = await self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return words(answer.text)


def words(html: str) -> str:
    """Return a page as people read it."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html)))


def messages(told: Iterable[tuple[Topic, bytes]]) -> list[Message]:
    """Return what was told as messages."""
    found = [read(topic, body) for topic, body in told]
    assert all(isinstance(message, Message) for message in found)
    return [message for message in found if isinstance(message, Message)]
