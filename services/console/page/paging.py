"""Pages of a list."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import MAXYEAR, datetime

from fastapi import Request

from services.console.store.part import One, Part
from services.console.store.reading import Place

MOST_PAGES = 10_000


@dataclass(frozen=True)
class Paging:
    """Which page of how many. base: the address up to the page's name and number, ending with ? or &.

    name: of the page's number in the address; part: where on the page the list stands.
    """

    page: int
    size: int
    total: int
    base: str
    name: str = "page"
    part: str = ""

    @property
    def pages(self) -> int:
        """How many pages there are, one at least."""
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """The number of the first one shown."""
        return min(self.total, (self.page - 1) * self.size + 1)

    @property
    def last(self) -> int:
        """The number of the last one shown."""
        return min(self.total, self.page * self.size)

    def address(self, page: int) -> str:
        """Return the address of another page."""
        return f"{self.base}{self.name}={page}{self.part}"


async def page_of(
    request: Request, ask: Callable[[int], Awaitable[Part[One]]], paging: Paging
) -> tuple[Part[One], Paging]:
    """Return the page that is asked for, by its offset; past the end, as of an old address, the last one there is."""
    number = page_number(request, paging.name)
    part = await ask((number - 1) * paging.size)
    known = replace(paging, page=number, total=part.total)
    if number <= known.pages:
        return part, known
    return await ask((known.pages - 1) * paging.size), replace(known, page=known.pages)


def page_number(request: Request, name: str = "page") -> int:
    """Return the page that is asked for, the first where it is none."""
    text = request.query_params.get(name, "1")
    return min(MOST_PAGES, max(1, int(text))) if text.isdecimal() and len(text) < 9 else 1


def place(request: Request, name: str = "before") -> Place | None:
    """Return the line after which older ones are asked for."""
    at, _, id_ = request.query_params.get(name, "").partition(" ")
    found = moment(at)
    return (found, id_) if found is not None else None


def moment(text: str) -> datetime | None:
    """Return a moment of an address, None where it is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None and 1 < found.year < MAXYEAR else None


def place_after(at: datetime, id_: str) -> str:
    """Return how `place` is written in an address."""
    return f"{at.isoformat()} {id_}"
