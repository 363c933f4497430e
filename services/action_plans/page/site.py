"""What the page does with a request: who comes by which link, how often, and what they are answered."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Literal

import structlog
from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.action_plans.domain.refusal import NotPossible
from services.action_plans.domain.shared_plan import SharedPlan
from services.action_plans.keeping import Keeper
from services.action_plans.page import acts, rendering
from services.action_plans.page.acts import Act
from services.action_plans.page.asked import Asked
from services.action_plans.page.downloads import DOWNLOADS
from services.action_plans.page.fetching import fetched
from services.action_plans.page.forms import Form, Wrong
from services.action_plans.page.reading import Visit, enter, plan_of
from services.action_plans.page.rendering import Reader
from services.action_plans.page.words import NOTICES, Notice
from services.action_plans.store import links
from shared.database import Transaction
from shared.documents.files import File
from shared.page.answers import plain
from shared.page.door import Door, client_of
from shared.page.links import Shut
from shared.page.rates import Rate

SCHEMA = "action_plans"
ACTS: dict[str, tuple[Act, str]] = {  # by the end of the address; and the name of the act's own text field
    "comment": (acts.comment, "text"),
    "change": (acts.propose_change, "text"),
    "code": (acts.ask_code, ""),
    "sign": (acts.sign, ""),
    "refuse": (acts.refuse, "why"),
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Site:
    """What the page works with. company: what we are called. coding: of an address, codes asked for and typed."""

    door: Door
    keeper: Keeper
    company: str
    coding: Rate = field(default_factory=lambda: Rate(20, 3600))

    async def show(self, request: Request, token: str) -> Response:
        """The plan."""
        if (busy := self.door.too_often(request, token, self.door.rates.reading)) is not None:
            return busy
        async with self.door.transaction() as tx:
            visit = await enter(tx, token)
            page = await self._page(tx, visit, said=request.query_params.get("said"))
            await links.note_visit(tx, visit.link.link_id, "open")
        return HTMLResponse(page)

    async def act(self, request: Request, token: str, what: str) -> Response:
        """A form that was sent."""
        act, field = ACTS[what]
        if (busy := self.door.too_often(request, token, self.door.rates.acting)) is not None:
            return busy
        if what in {"code", "sign", "refuse"} and not self.coding.take(client_of(request)):
            return plain(HTTPStatus.TOO_MANY_REQUESTS)
        form = Form.read(await request.body(), token)
        try:
            async with self.door.transaction() as tx:
                said = await act(Asked(tx, self.keeper, await enter(tx, token, to_act=True), form, self.company))
        except Wrong as wrong:
            where: Literal["comments", "answer"] = "comments" if field == "text" else "answer"
            notice = Notice(good=False, says=wrong.says, status=HTTPStatus.UNPROCESSABLE_ENTITY, where=where)
        except NotPossible as why:
            log.info("an act was not possible", code=why.code)
            notice = NOTICES["over" if why.code == "over" else "no_room"]
        else:
            notice = NOTICES[said]
            if notice.good:
                return RedirectResponse(f"/p/{token}?said={said}#{notice.where}", HTTPStatus.SEE_OTHER)
        async with self.door.transaction() as tx:
            kept = {field: form.raw(field)} if field else {}
            page = await self._page(tx, await enter(tx, token), notice=notice, kept=kept)
        return HTMLResponse(page, notice.status)

    async def download(self, request: Request, token: str, name: str) -> Response:
        """The plan as a document."""
        if (busy := self.door.too_often(request, token, self.door.rates.acting)) is not None:
            return busy
        wanted = next((one for one in DOWNLOADS if one.name == name), None)
        async with self.door.transaction() as tx:
            visit = await enter(tx, token)
            if wanted is None:
                raise Shut
            plan = await plan_of(tx, visit, self.company)
            await links.note_visit(tx, visit.link.link_id, f"download {name}")
        return await self.door.handed_out(File(name, wanted.media_type, lambda: wanted.render(plan)))

    async def document(self, request: Request, token: str, name: str) -> Response:
        """A document that somebody of ours asked for."""
        if (busy := self.door.too_often(request, token, self.door.rates.acting)) is not None:
            return busy
        async with self.door.transaction() as tx:
            asked, file = await fetched(tx, token, name, self.company)
        log.info("a document is handed out", request_id=asked.request_id, document=asked.document, format=asked.format)
        return await self.door.handed_out(file)

    async def _page(
        self,
        tx: Transaction,
        visit: Visit,
        *,
        said: str | None = None,
        notice: Notice | None = None,
        kept: dict[str, str] | None = None,
    ) -> str:
        plan = await plan_of(tx, visit, self.company)
        code = await links.open_code(tx, visit.link.link_id)
        has_code = code is not None and plan.answerable and code.content_hash == plan.content_hash
        if said is not None and _holds(said, plan, has_code=has_code):
            notice = NOTICES[said]
        return rendering.plan_page(plan, Reader(visit.token, visit.contact.name, has_code, kept or {}), notice)


def _holds(said: str, plan: SharedPlan, *, has_code: bool) -> bool:
    """Tell whether what an address says was done is so: it may have been kept, or made up."""
    match said:
        case "comment" | "change":
            return True
        case "code":
            return has_code
        case "signed":
            return plan.has_signed("customer")
        case "refused":
            return plan.refusal is not None
        case _:
            return False
