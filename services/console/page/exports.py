"""Tables as files. A cell that a spreadsheet would compute begins with an apostrophe."""

import csv
import io
from collections.abc import AsyncIterator, Iterable

from fastapi.responses import Response

from services.console.page.desk import Missing, Visit
from services.console.page.people import People
from services.console.page.wanted import wanted_of
from services.console.page.words import SPHERE, STEP, happened
from services.console.store import customers, portfolio, reading
from services.console.store.portfolio import Line
from shared.cells import harmless

COLUMNS = (
    "customer_id", "name", "segment", "csm", "csm_name", "score", "band", "confidence", "trend_30", "amount",
    "currency", "period", "renews_on", "step",
)  # fmt: skip
RECORD_COLUMNS = ("at", "of", "what", "by", "detail")
MARK = "\ufeff"  # by which Excel knows that it is UTF-8
_OF = {**SPHERE, "note": "Private notes"}


async def portfolio_csv(visit: Visit, begins: str = "") -> Response:
    """Return the portfolio as it is filtered and sorted. begins: MARK where a person opens it."""
    lines = [line async for line in _lines(visit)]
    return _file("portfolio.csv", COLUMNS, lines, begins)


async def _lines(visit: Visit) -> AsyncIterator[list[str]]:
    async for line in portfolio.every(visit.tx, wanted_of(visit.request.query_params)):
        yield [cell(line, column) for column in COLUMNS]


async def record_csv(visit: Visit, customer_id: str, begins: str = "") -> Response:
    """Return everything that happened to a customer and was noted of it, as far as this reader may know it."""
    customer = await customers.find(visit.tx, customer_id)
    if customer is None:
        raise Missing
    people = People.of(await reading.names(visit.tx), customer)
    lines = [
        [
            one.at.isoformat(),
            _OF[one.sphere],
            happened(one.type),
            harmless(people.name(one.by) if one.by else ""),
            harmless(one.detail),
        ]
        for one in await customers.record(visit.tx, customer_id)
    ]
    return _file("record.csv", RECORD_COLUMNS, lines, begins)


def _file(name: str, columns: Iterable[str], lines: Iterable[list[str]], begins: str) -> Response:
    sheet = io.StringIO()
    sheet.write(begins)
    writer = csv.writer(sheet)
    writer.writerow(columns)
    writer.writerows(lines)
    headers = {"content-disposition": f"attachment; filename={name}"}
    return Response(sheet.getvalue(), media_type="text/csv", headers=headers)


def cell(line: Line, column: str) -> str:
    """Return a cell's text; numbers of ours may begin with a minus, words may not."""
    found = getattr(line, column)
    if found is None:
        return ""
    if column == "step":
        return STEP[found]
    if isinstance(found, float):
        return f"{found:.2f}"
    return harmless(found) if isinstance(found, str) else str(found)
