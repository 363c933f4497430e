"""Which customers an address of the portfolio asks for."""

from collections.abc import Mapping
from dataclasses import asdict
from urllib.parse import urlencode

from services.console.page.words import BAND
from services.console.store.portfolio import SORTS, STEPS, Wanted

LONGEST = 100  # characters of a filter or a view's name
RENEWALS = (30, 90, 180)
DEFAULTS = Wanted()


def wanted_of(given: Mapping[str, str]) -> Wanted:
    """Return what an address asks for; what is not known asks for nothing."""
    band, step, sort = given.get("band", ""), given.get("step", ""), given.get("sort", "")
    renews = given.get("renews_within", "")
    return Wanted(
        search=_clean(given.get("search", "")),
        band=band if band in BAND else "",
        segment=_clean(given.get("segment", "")),
        csm=_clean(given.get("csm", "")),
        step=step if step in STEPS else "",
        renews_within=int(renews) if renews in {str(days) for days in RENEWALS} else 0,
        sort=sort if sort in SORTS else DEFAULTS.sort,
        down=given.get("down", "") in {"1", "True"},
    )


def _clean(text: str) -> str:
    return "".join(char for char in text if char.isprintable()).strip()[:LONGEST]


def query_of(wanted: Wanted) -> str:
    """Return the query of an address that asks for it; without its page."""
    defaults = asdict(DEFAULTS)
    asked = {name: value for name, value in asdict(wanted).items() if value != defaults[name]}
    return urlencode({name: "1" if value is True else value for name, value in asked.items()})
