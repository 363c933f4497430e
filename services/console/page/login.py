"""Logging in and out: by an identity provider, or on a machine of one's own by choosing who one is."""

import re
from hmac import compare_digest
from http import HTTPStatus
from urllib.parse import urlsplit

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.oidc import NotProved
from services.console.page import rendering
from services.console.page.desk import Desk, Missing, TooOften
from services.console.page.forms import form_of
from services.console.store import logins, sessions
from services.console.store.logins import Login
from shared.page.door import client_of
from shared.page.links import hash_of, is_token, new_token

log = structlog.get_logger(__name__)
_CALLED = {"email": "mail address", "sub": "id", "preferred_username": "id"}
_ERROR = re.compile(r"[a-z_]{1,40}")
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

    @app.get("/login/oidc")
    async def begin(request: Request) -> Response:
        return await _begin(request, desk)

    @app.get("/login/callback")
    async def come_back(request: Request) -> Response:
        return await _come_back(request, desk)

    @app.post("/logout")
    async def leave(request: Request) -> Response:
        token = request.cookies.get(desk.cookie, "")
        if is_token(token):
            await sessions.end(desk.pool, hash_of(token))
        answer = RedirectResponse("/login?anew=yes" if desk.provider else "/login", HTTPStatus.SEE_OTHER)
        answer.delete_cookie(desk.cookie, secure=desk.settings.page_secure, httponly=True, samesite="lax")
        return answer


async def _begin(request: Request, desk: Desk) -> Response:
    """Lead to the provider; the browser keeps what binds the answer to it.

    Whoever has logged out, or was not let in, is asked anew who they are: the provider still knows them, or another.
    """
    if desk.provider is None:
        raise Missing
    if not desk.entering.take(client_of(request)):
        raise TooOften
    state, login = new_token(), Login(new_token(), new_token(), request.query_params.get("to", "")[:500])
    anew = bool(request.query_params.get("anew"))
    try:
        to = await desk.provider.way_in(state=state, nonce=login.nonce, verifier=login.verifier, anew=anew)
    except NotProved as why:
        return await _not_proved(request, desk, str(why))
    await logins.begin(desk.pool, hash_of(state), login)
    answer = RedirectResponse(to, HTTPStatus.SEE_OTHER)
    secure = desk.settings.page_secure
    answer.set_cookie(_state_cookie(desk), state, max_age=600, secure=secure, httponly=True, samesite="lax")
    return answer


async def _come_back(request: Request, desk: Desk) -> Response:
    """Let in whoever the provider says it is, if it is the browser that was led there."""
    if desk.provider is None:
        raise Missing
    if not desk.entering.take(client_of(request)):
        raise TooOften
    state, code = (request.query_params.get(name, "")[:2000] for name in ("state", "code"))
    known = request.cookies.get(_state_cookie(desk), "")
    login = await logins.take(desk.pool, hash_of(state)) if state and compare_digest(state, known) else None
    if login is None:
        return await _not_proved(request, desk, "this login was not begun here, or too long ago")
    if not code:
        return await _not_proved(request, desk, _error_of(request))
    claim = desk.settings.oidc_claim
    try:
        claims = await desk.provider.claims(code, nonce=login.nonce, verifier=login.verifier, wanted=claim)
    except NotProved as why:
        return await _not_proved(request, desk, str(why))
    said = claims.get(claim)
    if not isinstance(said, str) or (claim == "email" and claims.get("email_verified") is not True):
        return await _not_proved(request, desk, f"the provider says no {claim}, or has not verified it")
    person = await logins.person_by(desk.pool, claim, said)
    if person is None:
        return await _not_proved(
            request, desk, f"nobody active here has the {_CALLED[claim]} that the provider says", said
        )
    answer = await enter(request, desk, person, login.wanted)
    answer.delete_cookie(_state_cookie(desk), secure=desk.settings.page_secure, httponly=True, samesite="lax")
    return answer


def _error_of(request: Request) -> str:
    """Return what the provider answered instead of a code, as OAuth names it."""
    error = request.query_params.get("error", "")
    return f"the provider answered {error if _ERROR.fullmatch(error) else 'without a code'}"


def _state_cookie(desk: Desk) -> str:
    return f"{desk.cookie}-login"


async def _not_proved(request: Request, desk: Desk, why: str, who: str = "") -> Response:
    """Say why to the person, and who the provider says that they are; who is not logged."""
    log.warning("a login was not proved", problem=why)
    known_as = f": {who[:200]}" if who else ""
    says = f"You could not be logged in: {why}{known_as}. Please try again, or ask an administrator."
    return await _form(request, desk, says=says, status=HTTPStatus.FORBIDDEN)


async def enter(request: Request, desk: Desk, person_id: str, to: str) -> Response:
    """Begin a session of a person, and lead them to the page that they wanted; a new token every time."""
    token = new_token()
    if not await sessions.begin(desk.pool, hash_of(token), person_id[:200], desk.settings.session_hours):
        return await _form(
            request, desk, says="There is no such person, or they are not active.", status=HTTPStatus.FORBIDDEN
        )
    log.info("logged in", person_id=person_id)
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
    parts = urlsplit(to)
    ours = to.startswith("/") and not to.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return to if ours and to.isascii() and to.isprintable() and not to.startswith("/login") else "/"


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
            provider=desk.provider is not None,
            says=says,
            anew=bool(says or request.query_params.get("anew")),
            to=request.query_params.get("to", "")[:500],
            company=desk.settings.company,
        ),
        status,
    )
