"""What programs read, and do, in a person's name: JSON and CSV, under the same need to know as the pages."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import structlog
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from services.console.page.acting.asking import Filled, ask, is_uuid, which
from services.console.page.acting.field import Typed
from services.console.page.acting.form import Problems
from services.console.page.bearing import Refused, call
from services.console.page.desk import Desk, Missing, Visit
from services.console.page.exports import portfolio_csv, record_csv
from services.console.page.paging import page_number
from services.console.page.today import csms_of
from services.console.page.wanted import wanted_of
from services.console.store import acts, announced, customers, portfolio, records, today
from shared import database

PLACE = "/api/v1"
PAGE = 100
MOST_FIELDS = 500

log = structlog.get_logger(__name__)


def create_api(desk: Desk) -> FastAPI:
    """Return the application that programs ask."""
    api = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @api.get("/today")
    async def asked(request: Request) -> Response:
        async with call(desk, request, "read") as visit:
            return await _today(visit)

    @api.get("/portfolio")
    async def listed(request: Request) -> Response:
        async with call(desk, request, "read") as visit:
            return await _portfolio(visit)

    @api.get("/portfolio.csv")
    async def table(request: Request) -> Response:
        async with call(desk, request, "read") as visit:
            return await portfolio_csv(visit)

    @api.get("/customers/{customer_id}")
    async def customer(request: Request, customer_id: str) -> Response:
        async with call(desk, request, "read") as visit:
            return await _customer(visit, customer_id)

    @api.get("/customers/{customer_id}/record.csv")
    async def record(request: Request, customer_id: str) -> Response:
        async with call(desk, request, "read") as visit:
            return await record_csv(visit, customer_id)

    @api.post("/{kind}/{id_}/forms/{name}")
    async def act(request: Request, kind: str, id_: str, name: str) -> Response:
        typed = await _typed(request)
        async with call(desk, request, "act") as visit:
            return await _act(desk, visit, (kind, id_, name), typed)

    @api.get("/commands/{command_id}")
    async def answer(request: Request, command_id: str) -> Response:
        async with call(desk, request, "read") as visit:
            return await _answer(visit, command_id)

    _add_troubles(api)
    return api


def _said(visit: Visit, status: HTTPStatus = HTTPStatus.OK, **what: Any) -> Response:
    """Return an answer. Amounts and points are texts, as in the contracts: a float is not exact."""
    fresh = visit.freshness
    whole = {"behind": fresh.behind, "as_of": fresh.as_of, **what}
    return JSONResponse(jsonable_encoder(whole, custom_encoder={Decimal: str}), status)


async def _today(visit: Visit) -> Response:
    tx, page, further = visit.tx, page_number(visit.request), page_number(visit.request, "decisions")
    asked = await today.customers_who_need(tx, csms_of(visit), limit=PAGE, offset=(page - 1) * PAGE)
    waits = await today.decisions_for(tx, visit.person, limit=PAGE, offset=(further - 1) * PAGE)
    return _said(
        visit,
        customers=asked.found,
        page=page,
        page_size=PAGE,
        total=asked.total,
        late=asked.late,
        decisions=waits.found,
        decisions_page=further,
        decisions_total=waits.total,
    )


async def _portfolio(visit: Visit) -> Response:
    wanted = wanted_of(visit.request.query_params)
    page = page_number(visit.request)
    part = await portfolio.some(visit.tx, wanted, limit=PAGE, offset=(page - 1) * PAGE)
    return _said(visit, customers=part.found, page=page, page_size=PAGE, total=part.total)


async def _customer(visit: Visit, customer_id: str) -> Response:
    tx = visit.tx
    found = await customers.find(tx, customer_id)
    if found is None:
        raise Missing
    return _said(
        visit,
        customer=found,
        score=await customers.score(tx, customer_id),
        override=await customers.word(tx, customer_id),
        risk=await customers.risk(tx, customer_id),
        cases=[
            {"case_id": one.case.case_id, "state": one.case.state, "revision": one.case.revision}
            for one in await records.cases_of(tx, customer_id)
        ],
        transitions=[
            {"transition_id": one.transition.transition_id, "state": one.transition.state}
            for one in await records.transitions_of(tx, customer_id)
        ],
        announced=await announced.of_customer(tx, customer_id),
    )


async def _typed(request: Request) -> Typed:
    """Return what a program has filled in: an object of texts, or lists of texts. Raises Refused."""
    try:
        said = json.loads(await request.body() or b"{}")
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or len(said) > MOST_FIELDS or not all(_is_field(value) for value in said.values()):
        raise Refused(
            HTTPStatus.BAD_REQUEST, "The body is a JSON object: each field of the form with a text, or a list of texts."
        )
    return {name: [value] if isinstance(value, str) else value for name, value in said.items()}


def _is_field(value: object) -> bool:
    texts: Sequence[object] = value if isinstance(value, list) else [value]
    return all(isinstance(text, str) for text in texts)


async def _act(desk: Desk, visit: Visit, place: tuple[str, str, str], typed: Typed) -> Response:
    """Ask for what a form asks for; the id of the command is the program's to choose, so that it asks once."""
    about, form, item = await which(visit, *place)
    command_id = (typed.get("command_id") or (str(uuid4()),))[-1]
    if not is_uuid(command_id):
        raise Refused(HTTPStatus.BAD_REQUEST, "command_id is a UUID, new for each command, or left out.")
    try:
        await ask(desk, visit, Filled(about, form, item, typed, command_id), keep=False)
    except Problems as why:
        raise Refused(
            HTTPStatus.UNPROCESSABLE_ENTITY, "Something in it cannot be taken.", fields=dict(why.by_field)
        ) from None
    return _said(visit, HTTPStatus.ACCEPTED, command_id=command_id, state="saving")


async def _answer(visit: Visit, command_id: str) -> Response:
    found = await acts.find(visit.tx, command_id)
    if found is None:
        raise Missing
    return _said(visit, command_id=command_id, state=found.state, problem=found.problem)


def _add_troubles(api: FastAPI) -> None:
    @api.exception_handler(Refused)
    async def refused(_: Request, why: Refused) -> Response:
        proof = {"www-authenticate": "Bearer"} if why.status is HTTPStatus.UNAUTHORIZED else {}
        return _problem(why.status, why.why, proof, **why.more)

    @api.exception_handler(Missing)
    async def missing(_: Request, __: Exception) -> Response:
        return _problem(HTTPStatus.NOT_FOUND, "There is nothing of that address, or it is not for you to see.")

    @api.exception_handler(HTTPException)
    async def wrong(_: Request, error: HTTPException) -> Response:
        return _problem(HTTPStatus(error.status_code), "There is nothing of that address, or not in that way.")

    async def failed(_: Request, error: Exception) -> Response:
        log.error("a call failed", exc_info=error)
        busy = database.is_transient(error)
        status = HTTPStatus.SERVICE_UNAVAILABLE if busy else HTTPStatus.INTERNAL_SERVER_ERROR
        return _problem(status, "It could not be done now: try again in a minute.")

    for kind in (*database.UNREACHABLE, Exception):
        api.add_exception_handler(kind, failed)


def _problem(status: HTTPStatus, title: str, headers: Mapping[str, str] | None = None, **more: Any) -> Response:
    """Return a problem in the manner of RFC 9457."""
    said = {"status": int(status), "title": title, **more}
    return JSONResponse(said, status, headers=dict(headers or {}), media_type="application/problem+json")
