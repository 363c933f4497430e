"""Keys that programs come with: `Authorization: Bearer`, never together with cookies, at a bounded rate."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import Request

from services.console.page.desk import Desk, Visit
from services.console.store import keys
from services.console.store.keys import Bearer, Scope
from shared.page.door import client_of
from shared.page.links import hash_of, is_token, new_token

PREFIX = "amicable_"  # by which those who look for lost secrets know one
_SCHEME = "bearer "

log = structlog.get_logger(__name__)


class Refused(Exception):
    """A program is not let in, or asks for what cannot be; the text says why, and what to do."""

    def __init__(self, status: HTTPStatus, why: str, **more: Any) -> None:
        """`more`: what else the answer says."""
        super().__init__(why)
        self.status, self.why, self.more = status, why, more


def new_key() -> str:
    """Return a key that nobody can guess."""
    return f"{PREFIX}{new_token()}"


@asynccontextmanager
async def call(desk: Desk, request: Request, scope: Scope) -> AsyncIterator[Visit]:
    """Open the door to the program of a person. Raises Refused, TimeoutError."""
    bearer = await _bearer(desk, request)
    if scope not in bearer.scopes:
        raise Refused(HTTPStatus.FORBIDDEN, f"This key may not {scope}: make one that may.")
    route = request.scope["route"].path  # as it is declared: without the ids of customers
    log.info("key used", key_id=bearer.key_id, person_id=bearer.person.person_id, path=route, kind=request.method)
    async with desk.reading_as(request, bearer.person) as visit:
        yield visit


async def _bearer(desk: Desk, request: Request) -> Bearer:
    if "cookie" in request.headers:
        raise Refused(HTTPStatus.BAD_REQUEST, "A key comes without cookies: leave out the header Cookie.")
    client = client_of(request)
    if desk.guessing.is_spent(client):
        raise Refused(HTTPStatus.TOO_MANY_REQUESTS, "Too many keys were no good: wait ten minutes.")
    key = key_of(request)
    found = await keys.find(desk.pool, hash_of(key)) if key else None
    if found is None:
        desk.guessing.take(client)
        log.warning("key refused", kind=request.method)
        raise Refused(HTTPStatus.UNAUTHORIZED, "This takes a key that is good: make one on the page Keys.")
    if not desk.calling.take(found.key_id):
        raise Refused(HTTPStatus.TOO_MANY_REQUESTS, "This key is used too often: wait a minute.")
    return found


def key_of(request: Request) -> str:
    """Return the key that a request comes with, an empty text where there is none."""
    said = request.headers.get("authorization", "")
    key = said[len(_SCHEME) :].strip() if said[: len(_SCHEME)].lower() == _SCHEME else ""
    return key if key.startswith(PREFIX) and is_token(key.removeprefix(PREFIX)) else ""
