"""What an open page is told, as server-sent events: after a pause it goes on where the browser says it was."""

import asyncio
import json
from collections.abc import AsyncIterator
from http import HTTPStatus
from time import monotonic

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response, StreamingResponse

from services.console.page.desk import Desk, LogIn
from services.console.page.post import Full, Reader
from services.console.store import live, sessions
from services.console.store.live import Position
from services.console.store.reading import as_reader
from shared import database
from shared.page.links import hash_of

BEAT_SECONDS = 15.0  # so often a quiet page is told that we are still here
LIFE_SECONDS = 600.0  # then the browser comes again, and is looked at anew
RETRY_MS = 1000
MOST_SUBJECT = 300

log = structlog.get_logger(__name__)


def add_routes(app: FastAPI, desk: Desk) -> None:
    """Add the address that open pages listen to."""

    @app.get("/live")
    async def listen(request: Request) -> Response:
        try:
            person = await desk.person(request)
        except LogIn:
            return Response(status_code=HTTPStatus.UNAUTHORIZED)
        if request.query_params.get("reader", person.person_id) != person.person_id:
            return Response(status_code=HTTPStatus.UNAUTHORIZED)
        asked = request.headers.get("last-event-id") or request.query_params.get("since", "")
        on = request.query_params.get("on", "")[:MOST_SUBJECT]
        after = live.position_of(asked[:50]) or await live.newest(desk.pool)
        session = hash_of(request.cookies.get(desk.cookie, ""))
        told = _told(desk, person.person_id, session, on, after)
        try:
            first = await anext(told)
        except Full:
            return PlainTextResponse("There are too many open pages.", HTTPStatus.TOO_MANY_REQUESTS)
        return StreamingResponse(
            _with(first, told), media_type="text/event-stream", headers={"x-accel-buffering": "no"}
        )

    @app.head("/live")
    async def may_listen(request: Request) -> Response:
        await desk.person(request)
        return Response(status_code=HTTPStatus.NO_CONTENT)


async def _with(first: str, rest: AsyncIterator[str]) -> AsyncIterator[str]:
    yield first
    async for one in rest:
        yield one


async def _told(desk: Desk, person_id: str, session: str, on: str, after: Position) -> AsyncIterator[str]:
    """Tell one page until its time is over, its session has ended, or we stop."""
    until = monotonic() + LIFE_SECONDS
    async with desk.post.reader(person_id, [on] if on else []) as reader:
        yield f"retry: {RETRY_MS}\nid: {after}\n\n"
        reader.woken.set()
        while monotonic() < until and not desk.post.over:
            woken = await _woken(reader)
            try:
                if await sessions.find(desk.pool, session) is None:
                    return
                news = await _news(desk, person_id, on, after) if woken else []
            except database.UNREACHABLE as error:
                if not database.is_transient(error):
                    raise
                log.warning("an open page is let go", exc_info=error)
                return
            for one in news:
                after = one.position
                yield f"id: {after}\nevent: {one.kind}\ndata: {json.dumps(one.subject)}\n\n"
            if len(news) == live.AT_ONCE:
                reader.woken.set()
            if not news:
                yield ": still here\n\n"


async def _woken(reader: Reader) -> bool:
    try:
        async with asyncio.timeout(BEAT_SECONDS):
            await reader.woken.wait()
    except TimeoutError:
        return False
    reader.woken.clear()
    return True


async def _news(desk: Desk, person_id: str, on: str, after: Position) -> list[live.News]:
    async with as_reader(desk.pool, desk.clock(), person_id) as tx:
        return await live.since(tx, after, [on])
