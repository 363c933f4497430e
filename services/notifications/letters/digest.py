"""Many things in one letter, which reads like a briefing: who needs you, the most urgent first, with the next step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.notifications.domain.recipient import Recipient
from services.notifications.letters.content import link, plain
from services.notifications.letters.item import Item, items_of

MOST_ITEMS = 100
_URGENCIES = ("critical", "high", "normal", "low")


@dataclass(frozen=True)
class Group:
    """Everything about one customer, or about the system."""

    name: str
    link: str | None
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Digest:
    """more: what is counted only. told: what is said of each thing that is not."""

    subject: str
    title: str
    person: str
    opening: str
    groups: tuple[Group, ...]
    more: str | None
    fewer: str | None
    told: tuple[Mapping[str, Any], ...] = ()


def brief(
    items: Sequence[Mapping[str, Any]],
    recipient: Recipient,
    *,
    more: int = 0,
    summary: bool = False,
    fewer: str | None = None,
) -> Digest:
    """Return the briefing. Each item: customer (None: the system), urgency, headline, next_step, link; take,
    stands_for, escalated and brief as in a letter; template, and what its meeting needs. more: how many others are
    only counted. summary: of what was held back, because it came all at once.
    """
    said = sorted((plain(dict(one)) for one in items), key=_rank)
    by_name: dict[str, list[Mapping[str, Any]]] = {}
    for one in said:
        by_name.setdefault(str(one.get("customer") or "The system"), []).append(one)
    title = _title(said)
    beyond = max(0, len(said) - MOST_ITEMS) + more
    left = MOST_ITEMS
    groups, told = [], []
    for name, every in by_name.items():
        shown, left = every[:left], max(0, left - len(every))
        if shown:
            groups.append(Group(name, link(shown[0].get("link")), items_of(shown)))
            told += shown
    return Digest(
        subject=f"{'For your information' if _is_news(said) else 'Action needed'}: {title}",
        title=f"{_heading(title)} today",
        person=plain(recipient.name),
        opening=_opening(summary, len(said) + more),
        groups=tuple(groups),
        more=f"And {beyond} more, in Amicable." if beyond else None,
        fewer=link(fewer),
        told=tuple(told),
    )


def _rank(one: Mapping[str, Any]) -> int:
    urgency = one.get("urgency")
    return _URGENCIES.index(urgency) if urgency in _URGENCIES else len(_URGENCIES)


def _is_news(said: Sequence[Mapping[str, Any]]) -> bool:
    return all(one.get("urgency") == "low" for one in said)


def _title(said: Sequence[Mapping[str, Any]]) -> str:
    customers = {str(one["customer"]) for one in said if one.get("customer")}
    if _is_news(said):
        return f"news of {_counted(len(customers))}" if customers else "news of the system"
    if not customers:
        return "the system needs you"
    if len(customers) == 1:
        return f"{customers.pop()} needs you"
    return f"{len(customers)} customers need you"


def _heading(title: str) -> str:
    """Begin what is no customer's name with a capital letter."""
    return title[:1].upper() + title[1:] if title.startswith(("news of ", "the system ")) else title


def _counted(customers: int) -> str:
    return "1 customer" if customers == 1 else f"{customers} customers"


def _opening(summary: bool, number: int) -> str:
    if summary:
        return f"{number} messages came for you at once. Here they are in one, the most urgent first."
    return "This is what waits for you, the most urgent first."
