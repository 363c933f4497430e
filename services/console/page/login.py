"""Logging in and out: on a machine of one's own by choosing who one is."""

from http import HTTPStatus
from urllib.parse import unquote_plus, urlsplit

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.page import rendering
from services.console.page.desk import Desk, TooOften
from services.console.page.forms import form_of
from services.console.store import sessions
from shared.page.door import client_of
from shared.page.links import hash_of, is_token, new_token

log = structlog.get_logger(__name__)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


def add_routes(app: FastAPI, desk: Desk) -> None:
    """Add the addresses of logging in and out."""

    @app.get("/login")
    async def show(request: Request) -> Response:
        return await _form(request, desk)

    @app.post("/login/demo")
    async def choose(request: Request) -> Response:
        if not _may_choose(request, desk):
            return await _form(request, desk, says="Nobody can be chosen here.", status=HTTPStatus.FORBIDDEN)
        if not desk.entering.take(client_of(request)):
            raise TooOften
        form = await form_of(request)
        return await enter(request, desk, form.get("person", ""), form.get("to", ""))

    @app.post("/logout")
    async def leave(request: Request) -> Response:
        token = request.cookies.get(desk.cookie, "")
        if is_token(token):
            await sessions.end(desk.pool, hash_of(token))
        answer = RedirectResponse("/login", HTTPStatus.SEE_OTHER)
        answer.delete_cookie(desk.cookie, secure=desk.settings.page_secure, httponly=True, samesite="lax")
        return answer


async def enter(request: Request, desk: Desk, person_id: str, to: str) -> Response:
    """Begin a session of a person, and lead them to the page that they wanted; a new token every time."""
    token = new_token()
    if not await sessions.begin(desk.pool, hash_of(token), person_id[:200], desk.settings.session_hours):
        return await _form(
            request, desk, says="There is no such person, or they are not active.", status=HTTPStatus.FORBIDDEN
        )
    log.info("logged in", person=person_id)
    answer = RedirectResponse(page_of(to), HTTPStatus.SEE_OTHER)
    answer.set_cookie(
        desk.cookie,
        token,
        max_age=desk.settings.session_hours * 3600,
        secure=desk.settings.page_secure,
        httponly=True,
        samesite="lax",
    )
    return answer


def page_of(to: str) -> str:
    """Return a path of ours to go on with; never another site's."""
    path = unquote_plus(to)
    parts = urlsplit(path)
    ours = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return path if ours and path.isprintable() and not path.startswith("/login") else "/"


def _may_choose(request: Request, desk: Desk) -> bool:
    """Tell whether people are chosen here: by setting, and under a name of this machine (DNS may lead others here)."""
    host = request.headers.get("host", "").rsplit(":", 1)[0]
    return desk.settings.demo_login != "off" and host in _LOOPBACK


async def _form(request: Request, desk: Desk, *, says: str = "", status: int = HTTPStatus.OK) -> Response:
    demo = _may_choose(request, desk)
    people = await sessions.active_people(desk.pool) if demo else []
    return HTMLResponse(
        rendering.page(
            "login.html",
            people=people,
            demo=demo,
            says=says,
            to=request.query_params.get("to", "")[:500],
            company=desk.settings.company,
        ),
        status,
    )
