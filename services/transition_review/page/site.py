"""What the page does with a request: it shows the plan, and hands out documents."""

from dataclasses import dataclass

import structlog
from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from services.transition_review.documents.gathering import Company
from services.transition_review.page.downloads import DOWNLOADS
from services.transition_review.page.fetching import fetched
from services.transition_review.page.reading import enter, plan_of
from services.transition_review.page.rendering import ending_page
from services.transition_review.store import links
from shared.documents.files import File
from shared.page.door import Door
from shared.page.links import Shut

SCHEMA = "transition_review"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Site:
    """What the page works with."""

    door: Door
    company: Company

    async def show(self, request: Request, token: str) -> Response:
        """The plan."""
        if (busy := self.door.too_often(request, token, self.door.rates.reading)) is not None:
            return busy
        async with self.door.transaction() as tx:
            visit = await enter(tx, token)
            plan = await plan_of(tx, visit, self.company)
            await links.note_visit(tx, visit.link.link_id, "open")
        return HTMLResponse(ending_page(plan, token, visit.contact.name))

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
