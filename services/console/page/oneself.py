"""Oneself: as the directory has one, how one is told, and keys for programs."""

from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from services.console.page.acting import preferences
from services.console.page.acting.surroundings import about_oneself, sheets_of
from services.console.page.bearing import new_key
from services.console.page.desk import Desk, Missing, Visit
from services.console.page.forms import form_of
from services.console.store import keys, reading
from services.console.store.keys import Scope
from shared.page.links import hash_of

LIVES = (7, 30, 90, 365)  # days; a key that is good for ever is forgotten for ever
USUAL_LIFE = 90
LONGEST_NAME = 100

log = structlog.get_logger(__name__)


def add_routes(app: FastAPI, desk: Desk) -> None:
    """Add the addresses of oneself."""

    @app.get("/me")
    async def myself(request: Request) -> Response:
        async with desk.visit(request) as visit:
            return visit.page("me.html", names=await reading.names(visit.tx))

    @app.get("/me/preferences")
    async def told(request: Request) -> Response:
        async with desk.visit(request) as visit:
            return await _preferences(visit)

    @app.get("/me/keys")
    async def listed(request: Request) -> Response:
        async with desk.visit(request) as visit:
            return await _keys(visit, desk)

    @app.post("/me/keys")
    async def make(request: Request) -> Response:
        form = await form_of(request)
        async with desk.visit(request) as visit:
            return await _make(visit, desk, form)

    @app.post("/me/keys/{key_id}/revoke")
    async def revoke(request: Request, key_id: str) -> Response:
        async with desk.visit(request) as visit:
            if not await keys.revoke(visit.tx, visit.person.person_id, key_id):
                raise Missing
            log.info("key revoked", key_id=key_id, person_id=visit.person.person_id)
        return RedirectResponse("/me/keys", HTTPStatus.SEE_OTHER)


async def _preferences(visit: Visit) -> Response:
    about = await about_oneself(visit)
    chosen = about.chosen
    return visit.page(
        "preferences.html",
        acts=await sheets_of(visit, about),
        chosen=chosen,
        people=about.people,
        urgencies=[
            (label, preferences.channels_of(about, name), preferences.timing_of(about, name))
            for name, label in preferences.URGENCIES.items()
        ],
        CHANNELS=preferences.CHANNELS,
        TIMINGS=preferences.TIMINGS,
        WEEKDAYS=preferences.WEEKDAYS,
        muted=[one for one in chosen.muted if one.until > visit.write.now] if chosen else [],
        absence=chosen.absence if chosen and preferences.is_away(about) else None,
    )


async def _keys(visit: Visit, desk: Desk, *, made: str = "", wrong: str = "", name: str = "") -> Response:
    return visit.page(
        "keys.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.CREATED if made else HTTPStatus.OK,
        keys=await keys.of_person(visit.tx, visit.person.person_id),
        made=made,
        wrong=wrong,
        name=name,
        origin=(desk.settings.page_origin or str(visit.request.base_url)).rstrip("/"),
        LIVES=LIVES,
        USUAL_LIFE=USUAL_LIFE,
    )


async def _make(visit: Visit, desk: Desk, form: dict[str, str]) -> Response:
    """Make a key, and show it this once."""
    name, days = " ".join(form.get("name", "").split()), form.get("days", "")
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        return await _keys(visit, desk, wrong="Please say what the key is for, in a few words.")
    if days not in {str(one) for one in LIVES}:
        return await _keys(visit, desk, wrong="Please choose for how long it is good.", name=name)
    scopes: list[Scope] = ["read", "act"] if form.get("act") else ["read"]
    key = new_key()
    me = visit.person.person_id
    key_id = await keys.make(visit.tx, me, key_hash=hash_of(key), name=name, scopes=scopes, days=int(days))
    if key_id is None:
        wrong = f"You have {keys.MOST} good keys already: revoke one that is not needed any more."
        return await _keys(visit, desk, wrong=wrong, name=name)
    log.info("key made", key_id=key_id, person_id=me, scopes=scopes, days=int(days))
    return await _keys(visit, desk, made=key)
