"""The addresses of forms: each to be shown, to be asked for, and what is typed to be kept."""

from http import HTTPStatus
from urllib.parse import parse_qs

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from services.console.page.acting import sheet as sheets
from services.console.page.acting.asking import Filled, ask, command_id_of, fields, is_uuid, which
from services.console.page.acting.field import Typed
from services.console.page.acting.form import About, Form, Problems
from services.console.page.desk import PART, Desk, Missing, Visit
from services.console.page.forms import MOST_FIELDS
from services.console.store import acts


def add_routes(app: FastAPI, desk: Desk) -> None:
    """Add the addresses of forms."""

    @app.get("/{kind}/{id_}/forms/{name}")
    async def show(request: Request, kind: str, id_: str, name: str) -> Response:
        async with desk.visit(request) as visit:
            about, form, item = await which(visit, kind, id_, name)
            return _answer(visit, about, await sheets.sheet(visit.tx, about, form, item))

    @app.post("/{kind}/{id_}/forms/{name}")
    async def asked(request: Request, kind: str, id_: str, name: str) -> Response:
        typed = await _typed(request)
        async with desk.visit(request) as visit:
            about, form, item = await which(visit, kind, id_, name)
            return await _ask(desk, visit, about, form, item, typed)

    @app.post("/{kind}/{id_}/forms/{name}/draft")
    async def keep(request: Request, kind: str, id_: str, name: str) -> Response:
        typed = await _typed(request)
        async with desk.visit(request) as visit:
            about, form, item = await which(visit, kind, id_, name)
            me, key = visit.person.person_id, form.key(about, item)
            if "forget" in typed:
                await acts.drop_draft(visit.tx, me, key)
                return _answer(visit, about, await sheets.sheet(visit.tx, about, form, item))
            await acts.keep_draft(visit.tx, me, key, fields(typed), while_typing=command_id_of(typed))
            return Response(status_code=HTTPStatus.NO_CONTENT)


async def _typed(request: Request) -> Typed:
    try:
        text = (await request.body()).decode()
        return parse_qs(text, keep_blank_values=True, max_num_fields=5 * MOST_FIELDS)
    except ValueError:
        return {}


async def _ask(desk: Desk, visit: Visit, about: About, form: Form, item: str, typed: Typed) -> Response:
    """Keep what was typed; then ask for it, or say what is wrong with it."""
    me, key, command_id = visit.person.person_id, form.key(about, item), command_id_of(typed)
    if desk.signer is None or not is_uuid(command_id):
        raise Missing
    try:
        await ask(desk, visit, Filled(about, form, item, typed, command_id), keep=True)
    except Problems as why:
        await acts.keep_draft(visit.tx, me, key, fields(typed))
        draft = (await acts.drafts(visit.tx, me, key)).get(key)
        found = sheets.lay(form, about, item, draft, None, why.by_field)
        return _answer(visit, about, found, HTTPStatus.UNPROCESSABLE_ENTITY)
    found = await sheets.sheet(visit.tx, about, form, item)
    if PART in visit.request.headers:
        return _answer(visit, about, found)
    return RedirectResponse(f"/{about.page}#{found.id}", HTTPStatus.SEE_OTHER)


def _answer(visit: Visit, about: About, found: sheets.Sheet, status: int = HTTPStatus.OK) -> Response:
    template = "form_part.html" if PART in visit.request.headers else "form_page.html"
    return visit.page(template, HTTPStatus(status), sheet=found, about=about)
