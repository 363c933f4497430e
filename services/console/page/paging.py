"""Pages of a list."""

from dataclasses import dataclass
from datetime import MAXYEAR, datetime

from fastapi import Request

from services.console.store.reading import Place

MOST_PAGES = 10_000


@dataclass(frozen=True)
class Paging:
    """Which page of how many. base: the address up to the page's number, ending with ? or &."""

    page: int
    size: int
    total: int
    base: str

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
        return f"{self.base}page={page}"


def page_number(request: Request) -> int:
    """Return the page that is asked for, the first where it is none."""
    text = request.query_params.get("page", "1")
    return min(MOST_PAGES, max(1, int(text))) if text.isdecimal() and len(text) < 9 else 1


def place(request: Request) -> Place | None:
    """Return the line after which older ones are asked for."""
    at, _, id_ = request.query_params.get("before", "").partition(" ")
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (found, id_) if found.tzinfo is not None and 1 < found.year < MAXYEAR else None


def place_after(at: datetime, id_: str) -> str:
    """Return how `place` is written in an address."""
    return f"{at.isoformat()} {id_}"
