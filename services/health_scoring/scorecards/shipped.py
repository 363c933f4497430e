"""The cards that come with the product: one for each of the usual segments, and one of them for all others."""

from functools import cache
from importlib import resources

from services.health_scoring.domain.scorecard import Scorecard
from services.health_scoring.scorecards.reading import load

NAMES = ("smb", "mid-market", "enterprise")


@cache
def default_cards() -> tuple[Scorecard, ...]:
    """Return the cards that come with the product."""
    return tuple(load(text_of(name), f"{name}.yaml") for name in NAMES)


def text_of(name: str) -> str:
    """Return the file of the card that is called so."""
    return resources.files("services.health_scoring.scorecards").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
