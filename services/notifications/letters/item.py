"""One thing among many in a letter: its headline, its next step, and why the reader gets it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.notifications.letters.catalogue import INSTEAD
from services.notifications.letters.content import link, plain

MOST_BESIDES = 10


@dataclass(frozen=True)
class Item:
    """One thing. take: URL by which the reader takes it in hand."""

    urgency: str
    headline: str
    next_step: str
    notes: tuple[str, ...] = ()
    take: str | None = None

    @property
    def is_urgent(self) -> bool:
        """Whether it is said so."""
        return self.urgency in ("critical", "high")


def items_of(said: Sequence[Mapping[str, Any]]) -> tuple[Item, ...]:
    """Return what is said of each: see digest.brief."""
    return tuple(
        Item(
            str(one.get("urgency", "normal")),
            "Something is behind the link." if one.get("brief") else str(one.get("headline") or "Something happened."),
            "" if one.get("brief") else str(one.get("next_step") or ""),
            _notes(one),
            link(one.get("take")),
        )
        for one in said
    )


def _notes(one: Mapping[str, Any]) -> tuple[str, ...]:
    notes = [f"You stand in for {one['stands_for']}."] if one.get("stands_for") else []
    notes += ["Nobody has taken it in hand in time."] if one.get("escalated") else []
    return (*notes, *([INSTEAD[one["instead"]]] if one.get("instead") in INSTEAD else []))


@dataclass(frozen=True)
class Besides:
    """What else a letter tells of. more: what is counted only."""

    items: tuple[Item, ...] = ()
    more: str | None = None


def besides(said: Sequence[Mapping[str, Any]], more: int = 0) -> Besides:
    """Return what waited about the customer while something newer came: a few of it, and how many more there are."""
    beyond = max(0, len(said) - MOST_BESIDES) + more
    items = items_of([plain(dict(one)) for one in said[:MOST_BESIDES]])
    return Besides(items, f"And {beyond} more, in Amicable." if beyond else None)
